using System.Text.Json;

namespace Aisle.Engine.Ranking;

/// <summary>What a ranker's training found, for people and for the record.</summary>
/// <param name="Version">Of the published ranker; null where it was not published.</param>
/// <param name="Lists">That were shown.</param>
/// <param name="Gaining">Of these, lists that were clicked or bought from.</param>
/// <param name="Curve">Where the correction for positions is from: <c>exchanges</c>, <c>harvest</c>, <c>regression</c> or <c>assumed</c>.</param>
/// <param name="Propensities">How likely the first places are looked at, beside the first.</param>
/// <param name="Ndcg">NDCG@10 of the ranker on the latest lists, each gain weighted by 1 / propensity of its place.</param>
/// <param name="Served">The same of the order in which they were served.</param>
/// <param name="Low">Where the difference lies with a confidence of 95 % (bootstrap over lists).</param>
/// <param name="Importance">Share of what the trees gained by feature, the ten largest.</param>
public sealed record RankerReport(
    int? Version, int Lists, int Gaining, string Curve, IReadOnlyList<float> Propensities, double Ndcg, double Served, double Low, double High,
    IReadOnlyDictionary<string, double> Importance, string Verdict)
{
    /// <summary>When it was trained.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>What each gain weighed.</summary>
    public IReadOnlyDictionary<string, double> Gains { get; init; } = new Dictionary<string, double>();

    public string ToJson() => JsonSerializer.Serialize(this, RankerJson.Default.RankerReport);
}
