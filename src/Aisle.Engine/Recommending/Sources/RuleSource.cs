namespace Aisle.Engine.Recommending.Sources;

/// <summary>Stands for the rule that brought an item which no source of the pipeline did.</summary>
internal sealed class RuleSource : ICandidateSource
{
    public static readonly RuleSource Instance = new();

    public string Name => "rule";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count) => [];

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.ChosenByShop), shown.Count);
}

/// <summary>Stands for exploration, which drew an item of which little is known.</summary>
internal sealed class ExploredSource : ICandidateSource
{
    public static readonly ExploredSource Instance = new();

    public string Name => "explored";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count) => [];

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.Explored), shown.Count);
}
