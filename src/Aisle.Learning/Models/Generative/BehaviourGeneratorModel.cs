using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// Scores are ln p(item), given attributes and what the shopper did, either of which may be missing: an empty history is answered with what
/// everybody does. Items that nobody touched in training are unknown: they score −∞ and are left out of histories.
/// </summary>
public sealed class BehaviourGeneratorModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>More numbers than this in one matrix cannot be meant.</summary>
    private const int MostNumbers = 1 << 30;

    private readonly BehaviourNetwork _network;
    private readonly Interactions _train;
    private readonly KnownPeople _people;
    private readonly PackedMatrix _outputs;
    private readonly bool[] _isKnown;
    private readonly float[] _norms;

    internal BehaviourGeneratorModel(BehaviourNetwork network, Interactions train, KnownPeople people)
    {
        this._network = network;
        this._train = train;
        this._people = people;
        var items = network.Items;
        this._outputs = PackedMatrix.FromColumns(items.Values, items.Columns, items.Rows, items.Columns);
        this._isKnown = new bool[train.Items];
        foreach (var item in train.AllItems) this._isKnown[item] = true;
        this._norms = new float[train.Items];
        for (var item = 0; item < this._norms.Length; item++) this._norms[item] = MathF.Sqrt(Vectors.Dot(items.Row(item), items.Row(item)));
    }

    public override string Name => BehaviourGeneratorTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    /// <summary>Attribute values that can be told, as numbered by the attributes of training.</summary>
    public int AttributeValues => this._people.IsUsed.Length;

    /// <summary>Scores every item for somebody whom training did not know, by attributes and first items.</summary>
    /// <param name="attributes">Values in [0, <see cref="AttributeValues"/>); may be empty.</param>
    /// <param name="scores">Items values; overwritten.</param>
    public void ScoreNewcomer(ReadOnlySpan<int> attributes, History history, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckScores(this, 1, scores);
        this.Score(Bags.Of([this.Used(attributes)]), Bags.Of([this.Known(history.Items)]), scores);
    }

    /// <summary>
    /// A plausible beginning for somebody of whom little is known: item after item is drawn from the distribution given attributes, the known
    /// items and those drawn before, so that what is drawn fits together. The same seed draws the same items.
    /// </summary>
    /// <param name="attributes">Values in [0, <see cref="AttributeValues"/>); may be empty.</param>
    /// <param name="known">What the shopper did; may be empty. It is not drawn again.</param>
    /// <param name="count">Items to draw; fewer come back where no more are known.</param>
    /// <returns>The drawn items, in the order in which they were drawn; a model's history is the known items followed by them.</returns>
    public int[] DrawHistory(ReadOnlySpan<int> attributes, ReadOnlySpan<int> known, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        TrainingInput.CheckHistory(this, new History(known));
        var told = Bags.Of([this.Used(attributes)]);
        List<int> history = [.. this.Known(known)], drawn = [];
        var scores = new float[this.Items];
        var random = new RandomStream(seed);
        var left = this._isKnown.Count(isKnown => isKnown) - history.Count;
        for (; drawn.Count < count && left > 0; left--)
        {
            this.Score(told, Bags.Of([history]), scores);
            foreach (var item in history) scores[item] = float.NegativeInfinity;
            SoftmaxRow.Apply(scores, 1f);
            Span<int> next = [0];
            CatalogueDraws.Draw(scores, [random.Uniform()], next);
            history.Add(next[0]);
            drawn.Add(next[0]);
        }

        return [.. drawn];
    }

    /// <summary>A plausible beginning for a user of training, of whom attributes are known and perhaps little else.</summary>
    public int[] DrawHistory(int user, int count, int seed)
    {
        TrainingInput.CheckUsers(this, [user]);
        return this.DrawHistory(this._people.Of(user), this._train.ItemsOf(user), count, seed);
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        foreach (var number in (int[])[this.Users, this.Items, this.AttributeValues, this._network.Shape.Dimensions]) writer.Write(number);
        writer.WriteSparseRows(this._train);
        writer.WriteArray<byte>(this._people.IsUsed);
        writer.WriteSparseRows(this._people.Values);
        foreach (var parameter in this._network.Parameters) writer.WriteArray<float>(parameter.Values);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static BehaviourGeneratorModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, BehaviourGeneratorTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var values = reader.ReadInt32("the number of attribute values", 0, 1 << 24);
        var dimensions = reader.ReadInt32("dimensions", 4, 1024);
        if ((long)Math.Max(items, values) * dimensions > MostNumbers) throw reader.Broken($"{items} items and {values} attribute values of {dimensions} dimensions do not fit in memory");
        var train = reader.ReadSparseRows("the histories", users, items);
        var isUsed = reader.ReadArray<byte>("the marks of used attribute values", values);
        if (isUsed.AsSpan().ContainsAnyExcept((byte)0, (byte)1)) throw reader.Broken("a mark of a used attribute value is neither 0 nor 1");
        var people = reader.ReadSparseRows("the users' attributes", users, values);

        // The first table binds the number of items to bytes that are there, before room for the others is taken.
        var first = reader.ReadFiniteArray("the table of known items", (long)items * dimensions);
        var random = new RandomStream(0);
        var network = new BehaviourNetwork(new GeneratorShape(items, values, dimensions), dropRate: 0, ref random);
        var isFirst = true;
        foreach (var parameter in network.Parameters)
        {
            (isFirst ? first : reader.ReadFiniteArray(parameter.Name, parameter.Length)).CopyTo(parameter.Values);
            isFirst = false;
        }

        return new BehaviourGeneratorModel(network, train, new KnownPeople(people, isUsed));
    }

    private protected override History HistoryOf(int user) => new(this._train.ItemsOf(user));

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        int[][] told = new int[users.Length][], known = new int[users.Length][];
        for (var i = 0; i < users.Length; i++) (told[i], known[i]) = (this._people.Of(users[i]).ToArray(), this._train.ItemsOf(users[i]).ToArray());
        this.Score(Bags.Of(told), Bags.Of(known), scores);
    }

    private protected override void Score(History history, Span<float> scores) => this.Score(Bags.Of([Array.Empty<int>()]), Bags.Of([this.Known(history.Items)]), scores);

    /// <summary>Cosine of the two items' rows of the output layer.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (!this._isKnown[item]) return;
        var outputs = this._network.Items;
        for (var other = 0; other < scores.Length; other++)
        {
            if (this._isKnown[other] && this._norms[other] > 0f && this._norms[item] > 0f) scores[other] = Vectors.Dot(outputs.Row(item), outputs.Row(other)) / (this._norms[item] * this._norms[other]);
        }
    }

    /// <summary>What an item's score loses, beside the others', when the interaction is left out; an item that occurs repeatedly is left out whole, and its part shared.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var known = this.Known(history.Items);
        if (known.Length == 0) return true;
        int[][] rows = [known, .. known.Select(left => known.Where(item => item != left).ToArray())];
        var states = this.Encode(Bags.Of(Array.ConvertAll<int[], int[]>(rows, _ => [])), Bags.Of(rows));
        for (var j = 0; j < items.Length; j++)
        {
            if (!this._isKnown[items[j]]) continue;
            var output = this._network.Items.Row(items[j]);
            var whole = Vectors.Dot(states.Row(0), output);
            for (var i = 0; i < history.Items.Length; i++)
            {
                var at = Array.IndexOf(known, history.Items[i]);
                if (at >= 0) contributions[(j * history.Items.Length) + i] = (whole - Vectors.Dot(states.Row(at + 1), output)) / history.Items.Count(history.Items[i]);
            }
        }

        return true;
    }

    private int[] Used(ReadOnlySpan<int> attributes)
    {
        foreach (var value in attributes)
        {
            if ((uint)value >= (uint)this.AttributeValues)
                throw new ArgumentException($"{this.Name}: attribute value {value} was not in training; known are {this.AttributeValues}, numbered from 0.");
        }

        return [.. attributes.ToArray().Where(value => this._people.IsUsed[value] == 1).Distinct().Order()];
    }

    /// <summary>Distinct items that training knew.</summary>
    private int[] Known(ReadOnlySpan<int> items) => [.. items.ToArray().Where(item => this._isKnown[item]).Distinct().Order()];

    private Tensor Encode(Bags told, Bags known) => this._network.Encode(new Tape(threads: 1, isTraining: false), told, known);

    private void Score(Bags told, Bags known, Span<float> scores)
    {
        var rows = this.Encode(told, known);
        Gemm.Multiply(rows.Values, rows.Rows, rows.Columns, this._outputs, scores);
        var shares = new float[this.Items];
        for (var i = 0; i < rows.Rows; i++)
        {
            var own = scores.Slice(i * this.Items, this.Items);
            Vectors.AddScaled(1f, this._network.Bias.Values, own);
            for (var item = 0; item < own.Length; item++)
            {
                if (!this._isKnown[item]) own[item] = float.NegativeInfinity;
            }

            own.CopyTo(shares);
            var logSum = SoftmaxRow.Apply(shares, 1f);
            foreach (ref var score in own) score -= logSum;
        }
    }
}
