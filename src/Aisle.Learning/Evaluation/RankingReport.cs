namespace Aisle.Learning.Evaluation;

/// <summary>What <see cref="RankingEvaluator"/> found.</summary>
/// <param name="Users">The users measured: those with at least one test item, ascending.</param>
/// <param name="Cutoffs">One entry per list length asked for, in the order asked.</param>
public sealed record RankingReport(IReadOnlyList<int> Users, IReadOnlyList<CutoffReport> Cutoffs)
{
    /// <summary>The list of each case, as long as the largest cutoff; null where not asked for.</summary>
    public RankedLists? Lists { get; init; }

    /// <summary>For each case the area under the curve of each target, beside its targets; null where not asked for.</summary>
    public IReadOnlyList<float[]>? TargetAreas { get; init; }

    /// <exception cref="ArgumentException">That cutoff was not measured.</exception>
    public CutoffReport At(int cutoff) =>
        this.Cutoffs.FirstOrDefault(report => report.Cutoff == cutoff)
        ?? throw new ArgumentException($"Lists of {cutoff} were not measured; measured were {string.Join(", ", this.Cutoffs.Select(report => report.Cutoff))}.");
}

/// <summary>What a ranking keeps beside the metrics of each case.</summary>
[Flags]
public enum RankingDetails
{
    None = 0,

    /// <summary>The lists themselves: cases × largest cutoff × 4 bytes.</summary>
    Lists = 1,

    /// <summary>The area under the curve of each target: a look at every score.</summary>
    Auc = 2,
}

/// <summary>The ranked items of many cases.</summary>
public sealed class RankedLists(int cases, int length)
{
    private readonly int[] _items = new int[(long)cases * length];
    private readonly int[] _counts = new int[cases];

    public int Count => this._counts.Length;

    /// <summary>Best first; shorter where the model knows no more items.</summary>
    public ReadOnlySpan<int> Of(int @case) => this._items.AsSpan(@case * length, this._counts[@case]);

    internal void Set(int @case, ReadOnlySpan<int> ranked)
    {
        ranked.CopyTo(this._items.AsSpan(@case * length, length));
        this._counts[@case] = ranked.Length;
    }
}

/// <summary>Metrics of lists of one length, and their means over the users.</summary>
/// <param name="PerUser">Beside <see cref="RankingReport.Users"/>.</param>
/// <param name="Coverage">Share of all items that stand in at least one user's list.</param>
public sealed record CutoffReport(int Cutoff, IReadOnlyList<UserMetrics> PerUser, double Coverage)
{
    public double Recall { get; } = Mean(PerUser, metrics => metrics.Recall);

    public double Precision { get; } = Mean(PerUser, metrics => metrics.Precision);

    public double F1 { get; } = Mean(PerUser, metrics => metrics.F1);

    public double Ndcg { get; } = Mean(PerUser, metrics => metrics.Ndcg);

    public double HitRate { get; } = Mean(PerUser, metrics => metrics.Hit);

    public double Mrr { get; } = Mean(PerUser, metrics => metrics.ReciprocalRank);

    public double Map { get; } = Mean(PerUser, metrics => metrics.AveragePrecision);

    private static double Mean(IReadOnlyList<UserMetrics> perUser, Func<UserMetrics, float> metric)
    {
        var sum = 0.0;
        foreach (var metrics in perUser) sum += metric(metrics);
        return sum / perUser.Count;
    }
}
