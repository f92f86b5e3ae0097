using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="MarkovTrainer"/>.</summary>
public sealed record MarkovOptions
{
    /// <summary>Most events before the next one that are looked at. 1 to 20, default 3; 1 is the first-order chain.</summary>
    public int Order { get; init; } = 3;

    /// <summary>Events that may lie between a context and what counts as following it. 0 to 20, default 2.</summary>
    public int Skip { get; init; } = 2;

    /// <summary>What follows after g skipped events counts skipDecay^g. 0 to 1, default 0.5.</summary>
    public double SkipDecay { get; init; } = 0.5;

    /// <summary>A context seen n times outweighs the shorter one n : smoothing. 0 to 1,000,000, default 2.</summary>
    public double Smoothing { get; init; } = 2;

    internal void Validate()
    {
        OptionRange.Check(MarkovTrainer.ModelName, this.Order, 1, 20);
        OptionRange.Check(MarkovTrainer.ModelName, this.Skip, 0, 20);
        OptionRange.Check(MarkovTrainer.ModelName, this.SkipDecay, 0, 1);
        OptionRange.Check(MarkovTrainer.ModelName, this.Smoothing, 0, 1_000_000);
    }
}

/// <summary>
/// A Markov chain of variable order: what came next where others had just done the same. With c_o the last o events,
/// F_o(j) the weights of j after c_o (1 for the event that follows, skipDecay^g after g others) as shares of all that follows c_o, and n_o
/// the times that c_o was followed by anything: P_1 = F_1, P_o = (n_o · F_o + smoothing · P_(o−1)) / (n_o + smoothing).
/// </summary>
/// <remarks>
/// Shani, Heckerman, Brafman: An MDP-based recommender system (JMLR 2005), whose skipping and mixing these are; the
/// interpolation is that of Witten, Bell: The zero-frequency problem (IEEE Transactions on Information Theory, 1991) with a constant.
/// </remarks>
public sealed class MarkovTrainer : ITrainer
{
    public const string ModelName = "markov";

    private readonly MarkovOptions _options;

    public MarkovTrainer(MarkovOptions? options = null)
    {
        this._options = options ?? new MarkovOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.MarkovOptions);

    /// <summary>Nothing is counted yet: contexts are counted where they are asked for.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var model = new MarkovModel(this._options, TrainingInput.CheckOrder(this.Name, data));
        context.Progress?.Report(new TrainingStep(this.Name, "index", 1, 1));
        return model;
    }
}

/// <summary>
/// The training sequences and where each item stands in them. A question visits all places of the history's last item and sees how many of the
/// events before agree, which counts contexts of every order at once without a table of them. Items that never followed the last one score −∞.
/// </summary>
public sealed class MarkovModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    private readonly MarkovOptions _options;
    private readonly Sequences _sequences;
    private readonly Occurrences _occurrences;

    internal MarkovModel(MarkovOptions options, Sequences sequences)
    {
        this._options = options;
        this._sequences = sequences;
        this._occurrences = new Occurrences(sequences);
    }

    public override string Name => MarkovTrainer.ModelName;

    public override int Users => this._sequences.Users;

    public override int Items => this._sequences.Items;

    /// <summary>What follows the end of the user's sequence of training.</summary>
    private protected override bool ReadsRows => true;

    private protected override History HistoryOf(int user) => new(this._sequences.ItemsOf(user));

    /// <summary>What the longer context adds to the shorter one's share goes to the event that it is longer by: less than 0 where that event speaks against the item.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        if (history.Items.IsEmpty) return true;
        var orders = this.CountOrders(history.Items);
        for (var row = 0; row < items.Length; row++)
        {
            var shorter = 0.0;
            for (var order = 1; order <= orders.Length && orders[order - 1].Times > 0; order++)
            {
                var share = this.Interpolated(orders, order, items[row], shorter);
                contributions[((row + 1) * history.Items.Length) - order] = (float)(share - shorter);
                shorter = share;
            }
        }

        return true;
    }

    /// <summary>Exactly what a fit on the old and the new events together gives: places are added, in time linear in the events.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        TrainingInput.Check(this.Name, added, context);
        var model = new MarkovModel(this._options, this._sequences.Append(TrainingInput.CheckOrder(this.Name, added)));
        context.Progress?.Report(new TrainingStep(this.Name, "index", 1, 1));
        return model;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._options.Order);
        writer.Write(this._options.Skip);
        writer.WriteArray([this._options.SkipDecay, this._options.Smoothing]);
        writer.WriteSequences(this._sequences);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static MarkovModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, MarkovTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var order = reader.ReadInt32("order", 1, 20);
        var skip = reader.ReadInt32("skip", 0, 20);
        var numbers = reader.ReadArray<double>("the options", 2);
        var options = new MarkovOptions { Order = order, Skip = skip, SkipDecay = numbers[0], Smoothing = numbers[1] };
        reader.Validate(options.Validate);
        return new MarkovModel(options, reader.ReadSequences("the sequences", users, items));
    }

    /// <summary>The history must be in order, oldest first. Weights make no difference: a chain knows events, not strengths.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (history.Items.IsEmpty) return;
        var orders = this.CountOrders(history.Items);
        foreach (var item in orders[0].Weights.Keys)
        {
            var share = 0.0;
            for (var order = 1; order <= orders.Length && orders[order - 1].Times > 0; order++) share = this.Interpolated(orders, order, item, share);
            scores[item] = (float)share;
        }
    }

    private double Interpolated(Followers[] orders, int order, int item, double shorter)
    {
        var (times, sum) = (orders[order - 1].Times, orders[order - 1].Sum);
        var share = orders[order - 1].Weights.GetValueOrDefault(item) / sum;
        return order == 1 ? share : ((times * share) + (this._options.Smoothing * shorter)) / (times + this._options.Smoothing);
    }

    /// <summary>What followed the last 1, 2, … events of the history.</summary>
    private Followers[] CountOrders(ReadOnlySpan<int> history)
    {
        var orders = new Followers[Math.Min(this._options.Order, history.Length)];
        for (var order = 0; order < orders.Length; order++) orders[order] = new Followers();
        var all = this._sequences.AllItems;
        foreach (var place in this._occurrences.Of(history[^1]))
        {
            var row = this._occurrences.RowOf[place];
            var (start, end) = (this._sequences.RowStarts[row], this._sequences.RowStarts[row + 1]);
            if (place + 1 == end) continue;
            var agree = 1;
            while (agree < orders.Length && place - agree >= start && all[place - agree] == history[^(agree + 1)]) agree++;
            for (var order = 0; order < agree; order++) orders[order].Times++;
            var weight = 1.0;
            for (var next = place + 1; next < end && next <= place + 1 + this._options.Skip && weight > 0; next++, weight *= this._options.SkipDecay)
            {
                for (var order = 0; order < agree; order++) orders[order].Add(all[next], weight);
            }
        }

        return orders;
    }

    /// <summary>What followed one context.</summary>
    private sealed class Followers
    {
        public Dictionary<int, double> Weights { get; } = [];

        public double Sum { get; private set; }

        public int Times { get; set; }

        public void Add(int item, double weight)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(this.Weights, item, out _) += weight;
            this.Sum += weight;
        }
    }
}
