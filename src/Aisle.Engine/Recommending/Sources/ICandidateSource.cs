namespace Aisle.Engine.Recommending.Sources;

/// <summary>Proposes items for a question, best first, without looking at rules: the service drops what may not be shown.</summary>
internal interface ICandidateSource
{
    string Name { get; }

    /// <summary>Whether its scores are a model's opinion, which one day to the next compares, and no count of what the shop sells.</summary>
    bool AsksAModel => false;

    /// <summary>Lazy: the service takes only as many as it needs. Empty where the source has nothing to say.</summary>
    /// <param name="count">About as many as the service expects to need: a source that works in advance does it for so many.</param>
    IEnumerable<Candidate> Candidates(RecommendationContext context, int count);

    /// <summary>Why the source brought each of some items; asked once, for those that are shown.</summary>
    IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context);
}

/// <param name="Index">The catalogue's index of the item.</param>
/// <param name="Context">Position among the context items of the one that brought it; −1 for none.</param>
internal readonly record struct Candidate(int Index, double Score, int Context = -1);
