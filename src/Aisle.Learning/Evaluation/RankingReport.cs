namespace Aisle.Learning.Evaluation;

/// <summary>What <see cref="RankingEvaluator"/> found.</summary>
/// <param name="Users">The users measured: those with at least one test item, ascending.</param>
/// <param name="Cutoffs">One entry per list length asked for, in the order asked.</param>
public sealed record RankingReport(IReadOnlyList<int> Users, IReadOnlyList<CutoffReport> Cutoffs)
{
    /// <exception cref="ArgumentException">That cutoff was not measured.</exception>
    public CutoffReport At(int cutoff) =>
        this.Cutoffs.FirstOrDefault(report => report.Cutoff == cutoff)
        ?? throw new ArgumentException($"Lists of {cutoff} were not measured; measured were {string.Join(", ", this.Cutoffs.Select(report => report.Cutoff))}.");
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
