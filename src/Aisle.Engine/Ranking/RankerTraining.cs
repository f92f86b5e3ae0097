using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;
using Aisle.Learning.Ranking;

namespace Aisle.Engine.Ranking;

/// <summary>
/// Trains a ranker from what was served and what came of it, and publishes it only if it orders later lists better than they were served. Feature
/// values are the logged ones; gains are weighted by 1 / propensity of their place.
/// </summary>
public sealed class RankerTraining(
    IServedStore served,
    IEventStore events,
    Catalogue catalogue,
    PublishedConfiguration<RankingSettings> settings,
    FeatureSchema schema,
    Func<int, bool> isOfOrder,
    RankerRegistry registry,
    TimeProvider time)
{
    // By time: what trees learn from, what says when to stop, and what decides.
    private const double LearnedShare = 0.7;
    private const double StoppingShare = 0.1;
    private const int Cutoff = 10;
    private const int LeastDeciding = 50;

    /// <exception cref="InvalidOperationException">There is too little to learn from; the message says what there is and what it takes.</exception>
    public Task<RankerReport> RunAsync(RankerOptions options, CancellationToken cancellation)
    {
        options.Check();
        return Task.Run(() => this.Run(options, cancellation), cancellation);
    }

    private RankerReport Run(RankerOptions options, CancellationToken cancellation)
    {
        var wanted = settings.Current;
        var mixture = new GainMixture(wanted.Gains.Named);
        var lists = this.Shown(options, wanted, mixture, cancellation, out var gaining);
        var context = new FitContext { Threads = options.Threads, Cancellation = cancellation };
        var learnedUntil = (int)(LearnedShare * lists.Count);
        var stoppedUntil = (int)((LearnedShare + StoppingShare) * lists.Count);
        var (curve, way) = new PositionBias(schema, isOfOrder).Of(lists[..learnedUntil], context);

        var trees = new BoostedTreesTrainer(new BoostedTreesOptions { Leaves = 15, LearningRate = 0.08, Seed = options.Seed }).Fit(
            this.Examples(lists[..learnedUntil], mixture, curve, options), this.Examples(lists[learnedUntil..stoppedUntil], mixture, curve, options), context);
        cancellation.ThrowIfCancellationRequested();

        var (ranked, before) = Measure(trees, lists[stoppedUntil..], mixture, curve, options);
        if (ranked.Length < LeastDeciding)
            throw new InvalidOperationException($"Only {ranked.Length} of the latest lists were clicked or bought from; it takes {LeastDeciding} to tell whether a ranker is better. Let the shop serve for some days more.");
        var difference = ranked.Zip(before, (mine, theirs) => mine - theirs).ToArray();
        var (low, high) = Bootstrap.Intervals([difference], options.Seed, options.Threads, cancellation)[0];
        var publishes = low > 0 && trees.Trees > 0;
        var propensities = curve.Propensities.ToArray().Take(Cutoff).ToArray();
        return publishes ? registry.Publish(trees, version => Report(version), wanted.Keep) : Report(null);

        RankerReport Report(int? version) => new(
            version, lists.Count, gaining, way, propensities, ranked.Average(), before.Average(), low, high, this.ImportanceOf(trees),
            string.Create(CultureInfo.InvariantCulture,
                $"{(version is { } number ? $"Published ranker {number}" : "Published nothing: the new ranker is not surely better than the order that served")}: NDCG@{Cutoff} {ranked.Average():F4} (as served {before.Average():F4}, difference {low:+0.0000;-0.0000} to {high:+0.0000;-0.0000}) on the latest {ranked.Length} lists that gained, {way} correction for positions."))
        {
            At = time.GetUtcNow(),
            Gains = wanted.Gains.Named.Where(gain => gain.Value > 0).ToDictionary(),
        };
    }

    private List<GainedList> Shown(RankerOptions options, RankingSettings wanted, GainMixture mixture, CancellationToken cancellation, out int gaining)
    {
        this.CheckMargin(wanted);
        var logged = served.Latest(options.Lists);
        var kind = ServedList.SchemaOf(schema);
        var fitting = logged.Where(list => list.Schema == kind && list.Features.Length == list.Items.Count * schema.Count).ToList();
        // Reading events is worth it only where there can be enough lists.
        if (fitting.Count < options.LeastGaining) throw TooFew($"{fitting.Count} are logged in all");
        var lists = ServedGains.Join(fitting, events.Read, (sale, item) => this.MarginOf(sale, item, wanted.Margin), cancellation);
        gaining = lists.Count(list => Enumerable.Range(0, list.Shown.Length).Any(place => mixture.Label(list.GainsAt(place)) > 0));
        return gaining >= options.LeastGaining ? lists : throw TooFew($"there are {gaining} among {lists.Count} shown and {fitting.Count} logged");

        InvalidOperationException TooFew(string found)
        {
            var others = logged.Count - fitting.Count;
            return new InvalidOperationException(
                $"A ranker needs {options.LeastGaining} served lists that were clicked or bought from; {found}{(others > 0 ? $" ({others} more have the features of another release)" : "")}. "
                + "Send impressions and clicks with the recommendation id of their list, and try again later.");
        }
    }

    private void CheckMargin(RankingSettings wanted)
    {
        if (wanted is not { Gains.Margin: > 0, Margin: { } margin } || catalogue.Items.Any(item => margin.Of(item, null) is not null)) return;
        throw new InvalidOperationException(
            $"The ranking settings give margins a weight, but no item has the attribute {margin.Attribute} as a number. Send it with your items, or publish ranking settings with another attribute or with gains.margin 0.");
    }

    private double MarginOf(Event sale, ItemId id, MarginSource? margin) =>
        margin is not null && catalogue.Find(id) is { } item ? (margin.Of(item, sale.Price) ?? 0) * sale.Quantity : 0;

    private RankingExamples Examples(IReadOnlyList<GainedList> lists, GainMixture mixture, ExaminationCurve curve, RankerOptions options)
    {
        var examples = new RankingExamples(schema);
        foreach (var list in lists)
        {
            var places = Enumerable.Range(0, list.Shown.Length).Where(place => list.Shown[place]).ToArray();
            var features = new float[places.Length * schema.Count];
            var labels = new float[places.Length];
            var weights = new float[places.Length];
            for (var row = 0; row < places.Length; row++)
            {
                list.Served.Features.AsSpan(places[row] * schema.Count, schema.Count).CopyTo(features.AsSpan(row * schema.Count));
                labels[row] = mixture.Label(list.GainsAt(places[row]));
                weights[row] = curve.Weight(places[row], labels[row] > 0, options.MostWeight);
            }

            examples.AddList(features, labels, weights);
        }

        return examples;
    }

    /// <summary>NDCG of each list that gained, by the trees and as it was served; what chance exchanged stands where it stood before.</summary>
    private static (float[] Ranked, float[] Served) Measure(BoostedTrees trees, IReadOnlyList<GainedList> lists, GainMixture mixture, ExaminationCurve curve, RankerOptions options)
    {
        var (ranked, before) = (new List<float>(), new List<float>());
        foreach (var list in lists)
        {
            var gains = new double[list.Shown.Length];
            for (var place = 0; place < gains.Length; place++)
            {
                var label = mixture.Label(list.GainsAt(place));
                gains[place] = label * curve.Weight(place, label > 0, options.MostWeight);
            }

            if (!gains.Any(gain => gain > 0)) continue;
            var scores = new float[list.Shown.Length];
            trees.Score(list.Served.Features, scores);
            var places = Enumerable.Range(0, gains.Length).Where(place => list.Shown[place]).ToList();
            var ideal = Discounted(places.OrderByDescending(place => gains[place]), gains);
            ranked.Add((float)(Discounted(places.OrderByDescending(place => scores[place]).ThenBy(place => place), gains) / ideal));
            before.Add((float)(Discounted(Intended(places, list.Served.Exchange), gains) / ideal));
        }

        return ([.. ranked], [.. before]);
    }

    private static IEnumerable<int> Intended(List<int> places, ServedExchange? exchange) => exchange is { Happened: true, Place: var first }
        ? places.OrderBy(place => place == first ? first + 1 : place == first + 1 ? first : place)
        : places;

    private static double Discounted(IEnumerable<int> order, double[] gains) => order.Take(Cutoff).Select((place, rank) => gains[place] / Math.Log2(rank + 2)).Sum();

    private Dictionary<string, double> ImportanceOf(BoostedTrees trees)
    {
        var gains = trees.Importance.ToArray();
        var sum = Math.Max(gains.Sum(), float.Epsilon);
        return Enumerable.Range(0, gains.Length).Where(feature => gains[feature] > 0).OrderByDescending(feature => gains[feature]).Take(10)
            .ToDictionary(feature => schema.Features[feature].Name, feature => Math.Round(gains[feature] / (double)sum, 4));
    }
}
