using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SegmentPopularityTrainer"/>.</summary>
public sealed record SegmentPopularityOptions
{
    /// <summary>The user attribute whose values are the segments; empty means that every value of every attribute is one. Default empty.</summary>
    public string Field { get; init; } = "";

    /// <summary>Interactions' worth of trust in what everybody does: a segment with fewer resembles the whole. 0.001 to 1,000,000, default 500.</summary>
    public double Shrinkage { get; init; } = 500;

    /// <summary>Days after which an interaction counts half. 0 turns decay off; ignored where the interactions carry no times. 0 to 36,500, default 30.</summary>
    public double HalfLifeDays { get; init; } = 30;

    internal void Validate()
    {
        OptionRange.Check(SegmentPopularityTrainer.ModelName, this.Shrinkage, 0.001, 1_000_000);
        OptionRange.Check(SegmentPopularityTrainer.ModelName, this.HalfLifeDays, 0, 36_500);
    }
}

/// <summary>
/// What people like this shopper take: p(i | s) = (n_si + shrinkage · p_i) / (n_s + shrinkage) for each of the shopper's segments s, p_i
/// being the share of item i in all interactions; a score is the mean over the shopper's segments.
/// </summary>
public sealed class SegmentPopularityTrainer : ITrainer
{
    public const string ModelName = "segment-popularity";

    private readonly SegmentPopularityOptions _options;

    public SegmentPopularityTrainer(SegmentPopularityOptions? options = null)
    {
        this._options = options ?? new SegmentPopularityOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SegmentPopularityOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var attributes = data.UserAttributes ?? throw new ArgumentException($"{this.Name} needs attributes of the users, of which there are none here. Give user attributes (aisle evaluate, tune and benchmark take a file: --users), or use {PopularityTrainer.ModelName}.");
        var (segments, users) = this.SegmentsOf(attributes, train);
        var latest = DecayedCounts.Latest(train, this._options.HalfLifeDays);
        var counts = new SegmentCounts(segments, train.Items);
        counts.Add(train, users, latest, this._options.HalfLifeDays);
        context.Cancellation.ThrowIfCancellationRequested();
        context.Progress?.Report(new TrainingStep(this.Name, "count", 1, 1));
        return new SegmentPopularityModel(users, counts.ToRows(), latest, this._options.HalfLifeDays, this._options.Shrinkage);
    }

    /// <summary>The chosen values, numbered anew, and users × segments.</summary>
    private (int Segments, Interactions Users) SegmentsOf(Attributes attributes, Interactions train)
    {
        if (attributes.Rows != train.Users)
            throw new ArgumentException($"{this.Name}: there are attributes of {attributes.Rows} users and interactions of {train.Users}; give one row each.");
        if (this._options.Field.Length > 0 && !attributes.Fields.Contains(this._options.Field))
            throw new ArgumentException($"{this.Name}: the users have no attribute '{this._options.Field}'. They have: {string.Join(", ", attributes.Fields)}.");
        var numbers = new int[attributes.Values];
        var segments = 0;
        for (var value = 0; value < numbers.Length; value++)
            numbers[value] = this._options.Field.Length == 0 || attributes.Fields[attributes.FieldOf(value)] == this._options.Field ? segments++ : -1;

        List<int> users = [], values = [];
        for (var user = 0; user < attributes.Rows; user++)
        {
            foreach (var value in attributes.ValuesOf(user))
            {
                if (numbers[value] < 0) continue;
                users.Add(user);
                values.Add(numbers[value]);
            }
        }

        return (segments, Interactions.From(train.Users, segments, [.. users], [.. values]));
    }
}

/// <summary>Segments × items, growing; the row after the last segment holds everybody.</summary>
internal sealed class SegmentCounts(int segments, int items)
{
    private readonly Dictionary<int, double>[] _rows = [.. Enumerable.Range(0, segments + 1).Select(_ => new Dictionary<int, double>())];

    public void Add(Interactions behaviour, Interactions users, long? latest, double halfLifeDays) =>
        DecayedCounts.Visit(behaviour, latest, halfLifeDays, (user, item, weight) =>
        {
            this.Add(segments, item, weight);
            foreach (var segment in users.ItemsOf(user)) this.Add(segment, item, weight);
        });

    public void Add(int row, int item, double weight) => this._rows[row][item] = this._rows[row].GetValueOrDefault(item) + weight;

    public Interactions ToRows()
    {
        List<int> rows = [], columns = [];
        List<float> weights = [];
        for (var row = 0; row < this._rows.Length; row++)
        {
            foreach (var (item, weight) in this._rows[row])
            {
                rows.Add(row);
                columns.Add(item);
                weights.Add((float)weight);
            }
        }

        return Interactions.From(this._rows.Length, items, [.. rows], [.. columns], [.. weights]);
    }
}

