using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Engine.Shop;

namespace Aisle.Engine.Feedback;

/// <summary>What makes scores comparable: one pipeline, and the versions of all that moves its scores on purpose.</summary>
/// <param name="Model">Null where none served; so with the others.</param>
/// <param name="Pipelines">Of the shop's pipelines.</param>
public readonly record struct ScoreOrigin(string Pipeline, int? Model, int? Pipelines, int? Ranker);

/// <summary>
/// How the scores of served lists are distributed, by day and origin: a histogram on a logarithmic scale each, so that memory does not grow with what is
/// served. Kept for some weeks, also over a restart.
/// </summary>
public sealed class ServedScores
{
    /// <summary>Days that are kept: the reference, the day that is compared with it, and the one that is not over.</summary>
    public const int KeepDays = 30;

    /// <summary>Of a day; further ones are not counted.</summary>
    public const int MostOrigins = 500;

    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(1);

    private readonly IShopSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<DateOnly, Dictionary<ScoreOrigin, ScoreCounts>> _days = [];
    private readonly ConcurrentDictionary<DateOnly, byte> _changed = new();
    private DateTimeOffset _saved;

    public ServedScores(IShopSettings settings, TimeProvider time)
    {
        this._settings = settings;
        this._time = time;
        this._saved = time.GetUtcNow();
        for (var back = 0; back < KeepDays; back++) this.Load(this.Today.AddDays(-back));
    }

    private DateOnly Today => DateOnly.FromDateTime(this._time.GetUtcNow().UtcDateTime);

    /// <summary>Counts a served list.</summary>
    /// <param name="scores">Of its items; NaN for one that stands there for another reason than a score of this origin: a fallback, a rule, exploration.</param>
    public void Add(ScoreOrigin origin, ReadOnlySpan<double> scores)
    {
        var today = this.Today;
        lock (this._lock)
        {
            if (!this._days.TryGetValue(today, out var origins)) this._days[today] = origins = [];
            if (!origins.TryGetValue(origin, out var counts))
            {
                if (origins.Count >= MostOrigins) return;
                origins[origin] = counts = new ScoreCounts();
            }

            counts.Add(scores);
        }

        this._changed.TryAdd(today, 0);
    }

    /// <summary>What was served, by day and origin.</summary>
    public IReadOnlyList<ScoreDay> Days()
    {
        lock (this._lock) return [.. this._days.SelectMany(day => day.Value.Select(origin => new ScoreDay(day.Key, origin.Key, origin.Value.Copy())))];
    }

    /// <summary>Keeps what was counted, at most once a minute, and forgets what is too old.</summary>
    /// <param name="now">Even if the last time is not a minute ago.</param>
    public async Task SaveAsync(bool now, CancellationToken cancellation)
    {
        var at = this._time.GetUtcNow();
        if (this._changed.IsEmpty || (!now && at - this._saved < SaveEvery)) return;
        this._saved = at;
        foreach (var day in this._changed.Keys)
        {
            this._changed.TryRemove(day, out _);
            await this._settings.SetAsync(SettingOf(day), this.Written(day), cancellation);
        }

        foreach (var old in this.Forget()) await this._settings.SetAsync(SettingOf(old), null, cancellation);
    }

    private string Written(DateOnly day)
    {
        lock (this._lock)
        {
            return JsonSerializer.Serialize(
                [.. this._days[day].Select(origin => new SavedScores(origin.Key.Pipeline, origin.Key.Model, origin.Key.Pipelines, origin.Key.Ranker, origin.Value.Lists, new Dictionary<int, long>(origin.Value.Buckets)))],
                ScoresJson.Default.SavedScoresArray);
        }
    }

    private List<DateOnly> Forget()
    {
        lock (this._lock)
        {
            var old = this._days.Keys.Where(day => day <= this.Today.AddDays(-KeepDays)).ToList();
            foreach (var day in old) this._days.Remove(day);
            return old;
        }
    }

    private void Load(DateOnly day)
    {
        if (this._settings.Get(SettingOf(day)) is not { } text) return;
        try
        {
            this._days[day] = JsonSerializer.Deserialize(text, ScoresJson.Default.SavedScoresArray)!
                .ToDictionary(saved => new ScoreOrigin(saved.Pipeline, saved.Model, saved.Pipelines, saved.Ranker), saved => new ScoreCounts(saved.Lists, saved.Buckets));
        }
        catch (JsonException)
        {
            // A day of a layout that this release does not know is a day less to compare with.
        }
    }

    private static string SettingOf(DateOnly day) => $"scores.{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
}

/// <summary>A histogram of scores: four buckets to a doubling on both sides of 0, from 2⁻⁴⁰ to 2⁴⁰, and one of what has no score of the origin.</summary>
public sealed class ScoreCounts
{
    /// <summary>Of items that stand in a list for another reason than a score.</summary>
    public const int WithoutScore = int.MinValue;

    private const int PerDoubling = 4;
    private const int Largest = 40 * PerDoubling;

    private readonly SortedDictionary<int, long> _buckets;

    public ScoreCounts()
        : this(0, new Dictionary<int, long>())
    {
    }

    internal ScoreCounts(long lists, IReadOnlyDictionary<int, long> buckets)
    {
        this.Lists = lists;
        this._buckets = new SortedDictionary<int, long>(buckets.ToDictionary());
    }

    public long Lists { get; private set; }

    /// <summary>Ascending as the scores are.</summary>
    public IReadOnlyDictionary<int, long> Buckets => this._buckets;

    public void Add(ReadOnlySpan<double> scores)
    {
        this.Lists++;
        foreach (var score in scores)
        {
            var bucket = BucketOf(score);
            this._buckets[bucket] = this._buckets.GetValueOrDefault(bucket) + 1;
        }
    }

    public ScoreCounts Copy() => new(this.Lists, this._buckets);

    public static ScoreCounts Sum(IEnumerable<ScoreCounts> parts)
    {
        var sum = new ScoreCounts();
        foreach (var part in parts)
        {
            sum.Lists += part.Lists;
            foreach (var (bucket, count) in part._buckets) sum._buckets[bucket] = sum._buckets.GetValueOrDefault(bucket) + count;
        }

        return sum;
    }

    internal static int BucketOf(double score)
    {
        if (double.IsNaN(score)) return WithoutScore;
        if (score == 0) return 0;
        var size = (int)Math.Clamp(Math.Round(PerDoubling * Math.Log2(Math.Abs(score))), -Largest, Largest) + Largest + 1;
        return score > 0 ? size : -size;
    }
}

/// <param name="Counts">Of the day and origin.</param>
public sealed record ScoreDay(DateOnly Day, ScoreOrigin Origin, ScoreCounts Counts);

internal sealed record SavedScores(string Pipeline, int? Model, int? Pipelines, int? Ranker, long Lists, Dictionary<int, long> Buckets);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SavedScores[]))]
internal sealed partial class ScoresJson : JsonSerializerContext;
