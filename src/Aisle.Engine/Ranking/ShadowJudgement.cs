using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Learning;
using Aisle.Learning.Exploration;
using Aisle.Learning.Models;
using Aisle.Learning.Ranking;

namespace Aisle.Engine.Ranking;

/// <summary>What a list is to earn; the numbers are places of <see cref="GainedList.Gains"/>.</summary>
public enum ListReward
{
    Click = 0,
    Cart = 1,
    Purchase = 2,
    Revenue = 3,
    Margin = 4,
}

/// <summary>What a pipeline in the shadow of another one would have earned.</summary>
/// <param name="Curve">How it was found out how places are looked at: exchanges, harvest, regression or assumed.</param>
/// <param name="Lists">Shown ones that had a list of the shadow beside them.</param>
/// <param name="Same">Share of the shadow's places that hold what the served list held somewhere.</param>
/// <param name="Rewards">Empty where there are too few lists.</param>
/// <param name="Problem">Why there are none; null where there are.</param>
public sealed record ShadowReport(string Pipeline, string Shadow, string? Curve, int Lists, double Same, IReadOnlyList<ShadowEstimate> Rewards, string? Problem);

/// <param name="Verdict">In a sentence.</param>
public sealed record ShadowEstimate(ListReward Reward, ListPolicyReport Report, string Verdict);