/// <summary>Popularity in the segments of a known user; everybody's for others. An item that nobody touched is unknown.</summary>
public sealed class SegmentPopularityModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    private readonly Interactions _users;
    private readonly Interactions _counts;
    private readonly double[] _totals;
    private readonly float[] _overall;
    private readonly long? _latest;
    private readonly double _halfLifeDays;
    private readonly double _shrinkage;

    internal SegmentPopularityModel(Interactions users, Interactions counts, long? latest, double halfLifeDays, double shrinkage)
    {
        this._users = users;
        this._counts = counts;
        this._latest = latest;
        this._halfLifeDays = halfLifeDays;
        this._shrinkage = shrinkage;
        this._totals = new double[counts.Users];
        for (var row = 0; row < counts.Users; row++)
        {
            foreach (var weight in counts.WeightsOf(row)) this._totals[row] += weight;
        }

        this._overall = new float[counts.Items];
        Array.Fill(this._overall, float.NegativeInfinity);
        var items = counts.ItemsOf(this.Segments);
        var weights = counts.WeightsOf(this.Segments);
        for (var i = 0; i < items.Length; i++)
            if (weights[i] > 0f) this._overall[items[i]] = (float)(weights[i] / this._totals[this.Segments]);
    }

    public override string Name => SegmentPopularityTrainer.ModelName;

    public override int Users => this._users.Users;

    public override int Items => this._counts.Items;

    private int Segments => this._users.Items;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        for (var i = 0; i < users.Length; i++) this.Score(this._users.ItemsOf(users[i]), scores.Slice(i * this.Items, this.Items));
    }

    /// <summary>The history makes no difference, and says nothing of segments: everybody's popularity.</summary>
    private protected override void Score(History history, Span<float> scores) => this._overall.CopyTo(scores);

    /// <summary>Exactly a new fit but for rounding, as long as the segments stay: new users, whose segments are not known here, count for everybody only.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        var fresh = AddedBehaviour.Check(this, added, context);
        var latest = DecayedCounts.Common(this, this._latest, fresh, this._halfLifeDays);
        var users = this._users.Enlarged(fresh.Users, this.Segments);
        var counts = new SegmentCounts(this.Segments, fresh.Items);
        var left = latest is null ? 1 : DecayedCounts.Left(this._latest!.Value, latest, this._halfLifeDays);
        for (var row = 0; row < this._counts.Users; row++)
        {
            for (var i = 0; i < this._counts.CountOf(row); i++) counts.Add(row, this._counts.ItemsOf(row)[i], left * this._counts.WeightsOf(row)[i]);
        }

        counts.Add(fresh, users, latest, this._halfLifeDays);
        return new SegmentPopularityModel(users, counts.ToRows(), latest, this._halfLifeDays, this._shrinkage);
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this.Segments);
        writer.WriteSparseRows(this._users);
        writer.WriteSparseRows(this._counts);
        writer.WriteArray<long>([this._latest ?? long.MinValue]);
        writer.Write((float)this._halfLifeDays);
        writer.Write((float)this._shrinkage);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static SegmentPopularityModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, SegmentPopularityTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var segments = reader.ReadInt32("the number of segments", 0, 1 << 24);
        var memberships = reader.ReadSparseRows("the users' segments", users, segments);
        var counts = reader.ReadSparseRows("the counts", segments + 1, items);
        var latest = reader.ReadArray<long>("the latest time", 1)[0];
        var halfLife = reader.ReadSingle("the half-life", 0, 36_500);
        var shrinkage = reader.ReadSingle("the shrinkage", 0.0009f, 1_000_000);
        return new SegmentPopularityModel(memberships, counts, latest == long.MinValue || halfLife == 0 ? null : latest, halfLife, shrinkage);
    }

    private void Score(ReadOnlySpan<int> segments, Span<float> scores)
    {
        this._overall.CopyTo(scores);
        if (segments.IsEmpty) return;

        // The mean over the segments of (n_si + c · p_i) / (n_s + c): first what every item has of it, then what the segments' own counts add.
        var share = 0.0;
        foreach (var segment in segments) share += this._shrinkage / (this._totals[segment] + this._shrinkage);
        foreach (ref var score in scores) score *= (float)(share / segments.Length);
        foreach (var segment in segments)
        {
            var scale = (float)(1 / ((this._totals[segment] + this._shrinkage) * segments.Length));
            var items = this._counts.ItemsOf(segment);
            var weights = this._counts.WeightsOf(segment);
            for (var i = 0; i < items.Length; i++) scores[items[i]] += weights[i] * scale;
        }
    }
}
