using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Evaluation;

/// <summary>Novelty, diversity, serendipity, Gini, personalisation and groups, against sums done by hand.</summary>
public sealed class ListMetricsTests
{
    private const double Tolerance = 1e-6;

    /// <summary>Popularity: item 0 by users 0, 1, 2, 3; item 1 by 0, 1; item 2 by 2; item 3 by 3; item 4 by nobody.</summary>
    private static readonly Interactions Train = Interactions.From(4, 5, [0, 1, 2, 3, 0, 1, 2, 3], [0, 0, 0, 0, 1, 1, 2, 3]);

    private static readonly Interactions Test = Interactions.From(4, 5, [0, 1, 2, 2], [2, 3, 1, 3]);

    /// <summary>Lists of two: users 0 and 1 → 2, 3 (equally popular); user 2 → 1, 3.</summary>
    private static readonly IModel Model = new PopularityTrainer().Fit(Train, new FitContext { Threads = 1 });

    private static readonly RankingCases Cases = RankingCases.OfUsers(Test, Train);

    private static RankingReport Report(params int[] cutoffs) =>
        RankingEvaluator.Evaluate(Model, Cases, cutoffs, threads: 2, details: RankingDetails.Lists | RankingDetails.Auc);

    [Fact]
    public void Novelty_OfLists_IsTheMeanSelfInformation()
    {
        var quality = ListQuality.Of(Report(1, 2), Cases, new Dataset(Train), threads: 1);

        // Items 2 and 3: one of four users each, 2 bits; item 1: two of four, 1 bit.
        quality[1].Novelty.ShouldBe([2f, 2f, 1.5f]);
        quality[0].Novelty.ShouldBe([2f, 2f, 1f]);
    }

    [Fact]
    public void Diversity_ByCoOccurrence_IsOneLessTheMeanCosine()
    {
        // Lists of three that may hold anything: 0, 1, 2. cos(0,1) = 2/√(4·2), cos(0,2) = 1/√4, cos(1,2) = 0.
        var likeness = ItemLikeness.Of(new Dataset(Train));
        var sum = new float[likeness.Features];
        var diversity = new float[3];
        likeness.Diversity([0, 1, 2], [1, 2, 3], sum, diversity);
        diversity[0].ShouldBe(float.NaN);
        ((double)diversity[1]).ShouldBe(1 - (2 / Math.Sqrt(8)), Tolerance);
        ((double)diversity[2]).ShouldBe(1 - (((2 / Math.Sqrt(8)) + 0.5 + 0) / 3), Tolerance);
        sum.ShouldAllBe(value => value == 0);
    }

    [Fact]
    public void Diversity_ByAttributesOrVectors_UsesThem()
    {
        var attributes = Attributes.From([[("brand", "a"), ("colour", "red")], [("brand", "a"), ("colour", "blue")], [], [("brand", "b")], []]);
        var byAttributes = new float[1];
        var likeness = ItemLikeness.Of(new Dataset(Train) { ItemAttributes = attributes });
        likeness.Diversity([0, 1], [2], new float[likeness.Features], byAttributes);
        ((double)byAttributes[0]).ShouldBe(0.5, Tolerance);

        var vectors = new ItemVectors(2, [1, 0, 3, 4, 0, 0, 0, 1, 1, 1]);
        var byVectors = new float[1];
        likeness = ItemLikeness.Of(new Dataset(Train) { ItemVectors = vectors, ItemAttributes = attributes });
        likeness.Diversity([0, 1, 2], [3], new float[likeness.Features], byVectors);
        ((double)byVectors[0]).ShouldBe(1 - (0.6 / 3), Tolerance);
    }

    [Fact]
    public void Serendipity_HitsThatPopularityShows_DoNotCount()
    {
        var users = new[] { 0, 1, 2 };
        var seen = Interactions.From(3, 5, users, [0, 0, 0]);
        var targets = Interactions.From(3, 5, [0, 0, 1, 2], [1, 4, 4, 2]);
        var cases = RankingCases.OfUsers(targets, seen);
        var lists = new RankedLists(3, 2);
        lists.Set(0, [1, 4]);
        lists.Set(1, [4, 3]);
        lists.Set(2, [2, 3]);
        var report = new RankingReport(users, [new CutoffReport(2, new UserMetrics[3], 0)]) { Lists = lists };

        // Popularity would show 1 and 2, so that only item 4 is a surprise.
        ListQuality.Of(report, cases, new Dataset(Train), threads: 1)[0].Serendipity.ShouldBe([0.5f, 0.5f, 0f]);
    }

