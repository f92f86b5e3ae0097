using Aisle.Engine.Ranking;
using Aisle.Learning;

namespace Aisle.Engine.Recommending;

/// <summary>Leaves the order of two neighbours to chance in some lists, so that the log tells how places are looked at.</summary>
internal static class NeighbourExchanges
{
    /// <summary>Draws by the list's id whether it takes part, which neighbours, and whether they change places. Where rules, quotas or exploration gave one of them its place, nothing changes.</summary>
    /// <param name="chosen">In the order of the list.</param>
    /// <returns>What was drawn; null where the list takes no part.</returns>
    public static ServedExchange? Draw(Guid list, List<PooledCandidate> chosen, NeighbourExchange? wanted)
    {
        if (wanted is null || chosen.Count < 2) return null;
        var drawn = UnitHash.Place(UnitHash.Of("exchange", list.ToString("N")));
        if (drawn >= wanted.Share) return null;
        var place = (int)(drawn / wanted.Share * (Math.Min(wanted.Places, chosen.Count) - 1));
        if (!IsPlacedByScore(chosen[place]) || !IsPlacedByScore(chosen[place + 1]) || chosen[place].Buried != chosen[place + 1].Buried) return null;
        var happens = UnitHash.Place(UnitHash.Of("exchanged", list.ToString("N"))) < 0.5;
        if (happens)
        {
            (chosen[place], chosen[place + 1]) = (chosen[place + 1], chosen[place]);
            (chosen[place].ExchangedFrom, chosen[place + 1].ExchangedFrom) = (place + 2, place + 1);
        }

        return new ServedExchange(place, happens);
    }

    private static bool IsPlacedByScore(PooledCandidate candidate) => candidate.PlacedBy is null && !candidate.IsPlacedAsNew && candidate.Propensity is null;
}
