using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="TrendingTrainer"/>.</summary>
public sealed record TrendingOptions
{
    /// <summary>The last days whose rate is looked at, the latest of all included. 1 to 365, default 7.</summary>
    public int WindowDays { get; init; } = 7;

    /// <summary>Days before the window that an item is compared with. 1 to 3,650, default 28.</summary>
    public int PastDays { get; init; } = 28;

    /// <summary>Events added to both what was seen and what was expected: two events after none are no trend. 0.01 to 10,000, default 2.</summary>
    public double Smoothing { get; init; } = 2;

    /// <summary>z: standard errors that are taken off the logarithm of growth, so that small counts must be the clearer. 0 to 10, default 1.64 (certain at 95 %).</summary>
    public double Certainty { get; init; } = 1.64;

    internal void Validate()
    {
        OptionRange.Check(TrendingTrainer.ModelName, this.WindowDays, 1, 365);
        OptionRange.Check(TrendingTrainer.ModelName, this.PastDays, 1, 3650);
        OptionRange.Check(TrendingTrainer.ModelName, this.Smoothing, 0.01, 10_000);
        OptionRange.Check(TrendingTrainer.ModelName, this.Certainty, 0, 10);
    }
}

/// <summary>
/// What is on the rise: an item's events k in the last days against the number e that its own past rate h / L lets expect. The score is a
/// lower bound of the growth, for counts by Poisson: exp(log((k + s) / (e + s)) − z √(1 / (k + s) + 1 / (h + s))).
/// </summary>
public sealed class TrendingTrainer : ITrainer
{
    public const string ModelName = "trending";

    private readonly TrendingOptions _options;

    public TrendingTrainer(TrendingOptions? options = null)
    {
        this._options = options ?? new TrendingOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.TrendingOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var counts = DailyCounts.Of(this.Name, data, this._options.WindowDays + this._options.PastDays);
        context.Cancellation.ThrowIfCancellationRequested();
        context.Progress?.Report(new TrainingStep(this.Name, "count", 1, 1));
        return new TrendingModel(train.Users, counts, this._options);
    }
}

/// <summary>Events of each item by whole days (UTC) back from the latest.</summary>
/// <param name="LatestDay">Days since 1970.</param>
/// <param name="FirstDay">The first day of which anything is known.</param>
/// <param name="ByAge">Items × ages in days: how many events.</param>
internal sealed record DailyCounts(long LatestDay, long FirstDay, Interactions ByAge)
{
    private const long SecondsPerDay = 86_400;

    public static DailyCounts Of(string model, Dataset data, int days)
    {
        var order = data.InOrder();
        if (order is null || !order.HasTimes)
            throw new ArgumentException($"{model} compares the last days with those before, but the times of the interactions are unknown here. Give the time of each.");
        var (first, latest) = (long.MaxValue, long.MinValue);
        for (var user = 0; user < order.Users; user++)
        {
            var times = order.TimesOf(user);
            if (times.IsEmpty) continue;
            first = Math.Min(first, DayOf(times[0]));
            latest = Math.Max(latest, DayOf(times[^1]));
        }

        List<int> items = [], ages = [];
        for (var user = 0; user < order.Users; user++)
        {
            var times = order.TimesOf(user);
            for (var i = times.Length - 1; i >= 0 && latest - DayOf(times[i]) < days; i--)
            {
                items.Add(order.ItemsOf(user)[i]);
                ages.Add((int)(latest - DayOf(times[i])));
            }
        }

        return new DailyCounts(latest, first, Interactions.From(order.Items, days, [.. items], [.. ages]));
    }