    [Fact]
    public void Exposure_ByGroup_CountsPlacesAsTheyAreSeen()
    {
        var lists = new RankedLists(2, 2);
        lists.Set(0, [0, 1]);
        lists.Set(1, [2, 0]);
        var second = 1 / Math.Log2(3);
        var shares = Exposure.ByGroup(lists, [0, 1], 2, [0, 1, 1], 3);
        shares[0].ShouldBe(0.5, Tolerance);
        shares[1].ShouldBe((second + 1) / (2 + (2 * second)), Tolerance);
        shares[2].ShouldBe(0);
        Exposure.GiniOf(shares).ShouldBe(1 / 3.0, Tolerance);
        Exposure.GiniOf([0, 0, 0, 4]).ShouldBe(0.75, Tolerance);
        Exposure.GiniOf([0, 0]).ShouldBe(double.NaN);
    }

    [Fact]
    public void Exposure_OfThreeLists_EqualsTheSumsDoneByHand()
    {
        var lists = Report(2).Lists!;
        var exposure = Exposure.Of(lists, [0, 1, 2], 2, 5);

        // Shown 0, 1, 2, 3, 0 times; ascending 0, 0, 1, 2, 3: Gini = (0·1 + 2·2 + 4·3) / (5 · 6).
        exposure.Coverage.ShouldBe(3.0 / 5, Tolerance);
        exposure.Gini.ShouldBe(16.0 / 30, Tolerance);

        // The pairs of lists share 2, 1 and 1 items of 2.
        exposure.Personalisation.ShouldBe(1 - (4.0 / 2 / 3), Tolerance);
        Exposure.Of(lists, [0, 1], 2, 5).Personalisation.ShouldBe(0, Tolerance);
        Exposure.Of(lists, [0], 2, 5).Personalisation.ShouldBe(double.NaN);
    }

    [Fact]
    public void Measurements_WithEverything_NameAndDivideThem()
    {
        var measured = Measurements.Of(Report(2), Cases, new Dataset(Train), MeasureKinds.All, seed: 1, threads: 2);
        var byName = measured.All.ToDictionary(figure => figure.Name);
        byName.Keys.ShouldBe(
            ["recall@2", "precision@2", "f1@2", "ndcg@2", "hit@2", "mrr@2", "map@2", "novelty@2", "diversity@2", "serendipity@2", "coverage@2", "gini@2", "personalisation@2", "auc"],
            ignoreOrder: true);
        byName["hit@2"].Value.ShouldBe(1, Tolerance);
        byName["gini@2"].Low.ShouldBeNull();
        var recall = byName["recall@2"];
        recall.Low!.Value.ShouldBeLessThanOrEqualTo(recall.Value);
        recall.High!.Value.ShouldBeGreaterThanOrEqualTo(recall.Value);

        // User 0: target 2 ties 3 and beats 4: .75; user 1: the same for 3; user 2: targets 1 and 3 beat the only negative, 4.
        byName["auc"].Value.ShouldBe((0.75 + 0.75 + 1) / 3, Tolerance);

        // All users have two interactions, so that they cannot be parted; items: 0 is the head, 1 and 2 follow, 3 and 4 are the tail.
        measured.Groups.Select(group => (group.Kind, group.Name, group.Cases)).ShouldBe([("users", "low", 3), ("items", "mid", 2), ("items", "tail", 2)]);
        measured.Groups[1].Measurements.Single(figure => figure.Name == "mrr@2").Value.ShouldBe(1, Tolerance);
        measured.Groups[1].Measurements.Single(figure => figure.Name == "share@2").Value.ShouldBe(0.5, Tolerance);
        measured.Groups[2].Measurements.Single(figure => figure.Name == "mrr@2").Value.ShouldBe(0.5, Tolerance);
        measured.Groups[2].Measurements.Single(figure => figure.Name == "auc").Value.ShouldBe((0.75 + 1) / 2, Tolerance);
    }

    [Fact]
    public void Measurements_OfSampledCandidates_LeaveOutWhatOnlyWholeListsTell()
    {
        var sampled = Cases.Among([[2, 3], [2, 3], [1, 3]]);
        var report = RankingEvaluator.Evaluate(Model, sampled, [2], threads: 1, details: RankingDetails.Lists);
        Measurements.Of(report, sampled, new Dataset(Train), MeasureKinds.Lists, 1, 1).All.ShouldNotContain(figure => figure.Name.StartsWith("novelty"));
    }

    [Fact]
    public void ByActivity_NeverPartsEqualUsers()
    {
        var train = Interactions.From(6, 4, [0, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 5], [0, 0, 0, 1, 0, 1, 2, 0, 1, 2, 0, 1, 2, 3]);
        var targets = Interactions.From(6, 4, [0, 1, 2, 3, 4, 5], [3, 3, 3, 3, 3, 3]);
        EvaluationGroups.ByActivity(RankingCases.OfUsers(targets, train), train).ShouldBe([0, 0, 1, 1, 1, 2]);
    }
}
