using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="PopularityTrainer"/>.</summary>
public sealed record PopularityOptions
{
    /// <summary>Days after which an interaction counts half. 0 turns decay off; ignored where the interactions carry no times. 0 to 36,500, default 30.</summary>
    public double HalfLifeDays { get; init; } = 30;

    internal void Validate() => OptionRange.Check(PopularityTrainer.ModelName, this.HalfLifeDays, 0, 36_500);
}

/// <summary>Counts how often each item was touched, recent interactions counting more: the yardstick of every other model.</summary>
public sealed class PopularityTrainer : ITrainer
{
    public const string ModelName = "popularity";

    private readonly PopularityOptions _options;

    public PopularityTrainer(PopularityOptions? options = null)
    {
        this._options = options ?? new PopularityOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.PopularityOptions);

    /// <summary>An item's score is Σ weight · 2^(−age / half-life) over its interactions; ages are counted back from the latest interaction of all.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var latest = DecayedCounts.Latest(train, this._options.HalfLifeDays);
        var sums = new double[train.Items];
        DecayedCounts.Visit(train, latest, this._options.HalfLifeDays, (_, item, weight) => sums[item] += weight);
        context.Cancellation.ThrowIfCancellationRequested();
        context.Progress?.Report(new TrainingStep(this.Name, "count", 1, 1));
        return new PopularityModel(train.Users, Array.ConvertAll(sums, sum => (float)sum), latest, this._options.HalfLifeDays);
    }
}

/// <summary>The same scores for everyone. An item that nobody touched is unknown.</summary>
public sealed class PopularityModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 2;

    /// <summary>Popularity per item; −∞ where it is 0.</summary>
    private readonly float[] _scores;

    /// <summary>The time at which the counts stand; null where they do not fade.</summary>
    private readonly long? _latest;

    private readonly double _halfLifeDays;

    internal PopularityModel(int users, float[] popularity, long? latest, double halfLifeDays)
    {
        this.Users = users;
        this._scores = Array.ConvertAll(popularity, value => value > 0f ? value : float.NegativeInfinity);
        this._latest = latest;
        this._halfLifeDays = halfLifeDays;
    }

    public override string Name => PopularityTrainer.ModelName;

    public override int Users { get; }

    public override int Items => this._scores.Length;

    /// <summary>The history makes no difference, so that what is like an item are the most popular others.</summary>
    private protected override void Score(History history, Span<float> scores) => this._scores.CopyTo(scores);

    /// <summary>Exactly a new fit but for rounding: counts add up, the old ones first brought to the new time.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        var fresh = AddedBehaviour.Check(this, added, context);
        var latest = DecayedCounts.Common(this, this._latest, fresh, this._halfLifeDays);
        var sums = new double[fresh.Items];
        var left = latest is null ? 1 : DecayedCounts.Left(this._latest!.Value, latest, this._halfLifeDays);
        for (var item = 0; item < this.Items; item++) sums[item] = Math.Max(this._scores[item], 0f) * left;
        DecayedCounts.Visit(fresh, latest, this._halfLifeDays, (_, item, weight) => sums[item] += weight);
        return new PopularityModel(fresh.Users, Array.ConvertAll(sums, sum => (float)sum), latest, this._halfLifeDays);
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteArray<float>(Array.ConvertAll(this._scores, score => Math.Max(score, 0f)));
        writer.WriteArray<long>([this._latest ?? long.MinValue]);
        writer.Write((float)this._halfLifeDays);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static PopularityModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, PopularityTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var popularity = reader.ReadFiniteArray("the popularity of the items", items);
        var latest = reader.ReadArray<long>("the latest time", 1)[0];
        var halfLife = reader.ReadSingle("the half-life", 0, 36_500);
        return new PopularityModel(users, popularity, latest == long.MinValue || halfLife == 0 ? null : latest, halfLife);
    }
}
