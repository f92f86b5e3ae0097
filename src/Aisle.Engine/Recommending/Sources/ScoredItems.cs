using System.Buffers;
using Aisle.Engine.Training;
using Aisle.Learning.Kernels;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>Turns a model's scores over all its items into candidates, best first.</summary>
internal static class ScoredItems
{
    /// <summary>
    /// The first block is large enough that rules seldom empty it; only a question whose filter leaves next to nothing makes the rest be
    /// ranked too.
    /// </summary>
    /// <param name="positiveOnly">Leave out items that score 0 or less: neighbours with nothing in common.</param>
    public static IEnumerable<Candidate> Rank(ServingModel model, int count, Action<Span<float>> score, bool positiveOnly = false)
    {
        var items = model.Items;
        var buffer = ArrayPool<float>.Shared.Rent(items);
        try
        {
            score(buffer.AsSpan(0, items));
            var taken = 0;
            for (var block = Math.Min(items, 4 * count + 200); taken < items; block = items)
            {
                var best = new int[block];
                var values = new float[block];
                var found = TopK.Select(buffer.AsSpan(0, items), best, values);
                for (; taken < found; taken++)
                {
                    if (positiveOnly && values[taken] <= 0) yield break;
                    yield return new Candidate(model.CatalogueIndex(best[taken]), values[taken]);
                }

                if (found < block || block == items) yield break;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }
}