    /// <summary>Both together, by days back from the later of their ends; what is then too old falls out.</summary>
    public DailyCounts With(DailyCounts other)
    {
        var latest = Math.Max(this.LatestDay, other.LatestDay);
        List<int> items = [], ages = [];
        List<float> counts = [];
        foreach (var part in (ReadOnlySpan<DailyCounts>)[this, other])
        {
            var older = latest - part.LatestDay;
            for (var item = 0; item < part.ByAge.Users; item++)
            {
                for (var i = 0; i < part.ByAge.CountOf(item); i++)
                {
                    if (part.ByAge.ItemsOf(item)[i] + older >= this.ByAge.Items) continue;
                    items.Add(item);
                    ages.Add((int)(part.ByAge.ItemsOf(item)[i] + older));
                    counts.Add(part.ByAge.WeightsOf(item)[i]);
                }
            }
        }

        var all = Interactions.From(Math.Max(this.ByAge.Users, other.ByAge.Users), this.ByAge.Items, [.. items], [.. ages], [.. counts]);
        return new DailyCounts(latest, Math.Min(this.FirstDay, other.FirstDay), all);
    }

    private static long DayOf(long seconds) => (long)Math.Floor((double)seconds / SecondsPerDay);
}

/// <summary>The same scores for everyone: above 1 an item has risen for certain. One without an event in the window is unknown.</summary>
public sealed class TrendingModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    private readonly DailyCounts _counts;
    private readonly TrendingOptions _options;
    private readonly float[] _scores;

    internal TrendingModel(int users, DailyCounts counts, TrendingOptions options)
    {
        this.Users = users;
        this._counts = counts;
        this._options = options;
        this._scores = new float[counts.ByAge.Users];
        var past = Math.Clamp(counts.LatestDay - counts.FirstDay + 1 - options.WindowDays, 0, options.PastDays);
        for (var item = 0; item < this._scores.Length; item++) this._scores[item] = this.ScoreOf(item, past);
    }

    public override string Name => TrendingTrainer.ModelName;

    public override int Users { get; }

    public override int Items => this._scores.Length;

    /// <summary>The history makes no difference, so that what is like an item is what else is on the rise.</summary>
    private protected override void Score(History history, Span<float> scores) => this._scores.CopyTo(scores);

    /// <summary>Exactly a new fit: counts of days add up.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        var fresh = AddedBehaviour.Check(this, added, context);
        return new TrendingModel(fresh.Users, this._counts.With(DailyCounts.Of(this.Name, added, this._counts.ByAge.Items)), this._options);
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._options.WindowDays);
        writer.Write(this._options.PastDays);
        writer.WriteArray<double>([this._options.Smoothing, this._options.Certainty]);
        writer.WriteArray<long>([this._counts.LatestDay, this._counts.FirstDay]);
        writer.WriteSparseRows(this._counts.ByAge);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static TrendingModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, TrendingTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var (window, past) = (reader.ReadInt32("the window", 1, 365), reader.ReadInt32("the past", 1, 3650));
        var numbers = reader.ReadArray<double>("smoothing and certainty", 2);
        var options = new TrendingOptions { WindowDays = window, PastDays = past, Smoothing = numbers[0], Certainty = numbers[1] };
        reader.Validate(options.Validate);
        var days = reader.ReadArray<long>("the first and the latest day", 2);
        if (Math.Abs((double)days[0]) > 1e12 || Math.Abs((double)days[1]) > 1e12) throw reader.Broken($"it reaches from day {days[1]} to day {days[0]}");
        return new TrendingModel(users, new DailyCounts(days[0], days[1], reader.ReadSparseRows("the counts of days", items, window + past)), options);
    }

    private float ScoreOf(int item, long past)
    {
        var ages = this._counts.ByAge.ItemsOf(item);
        var counts = this._counts.ByAge.WeightsOf(item);
        double recent = 0, before = 0;
        for (var i = 0; i < ages.Length; i++)
        {
            if (ages[i] < this._options.WindowDays) recent += counts[i];
            else before += counts[i];
        }

        if (!(recent > 0)) return float.NegativeInfinity;
        var s = this._options.Smoothing;
        var expected = past > 0 ? before * this._options.WindowDays / past : 0;
        return (float)Math.Exp(Math.Log((recent + s) / (expected + s)) - (this._options.Certainty * Math.Sqrt((1 / (recent + s)) + (1 / (before + s)))));
    }
}
