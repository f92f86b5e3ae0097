using Aisle.Engine.Events;
using Aisle.Engine.Training;
using Aisle.Learning.Models;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>
/// The personal model, asked with the shopper's history as it is at this moment (fold-in): a click changes the next list, and a
/// shopper whom the training has never seen is served like any other.
/// </summary>
internal sealed class PersonalSource : ICandidateSource
{
    public static readonly PersonalSource Instance = new();

    public string Name => "personal";

    public IEnumerable<Candidate> Candidates(RecommendationContext context)
    {
        if (context.Model?.For(ModelRole.Personal) is not { } model) return [];
        var known = KnownHistory.Of(context);
        if (known.Items.Length == 0) return [];
        return ScoredItems.Rank(
            context.Model, context.Request.Count, scores => model.ScoreHistory(new History(known.Items, known.Weights, known.Ages), scores));
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context)
    {
        var known = KnownHistory.Of(context);
        var contributions = new float[shown.Count * known.Items.Length];
        var items = shown.Select(candidate => context.Model!.IndexOf(context.Catalogue.IdAt(candidate.Index))!.Value).ToArray();
        var explained = context.Model!.For(ModelRole.Personal)!.Explain(new History(known.Items, known.Weights, known.Ages), items, contributions);
        for (var row = 0; row < shown.Count; row++)
        {
            var own = new ArraySegment<float>(contributions, row * known.Items.Length, known.Items.Length);
            var strongest = Enumerable.Range(0, own.Count).MaxBy(position => own[position]);
            yield return explained && own[strongest] > 0
                ? new Reason(ReasonKind.BecauseOfHistory, context.History[known.Positions[strongest]].Item)
                : new Reason(ReasonKind.BecauseOfHistory);
        }
    }

    /// <summary>The part of a shopper's history that the model knows, in the model's indices.</summary>
    private sealed record KnownHistory(int[] Items, float[] Weights, float[] Ages, int[] Positions)
    {
        public static KnownHistory Of(RecommendationContext context)
        {
            var halfLife = context.Model!.Manifest.Part(ModelRole.Personal)!.HalfLifeDays;
            List<int> items = [], positions = [];
            List<float> weights = [], ages = [];
            for (var position = 0; position < context.History.Count; position++)
            {
                var entry = context.History[position];
                if (entry.Points <= 0 || context.Model!.IndexOf(entry.Item) is not { } item) continue;
                var age = (float)Math.Max(0, (context.LatestEvent - entry.Last).TotalDays);
                // As in training: points decay with age, then are damped.
                var weight = InteractionStrength.Damp(halfLife is { } days ? entry.Points * float.Exp2(-age / (float)days) : entry.Points);
                if (weight <= 0) continue;
                items.Add(item);
                positions.Add(position);
                weights.Add(weight);
                ages.Add(age);
            }

            return new KnownHistory([.. items], [.. weights], [.. ages], [.. positions]);
        }
    }
}