/// <summary>Judges a pipeline that was never shown by what came of the lists of another one, on the log of served lists; see <see cref="OffPolicyLists"/>.</summary>
public sealed class ShadowJudgement(
    IServedStore served, IEventStore events, Catalogue catalogue, PublishedConfiguration<RankingSettings> settings, FeatureSchema schema, Func<int, bool> isOfOrder)
{
    public const int MostLists = 50_000;

    private const int LeastLists = 200;
    private const int Folds = 2;
    private const int LeastRewarded = 50;
    private const double WellSupported = 0.9;
    private const float MostWeight = 20;

    /// <param name="pipeline">The one that served.</param>
    /// <param name="shadow">The one to be judged.</param>
    /// <param name="since">When the two became what they are; lists before are of others.</param>
    public ShadowReport Of(string pipeline, string shadow, DateTimeOffset since, CancellationToken cancellation)
    {
        var kind = ServedList.SchemaOf(schema);
        var logged = served.Latest(MostLists)
            .Where(list => list.Time >= since && list.Pipeline == pipeline && list.Shadow?.Pipeline == shadow && list.Schema == kind
                && list.Features.Length == list.Items.Count * schema.Count && list.Shadow.Features.Length == list.Shadow.Items.Count * schema.Count)
            .ToList();
        var lists = logged.Count < LeastLists ? [] : ServedGains.Join(logged, events.Read, this.MarginOf, cancellation);
        if (lists.Count < LeastLists)
        {
            return new ShadowReport(pipeline, shadow, null, lists.Count, 0, [],
                $"Too few lists yet: since the pipelines were published, {logged.Count} of {pipeline} were logged with one of {shadow} beside them, and it takes {LeastLists} that were shown. Send impressions and clicks with the recommendation id of their list.");
        }

        var context = new FitContext { Cancellation = cancellation };
        var (curve, way) = new PositionBias(schema, isOfOrder).Of(lists, context);
        var looks = LooksAt(lists, curve);
        var rewards = Enum.GetValues<ListReward>().Where(reward => reward != ListReward.Margin || settings.Current.Margin is not null);
        return new ShadowReport(pipeline, shadow, way, lists.Count, SameIn(lists), [.. rewards.Select(Estimate)], null);

        ShadowEstimate Estimate(ListReward reward)
        {
            var report = OffPolicyLists.Evaluate(this.Judge(lists, (int)reward, looks, curve, context));
            return new ShadowEstimate(reward, report, VerdictOf(shadow, pipeline, report));
        }
    }

    private double MarginOf(Event sale, ItemId id) =>
        settings.Current.Margin is { } margin && catalogue.Find(id) is { } item ? (margin.Of(item, sale.Price) ?? 0) * sale.Quantity : 0;

    private static double SameIn(List<GainedList> lists) =>
        lists.Sum(list => list.Served.Shadow!.Items.Intersect(list.Served.Items).Count()) / (double)Math.Max(1, lists.Sum(list => list.Served.Shadow!.Items.Count));

    /// <summary>How likely each place is looked at: that it comes into view at all, times the curve of what is in view.</summary>
    private static double[] LooksAt(List<GainedList> lists, ExaminationCurve curve)
    {
        var places = lists.Max(list => list.Shown.Length);
        var (shown, held) = (new double[places], new double[places]);
        foreach (var list in lists)
        {
            for (var place = 0; place < list.Shown.Length; place++)
            {
                held[place]++;
                if (list.Shown[place]) shown[place]++;
            }
        }

        // A place that never came into view has to be above 0, since it may yet; one further down than any served list is as the last.
        var length = Math.Max(places, lists.Max(list => list.Served.Shadow!.Items.Count));
        return [.. Enumerable.Range(0, length).Select(place =>
            Math.Max(1e-4, shown[Math.Min(place, places - 1)] / held[Math.Min(place, places - 1)]) * curve.Propensities[Math.Min(place, curve.Propensities.Length - 1)])];
    }

    private List<JudgedList> Judge(List<GainedList> lists, int kind, double[] looks, ExaminationCurve curve, FitContext context)
    {
        var foldOf = lists.Select(list => (int)(UnitOf(list) % Folds)).ToArray();
        var models = Enumerable.Range(0, Folds).Select(fold => this.ModelOf([.. lists.Where((_, at) => foldOf[at] != fold)], kind, looks, curve, context)).ToArray();
        return [.. lists.Select((list, at) => JudgedOf(list, kind, looks, models[foldOf[at]](list.Served.Shadow!)))];
    }

    private static JudgedList JudgedOf(GainedList list, int kind, double[] looks, double[] predicted)
    {
        var shadow = list.Served.Shadow!;
        var standing = new Dictionary<ItemId, int>();
        for (var place = 0; place < list.Served.Items.Count; place++) standing.TryAdd(list.Served.Items[place], place);
        return new JudgedList
        {
            Unit = unchecked((long)UnitOf(list)),
            Reward = Enumerable.Range(0, list.Shown.Length).Sum(place => (double)list.GainsAt(place)[kind]),
            Places = [.. shadow.Items.Select((item, place) => standing.TryGetValue(item, out var at)
                ? new JudgedPlace(looks[place], predicted[place], true, new ServedPlace(looks[at], ExpectedAt(at, list.Served, looks), list.GainsAt(at)[kind]))
                : new JudgedPlace(looks[place], predicted[place], shadow.Possible[place], null))],
        };
    }

    /// <summary>How likely the item of a place was to be looked at before chance decided where, or whether, it stands.</summary>
    private static double ExpectedAt(int place, ServedList served, double[] looks)
    {
        if (served.Exchange is { Place: var first } && place >= first && place <= first + 1) return (looks[first] + looks[first + 1]) / 2;
        return looks[place] * (served.Shadow!.Draws.FirstOrDefault(draw => draw.Place == place)?.Probability ?? 1);
    }

    /// <summary>What items are expected to earn when they are looked at: trees over features that do not tell the place, or one rate for all where little was earned.</summary>
    private Func<ShadowList, double[]> ModelOf(List<GainedList> lists, int kind, double[] looks, ExaminationCurve curve, FitContext context)
    {
        var rewarded = lists.Sum(list => Enumerable.Range(0, list.Shown.Length).Count(place => list.GainsAt(place)[kind] > 0));
        var earned = lists.Sum(list => Enumerable.Range(0, list.Shown.Length).Sum(place => (double)list.GainsAt(place)[kind]));
        if (rewarded < LeastRewarded)
        {
            var rate = earned / Math.Max(1, lists.Sum(list => Enumerable.Range(0, list.Shown.Length).Sum(place => looks[place])));
            return shadow => [.. shadow.Items.Select(_ => rate)];
        }

        int[] columns = [.. Enumerable.Range(0, schema.Count).Where(column => !isOfOrder(column))];
        var examples = new RankingExamples(new FeatureSchema(columns.Select(column => schema.Features[column])));
        foreach (var list in lists)
        {
            int[] places = [.. Enumerable.Range(0, list.Shown.Length).Where(place => list.Shown[place])];
            float[] labels = [.. places.Select(place => list.GainsAt(place)[kind] > 0 ? 1f : 0)];
            examples.AddList(this.Rows(list.Served.Features, places, columns), labels, [.. places.Select((place, row) => curve.Weight(place, labels[row] > 0, MostWeight))]);
        }

        var trees = new BoostedTreesTrainer(new BoostedTreesOptions { Objective = RankingObjective.Logistic, Trees = 60, Leaves = 15, MinLeafRows = 50 }).Fit(examples, null, context);
        // Scaled so that what is expected of the lists learned from is what they earned.
        var expected = lists.Sum(list => this.Chances(trees, list.Served.Features, list.Shown.Length, columns).Select((chance, place) => chance * looks[place]).Sum());
        return shadow => [.. this.Chances(trees, shadow.Features, shadow.Items.Count, columns).Select(chance => chance * earned / expected)];
    }

    private float[] Chances(BoostedTrees trees, float[] features, int places, int[] columns)
    {
        var chances = new float[places];
        trees.Predict(this.Rows(features, [.. Enumerable.Range(0, places)], columns), chances);
        return chances;
    }

    private float[] Rows(float[] features, int[] places, int[] columns)
    {
        var rows = new float[places.Length * columns.Length];
        for (var row = 0; row < places.Length; row++)
        {
            for (var column = 0; column < columns.Length; column++) rows[(row * columns.Length) + column] = features[(places[row] * schema.Count) + columns[column]];
        }

        return rows;
    }

    /// <summary>A shopper; a list of which nobody is known is a unit of its own.</summary>
    private static ulong UnitOf(GainedList list) => UnitHash.Of("unit", list.User?.Value ?? list.Served.List.ToString("N"));

    /// <summary>Intervals do not count the error of what is guessed.</summary>
    private static string SureOf(ListPolicyReport report) => report.Supported >= WellSupported && report.Warnings.Count == 0 ? "surely" : "probably";

    private static string VerdictOf(string shadow, string pipeline, ListPolicyReport report) => report switch
    {
        { Problem: { } problem } => problem,
        { Difference.Interval.Low: > 0 } => $"{shadow} would {SureOf(report)} have earned more than {pipeline}.",
        { Difference.Interval.High: < 0 } => $"{shadow} would {SureOf(report)} have earned less than {pipeline}.",
        _ => $"The log does not tell yet whether {shadow} or {pipeline} earns more.",
    };
}
