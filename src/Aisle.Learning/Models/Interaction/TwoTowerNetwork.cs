using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// input_i = id_i + Σ_f weight_if · feature_f;  item_i = |input_i + dense(input_i)|;  user = |x + dense(x)| where x is the mean over the history
/// of age weight · input, plus the mean of the user's attributes; |…| is length 1. The score is user · item / temperature.
/// </summary>
internal sealed class TwoTowerNetwork
{
    private const int DrawStream = 0x5454;

    /// <summary>Chance that a step does not know what the shopper is told to be: of someone new nothing is.</summary>
    private const float UserDropout = 0.5f;

    /// <summary>Rows that go through a tower at a time when the finished model is written down.</summary>
    private const int Block = 1024;

    private readonly TwoTowerOptions _options;
    private readonly Attributes? _told;
    private readonly double[] _chances;
    private readonly ItemInputs _inputs;
    private readonly Parameter? _userValues;
    private readonly Mlp _itemTower;
    private readonly UserTower _userTower;

    /// <param name="content">Items × features; null where nothing is told.</param>
    /// <param name="told">Attributes of the users, if any.</param>
    public TwoTowerNetwork(TwoTowerOptions options, Interactions train, Interactions? content, Attributes? told)
    {
        this._options = options;
        this._told = told;
        var source = new ParameterSource(options.Seed);
        this._userTower = new UserTower(source, options.Dimensions, options.Hidden, options.HistoryLength);
        this._itemTower = new Mlp(source, "item", options.Dimensions, UserTower.Widths(options.Dimensions, options.Hidden), endsInRelu: false);
        this._inputs = new ItemInputs(source, train, content, options.Dimensions, options.IdDropout);
        if (told is { Values: > 0 }) this._userValues = source.Make("userValues", told.Values, options.Dimensions, 0.1f / MathF.Sqrt(options.Dimensions), isTable: true);
        this.Parameters = source.Made;
        this._chances = new double[train.Items];
        foreach (var item in train.AllItems) this._chances[item] += 1.0 / train.Count;
    }

    public IReadOnlyList<Parameter> Parameters { get; }

    public Tensor Loss(Tape tape, HistoryExamples examples, int[] batch)
    {
        var step = unchecked((int)tape.Step);
        List<int> history = [];
        var starts = new int[batch.Length + 1];
        var shoppers = new int[batch.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            var random = new RandomStream(this._options.Seed ^ DrawStream, step, i + 1);
            examples.AddHistory(batch[i], ref random, history);
            shoppers[i] = random.Uniform() >= UserDropout ? examples.UserOf(batch[i]) : -1;
            starts[i + 1] = history.Count;
        }

        var draws = new RandomStream(this._options.Seed ^ DrawStream, step);
        var candidates = this.Candidates(Array.ConvertAll(batch, examples.TargetOf), ref draws, out var targets, out var corrections);
        var distinct = new List<int>(candidates);
        var values = new int[history.Count];
        for (var i = 0; i < values.Length; i++) values[i] = this._inputs.Place(history[i], distinct);
        this._inputs.Clear(distinct);
        var inputs = this._inputs.Apply(tape, [.. distinct], ref draws);

        // The candidates are the first of the distinct items.
        var places = new int[candidates.Count];
        for (var i = 0; i < places.Length; i++) places[i] = i;
        var items = this.Items(tape, tape.Gather(inputs, places));
        var users = this._userTower.Apply(tape, inputs, starts, values, examples.IsOrdered, this.Told(tape, shoppers), (float)this._options.Dropout);
        return tape.CatalogueSoftmax(tape.Scale(users, (float)(1 / this._options.Temperature)), items, targets, tape.Constant(1, corrections.Length, corrections));
    }

    /// <summary>The model of what was learned: every item and every user written down as a vector.</summary>
    public TwoTowerModel Finish(HistoryExamples examples, int userCount, int threads)
    {
        var tape = new Tape(threads, isTraining: false);
        var width = this._options.Dimensions;
        var inputs = this._inputs.WriteDown(tape);
        float[] items = new float[inputs.Length], users = new float[(long)userCount * width];
        for (var first = 0; first < this._inputs.Items; first += Block)
        {
            tape.Begin(0);
            var rows = Math.Min(Block, this._inputs.Items - first);
            this.Items(tape, tape.Constant(rows, width, inputs.AsSpan(first * width, rows * width))).Values.CopyTo(items.AsSpan(first * width));
        }

        for (var first = 0; first < userCount; first += Block)
        {
            tape.Begin(0);
            int[] rows = [.. Enumerable.Range(first, Math.Min(Block, userCount - first))];
            var starts = new int[rows.Length + 1];
            List<int> history = [];
            for (var i = 0; i < rows.Length; i++)
            {
                history.AddRange(examples.HistoryOf(rows[i]));
                starts[i + 1] = history.Count;
            }

            var table = tape.Constant(this._inputs.Items, width, inputs);
            var vectors = this._userTower.Apply(tape, table, starts, [.. history], examples.IsOrdered, this.Told(tape, rows), 0f);
            for (var i = 0; i < rows.Length; i++)
            {
                if (starts[i + 1] > starts[i]) vectors.Row(i).CopyTo(users.AsSpan(rows[i] * width));
            }
        }

        return new TwoTowerModel(this._userTower, examples.IsOrdered, inputs, items, users, this._inputs.Known());
    }

