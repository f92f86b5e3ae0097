using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>
/// The list behind "similar": neighbours by what shoppers did, and where nobody did anything yet, look-alikes by what the catalogue tells.
/// A new product stands in the lists of others at the place that its likeness has among the known ones, yet never before two neighbours for each new
/// product: shoppers are the better witnesses where there are any.
/// </summary>
internal static class SimilarItems
{
    /// <summary>Neighbours that come before each new product.</summary>
    private const int NeighboursPerNewItem = 2;

    public static IEnumerable<Candidate> Of(int item, RecommendationContext context, int count)
    {
        var neighbours = NeighbourSource.Ranked(ModelRole.Similar, item, context, count);
        return context.Model!.For(ModelRole.LookAlike) is null
            ? neighbours
            : Merged(neighbours, NeighbourSource.Ranked(ModelRole.LookAlike, item, context, count), context.Model.IsTouched);
    }

    /// <param name="neighbours">Best first; none for a new item.</param>
    /// <param name="lookAlikes">Best first, known and new ones; scores up to 1. Asked only when its turn comes.</param>
    /// <param name="isTouched">Whether shoppers have touched an item, by its index in the catalogue.</param>
    internal static IEnumerable<Candidate> Merged(IEnumerable<Candidate> neighbours, IEnumerable<Candidate> lookAlikes, Func<int, bool> isTouched)
    {
        using var alike = lookAlikes.GetEnumerator();
        var passed = new List<Candidate>();
        var (shown, added) = (0, 0);
        var more = true;
        var last = 1.0;
        foreach (var neighbour in neighbours)
        {
            // Its place: no more known ones look more alike than neighbours were shown.
            while (shown >= NeighboursPerNewItem * (added + 1) && passed.Count <= shown && Next())
            {
                if (isTouched(alike.Current.Index))
                {
                    passed.Add(alike.Current);
                    continue;
                }

                added++;
                yield return alike.Current with { Score = last };
            }

            shown++;
            last = neighbour.Score;
            yield return neighbour;
        }

        // Neighbours are few or none: look-alikes go on, known and new, on a scale that goes on falling.
        foreach (var candidate in passed) yield return candidate with { Score = last * candidate.Score };
        while (Next()) yield return alike.Current with { Score = last * alike.Current.Score };

        bool Next()
        {
            if (more) more = alike.MoveNext();
            return more;
        }
    }
}
