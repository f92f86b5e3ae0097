using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Learning.Models;
using Aisle.Learning.Ranking;

namespace Aisle.Engine.Ranking;

/// <summary>Finds how likely the places of lists are looked at, by the best way that the lists allow.</summary>
/// <param name="isOfOrder">Columns that tell nearly the place: regression must not see them.</param>
internal sealed class PositionBias(FeatureSchema schema, Func<int, bool> isOfOrder)
{
    private const int MostPlaces = 50;
    private const int LeastShowings = 200;
    private const int LeastPairs = 500;
    private const int LeastRegressed = 1000;
    private const int LeastExchanged = 200;
    private const int LeastClicked = 10;
    private const int LeastPlaces = 5;

    public (ExaminationCurve Curve, string Way) Of(IReadOnlyList<GainedList> lists, FitContext context)
    {
        var places = Enumerable.Range(0, MostPlaces).TakeWhile(place => lists.Count(list => place < list.Shown.Length && list.Shown[place]) >= LeastShowings).Count();
        if (places >= 2)
        {
            if (Exchanged(lists, places) is { } exchanged) return (exchanged, "exchanges");
            if (Harvested(lists, places) is { } harvested) return (harvested, "harvest");
            if (this.Regressed(lists, places, context) is { } regressed) return (regressed, "regression");
        }

        // As NDCG discounts: what is assumed where nothing can be found out.
        return (new ExaminationCurve([.. Enumerable.Range(0, MostPlaces).Select(place => 1 / Math.Log2(place + 2))]), "assumed");
    }

    /// <summary>
    /// From neighbours whose order was left to chance: over all lists of a pair, both places held what is as relevant, whoever asked and whatever the rest
    /// of the list was. Null where there are too few for the first places.
    /// </summary>
    /// <remarks>As FairPairs: Radlinski, Joachims: Minimally invasive randomization for collecting unbiased preferences from clickthrough logs (AAAI 2006).</remarks>
    private static ExaminationCurve? Exchanged(IReadOnlyList<GainedList> lists, int places)
    {
        var showings = lists
            .Where(list => list.Served.Exchange is { Place: var first } && first >= 0 && first + 1 < list.Shown.Length && list.Shown[first] && list.Shown[first + 1])
            .SelectMany(list => Enumerable.Range(list.Served.Exchange!.Place, 2)
                .Select(place => new Showing(list.Served.Exchange.Place, place, list.GainsAt(place)[0] > 0)))
            .ToList();
        var clicked = showings.Where(showing => showing.Clicked).CountBy(showing => (showing.Subject, showing.Position)).ToDictionary();
        var shown = showings.CountBy(showing => showing.Subject).ToDictionary();
        var pairs = Enumerable.Range(0, places - 1).TakeWhile(pair =>
            shown.GetValueOrDefault(pair) >= 2 * LeastExchanged && Enumerable.Range(pair, 2).All(place => clicked.GetValueOrDefault((pair, place)) >= LeastClicked)).Count();
        return pairs + 1 >= Math.Min(places, LeastPlaces) ? ExaminationCurve.FromHarvest(showings.Where(showing => showing.Subject < pairs), pairs + 1) : null;
    }

    /// <summary>From items that the same shopper was shown at several places; null where there are too few.</summary>
    private static ExaminationCurve? Harvested(IReadOnlyList<GainedList> lists, int places)
    {
        var subjects = new Dictionary<(UserId, ItemId), List<Showing>>();
        foreach (var list in lists)
        {
            if (list.User is not { } user) continue;
            for (var place = 0; place < Math.Min(places, list.Shown.Length); place++)
            {
                if (!list.Shown[place]) continue;
                var key = (user, list.Served.Items[place]);
                if (!subjects.TryGetValue(key, out var showings)) subjects[key] = showings = [];
                showings.Add(new Showing(0, place, list.GainsAt(place)[0] > 0));
            }
        }

        var moved = subjects.Values.Where(showings => showings.Select(showing => showing.Position).Distinct().Skip(1).Any())
            .SelectMany((showings, subject) => showings.Select(showing => showing with { Subject = subject })).ToList();
        var (shown, clicked) = (new int[places], new int[places]);
        foreach (var showing in moved)
        {
            shown[showing.Position]++;
            if (showing.Clicked) clicked[showing.Position]++;
        }

        if (shown.Min() < LeastPairs || clicked.Min() < LeastClicked) return null;
        try
        {
            return ExaminationCurve.FromHarvest(moved, places);
        }
        catch (ArgumentException)
        {
            // The exchanges do not connect all places.
            return null;
        }
    }

    /// <summary>From clicks and features; null where there are too few lists.</summary>
    private ExaminationCurve? Regressed(IReadOnlyList<GainedList> lists, int places, FitContext context)
    {
        var columns = Enumerable.Range(0, schema.Count).Where(column => !isOfOrder(column)).ToArray();
        var examples = new RankingExamples(new FeatureSchema(columns.Select(column => schema.Features[column])));
        foreach (var list in lists)
        {
            // Rows stand for places there, so a list counts down to the first item that was not shown.
            var length = Math.Min(places, list.Shown.AsSpan().IndexOf(false) is >= 0 and var first ? first : list.Shown.Length);
            if (length < 2) continue;
            var features = new float[length * columns.Length];
            for (var place = 0; place < length; place++)
            {
                for (var column = 0; column < columns.Length; column++) features[place * columns.Length + column] = list.Served.Features[place * schema.Count + columns[column]];
            }

            examples.AddList(features, [.. Enumerable.Range(0, length).Select(place => list.GainsAt(place)[0] > 0 ? 1f : 0)]);
        }

        if (examples.Lists < LeastRegressed) return null;
        try
        {
            return ExaminationCurve.FromRegression(examples, places, context: context);
        }
        catch (ArgumentException)
        {
            // No list reaches down to the last place.
            return null;
        }
    }
}