    /// <summary>What the examples took up and what was drawn, each once, with ln of the chance of standing there, below zero.</summary>
    /// <param name="targets">The place of each example's item.</param>
    private List<int> Candidates(int[] wanted, ref RandomStream random, out int[] targets, out float[] corrections)
    {
        List<int> candidates = [];
        targets = new int[wanted.Length];
        for (var i = 0; i < wanted.Length; i++) targets[i] = this._inputs.Place(wanted[i], candidates);
        var isWhole = this._options.Negatives >= this._inputs.Touched.Length;
        if (isWhole) foreach (var item in this._inputs.Touched) this._inputs.Place(item, candidates);
        for (var i = 0; i < this._options.Negatives && !isWhole; i++) this._inputs.Place(this._inputs.Touched[random.Below(this._inputs.Touched.Length)], candidates);
        corrections = new float[candidates.Count];
        var absent = this._options.Negatives * Math.Log(1 - (1.0 / this._inputs.Touched.Length));
        for (var i = 0; i < corrections.Length && !isWhole; i++)
        {
            var chance = 1 - Math.Exp((wanted.Length * Math.Log(1 - Math.Min(0.999_999, this._chances[candidates[i]]))) + absent);
            corrections[i] = -(float)Math.Log(Math.Max(1e-12, chance));
        }

        return candidates;
    }

    private Tensor Items(Tape tape, Tensor inputs) => tape.RowsOfLength(this._options.Hidden == 0 ? inputs : tape.Add(inputs, this._itemTower.Apply(tape, inputs)), 1f);

    /// <param name="users">−1 for someone of whom nothing is told.</param>
    private Tensor? Told(Tape tape, int[] users)
    {
        if (this._userValues is null) return null;
        var starts = new int[users.Length + 1];
        List<int> values = [];
        for (var i = 0; i < users.Length; i++)
        {
            if (users[i] >= 0) values.AddRange(this._told!.ValuesOf(users[i]));
            starts[i + 1] = values.Count;
        }

        return tape.SumBags(this._userValues, new Bags(starts, [.. values]).Means());
    }
}

/// <summary>From what a shopper did to a vector of length 1.</summary>
internal sealed class UserTower
{
    private readonly Parameter _ages;
    private readonly Mlp _dense;
    private readonly int _hidden;

    public UserTower(ParameterSource source, int dimensions, int hidden, int historyLength)
    {
        this._hidden = hidden;
        this.HistoryLength = historyLength;

        // A weight for the latest event, the last but one…; the last row is for histories whose order is unknown.
        this._ages = source.Make("ages", historyLength + 1, 1, 0f, mean: 1f, isTable: true);
        this._dense = new Mlp(source, "user", dimensions, Widths(dimensions, hidden), endsInRelu: false);
        this.Parameters = [.. source.Made];
    }

    public int HistoryLength { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public static int[] Widths(int dimensions, int hidden) => hidden == 0 ? [] : [hidden, dimensions];

    /// <param name="inputs">Item inputs.</param>
    /// <param name="starts">History h is values[starts[h]] … values[starts[h + 1] − 1]: rows of the inputs.</param>
    /// <param name="told">What is added for what the shopper is; null for nothing.</param>
    public Tensor Apply(Tape tape, Tensor inputs, int[] starts, int[] values, bool isOrdered, Tensor? told, float dropRate)
    {
        var ages = new int[values.Length];
        var shares = new float[values.Length];
        for (var row = 0; row + 1 < starts.Length; row++)
        {
            for (var i = starts[row]; i < starts[row + 1]; i++)
            {
                ages[i] = isOrdered ? Math.Min(this.HistoryLength - 1, starts[row + 1] - 1 - i) : this.HistoryLength;
                shares[i] = 1f / (starts[row + 1] - starts[row]);
            }
        }

        var weights = tape.Multiply(tape.Gather(this._ages, ages), tape.Constant(values.Length, 1, shares));
        var x = tape.SumBags(inputs, new Bags(starts, values), weights);
        if (told is not null) x = tape.Add(x, told);
        x = tape.Dropout(x, dropRate);
        return tape.RowsOfLength(this._hidden == 0 ? x : tape.Add(x, this._dense.Apply(tape, x)), 1f);
    }
}
