using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>How likely and how soon each item is bought again. What a history does not hold is no repeat and scores −∞.</summary>
public sealed class RepeatPurchaseModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    private const double SecondsPerDay = 86_400;

    /// <summary>However regular an item is, its log intervals are not believed to vary less than this.</summary>
    private const double LeastDeviation = 0.1;

    private readonly RepeatPurchaseOptions _options;
    private readonly Sequences _sequences;

    /// <summary>Latest time of training, from which the ages of its events count.</summary>
    private readonly long _latest;

    /// <summary>By item: probability that a customer buys it again.</summary>
    private readonly double[] _repeats;

    /// <summary>By item: mean and deviation of the logarithm of its intervals; null where training has none.</summary>
    private readonly (double Mean, double Deviation)[]? _intervals;

    internal RepeatPurchaseModel(RepeatPurchaseOptions options, Sequences sequences)
    {
        this._options = options;
        this._sequences = sequences;
        this._latest = TransitionCounts.Latest(sequences);
        var customers = new double[sequences.Items];
        var repeaters = new double[sequences.Items];
        var logs = new List<(int Item, double Log)>();
        for (var user = 0; user < sequences.Users; user++)
        {
            foreach (var purchases in this.PurchasesOf(new History(sequences.ItemsOf(user), default, this.AgesOf(user))))
            {
                customers[purchases.Item]++;
                if (purchases.Times > 1) repeaters[purchases.Item]++;
                foreach (var interval in purchases.Intervals) logs.Add((purchases.Item, Math.Log(interval)));
            }
        }

        // One more of each, so that neither "never" nor "always" is believed.
        var overall = (repeaters.Sum() + 1) / (customers.Sum() + 2);
        this._repeats = [.. repeaters.Zip(customers, (again, all) => (again + (options.ItemShrinkage * overall)) / (all + options.ItemShrinkage))];
        this._intervals = logs.Count == 0 ? null : IntervalsOf(logs, sequences.Items, options.IntervalShrinkage);
    }

    public override string Name => RepeatPurchaseTrainer.ModelName;

    public override int Users => this._sequences.Users;

    public override int Items => this._sequences.Items;

    private protected override bool ReadsRows => true;

    /// <summary>As of the latest event of training.</summary>
    private protected override History HistoryOf(int user) => new History(this._sequences.ItemsOf(user), default, this.AgesOf(user));

    /// <summary>All −∞: this model knows no likeness.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
    }

    /// <summary>An item is there for its own events, in equal parts.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var scores = new float[this.Items];
        this.Score(history, scores);
        for (var row = 0; row < items.Length; row++)
        {
            var events = history.Items.Count(items[row]);
            for (var i = 0; i < history.Items.Length; i++)
            {
                if (history.Items[i] == items[row]) contributions[(row * history.Items.Length) + i] = scores[items[row]] / events;
            }
        }

        return true;
    }

    /// <summary>Exactly what a fit on the old and the new events together gives, in time linear in the events.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        TrainingInput.Check(this.Name, added, context);
        var all = this._sequences.Append(TrainingInput.CheckOrder(this.Name, added));
        if (all.HasTimes != this._sequences.HasTimes)
            throw new ArgumentException($"{this.Name}: the model was fitted on events with times, but those added have none. Give them times, or fit anew on all together.");
        var model = new RepeatPurchaseModel(this._options, all);
        context.Progress?.Report(new TrainingStep(this.Name, "intervals", 1, 1));
        return model;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteArray<double>([this._options.ItemShrinkage, this._options.UserShrinkage, this._options.IntervalShrinkage, this._options.SamePurchaseDays]);
        writer.WriteSequences(this._sequences);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static RepeatPurchaseModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, RepeatPurchaseTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var numbers = reader.ReadArray<double>("the options", 4);
        var options = new RepeatPurchaseOptions
        {
            ItemShrinkage = numbers[0],
            UserShrinkage = numbers[1],
            IntervalShrinkage = numbers[2],
            SamePurchaseDays = numbers[3],
        };
        reader.Validate(options.Validate);
        return new RepeatPurchaseModel(options, reader.ReadSequences("the sequences", users, items));
    }

    /// <summary>Give the ages where training had times; without them only the probability of ever buying again counts. Weights make no difference.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        var timed = this._intervals is not null && (!this._sequences.HasTimes || !history.Ages.IsEmpty);
        foreach (var purchases in this.PurchasesOf(history))
        {
            var own = this._options.UserShrinkage;
            var again = ((own * this._repeats[purchases.Item]) + purchases.Times - 1) / (own + purchases.Times - 1);
            scores[purchases.Item] = timed ? (float)this.RateNow(purchases, again) : (float)again;
        }
    }

    /// <summary>p · f(t) / (1 − p · F(t)).</summary>
    private double RateNow(Purchases purchases, double again)
    {
        var own = this._options.UserShrinkage;
        var (mean, deviation) = this._intervals![purchases.Item];
        mean = ((own * mean) + purchases.Intervals.Sum(Math.Log)) / (own + purchases.Intervals.Count);
        var z = (Math.Log(purchases.SinceLast) - mean) / deviation;
        var density = Math.Exp(-0.5 * z * z) / (deviation * purchases.SinceLast * Math.Sqrt(2 * Math.PI));
        return again * density / (1 - (again * Cumulative(z)));
    }

    /// <summary>A history item by item. The clock counts days where training has times, else events; where it has but the history has not, it stands still.</summary>
    private List<Purchases> PurchasesOf(History history)
    {
        var ages = new double[history.Items.Length];
        for (var i = 0; i < ages.Length; i++) ages[i] = !this._sequences.HasTimes ? ages.Length - i : history.Ages.IsEmpty ? 0 : history.Ages[i];
        var least = this._sequences.HasTimes ? this._options.SamePurchaseDays : 1;
        var known = !this._sequences.HasTimes || !history.Ages.IsEmpty;
        var found = new List<Purchases>();
        var items = history.Items.ToArray();
        foreach (var group in Enumerable.Range(0, items.Length).GroupBy(place => items[place]))
        {
            var intervals = new List<double>();
            var times = 0;
            var last = double.PositiveInfinity;
            foreach (var age in group.Select(place => ages[place]).OrderDescending())
            {
                if (known && last - age < least) continue;
                if (known && times > 0) intervals.Add(last - age);
                last = age;
                times++;
            }

            found.Add(new Purchases(group.Key, times, Math.Max(least, last), intervals));
        }

        return found;
    }

    private float[] AgesOf(int user)
    {
        var ages = new float[this._sequences.HasTimes ? this._sequences.CountOf(user) : 0];
        for (var i = 0; i < ages.Length; i++) ages[i] = (float)(((double)this._latest - this._sequences.TimesOf(user)[i]) / SecondsPerDay);
        return ages;
    }

    /// <summary>Mean and deviation by item, shrunk to those of all intervals.</summary>
    private static (double Mean, double Deviation)[] IntervalsOf(List<(int Item, double Log)> logs, int items, double shrinkage)
    {
        var overall = logs.Average(interval => interval.Log);
        var means = new double[items];
        var counts = new double[items];
        foreach (var (item, log) in logs)
        {
            means[item] += log;
            counts[item]++;
        }

        for (var item = 0; item < items; item++) means[item] = (means[item] + (shrinkage * overall)) / (counts[item] + shrinkage);
        var squares = new double[items];
        foreach (var (item, log) in logs) squares[item] += (log - means[item]) * (log - means[item]);
        var variance = squares.Sum() / logs.Count;
        return [.. Enumerable.Range(0, items).Select(item =>
            (means[item], Math.Max(LeastDeviation, Math.Sqrt((squares[item] + (shrinkage * variance)) / (counts[item] + shrinkage)))))];
    }

    /// <summary>The standard normal distribution, to seven places: Abramowitz, Stegun, Handbook of mathematical functions, 26.2.17.</summary>
    private static double Cumulative(double z)
    {
        var t = 1 / (1 + (0.2316419 * Math.Abs(z)));
        var polynomial = t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        var upper = Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI) * polynomial;
        return z >= 0 ? 1 - upper : upper;
    }

    /// <summary>One shopper's purchases of one item.</summary>
    /// <param name="SinceLast">On the clock of the model, above 0.</param>
    /// <param name="Intervals">Between one purchase and the next, each above 0; empty where times are unknown.</param>
    private sealed record Purchases(int Item, int Times, double SinceLast, List<double> Intervals);
}
