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

    private const double SecondsPerDay = 86_400;

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
        var decays = train.HasTimes && this._options.HalfLifeDays > 0;
        var latest = long.MinValue;
        for (var user = 0; user < train.Users; user++)
        {
            foreach (var time in train.TimesOf(user)) latest = Math.Max(latest, time);
        }

        var sums = new double[train.Items];
        for (var user = 0; user < train.Users; user++)
        {
            var items = train.ItemsOf(user);
            var weights = train.WeightsOf(user);
            var times = train.TimesOf(user);
            for (var i = 0; i < items.Length; i++)
            {
                var share = decays ? Math.Pow(2, ((double)times[i] - latest) / SecondsPerDay / this._options.HalfLifeDays) : 1;
                sums[items[i]] += weights[i] * share;
            }
        }

        context.Cancellation.ThrowIfCancellationRequested();
        context.Progress?.Report(new TrainingStep(this.Name, "count", 1, 1));
        return new PopularityModel(train.Users, Array.ConvertAll(sums, sum => (float)sum));
    }
}

/// <summary>The same scores for everyone. An item that nobody touched is unknown.</summary>
public sealed class PopularityModel : IModel
{
    private const int LayoutVersion = 1;

    /// <summary>Popularity per item; −∞ where it is 0.</summary>
    private readonly float[] _scores;

    internal PopularityModel(int users, float[] popularity)
    {
        this.Users = users;
        this._scores = Array.ConvertAll(popularity, value => value > 0f ? value : float.NegativeInfinity);
    }

    public string Name => PopularityTrainer.ModelName;

    public int Users { get; }

    public int Items => this._scores.Length;

    public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores)
    {
        TrainingInput.CheckUsers(this, users);
        TrainingInput.CheckScores(this, users.Length, scores);
        for (var i = 0; i < users.Length; i++) this._scores.CopyTo(scores.Slice(i * this.Items, this.Items));
    }

    /// <summary>The history makes no difference.</summary>
    public void ScoreHistory(History history, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckScores(this, 1, scores);
        this._scores.CopyTo(scores);
    }

    /// <summary>The most popular items other than <paramref name="item"/>: this model knows no likeness.</summary>
    public void ScoreSimilar(int item, Span<float> scores)
    {
        TrainingInput.CheckItem(this, item);
        TrainingInput.CheckScores(this, 1, scores);
        this._scores.CopyTo(scores);
        scores[item] = float.NegativeInfinity;
    }

    public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckContributions(this, history, items, contributions);
        contributions.Clear();
        return false;
    }

    public void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteArray<float>(Array.ConvertAll(this._scores, score => Math.Max(score, 0f)));
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static PopularityModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, PopularityTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        return new PopularityModel(users, reader.ReadFiniteArray("the popularity of the items", items));
    }
}
