using Aisle.Learning.Ranking;

namespace Aisle.Learning.Tests.Ranking;

/// <summary>Clicks drawn from a position-based model whose propensities are known.</summary>
public sealed class ExaminationCurveTests
{
    private const int Length = 8;
    private static readonly double[] Truth = [.. Enumerable.Range(1, Length).Select(rank => 1 / Math.Pow(rank, 0.9))];
    private static readonly FeatureSchema Schema = new([new RankingFeature("a"), new RankingFeature("b")]);

    [Fact]
    public void Harvest_RecoversThePropensities()
    {
        var random = new Random(1);
        List<Showing> showings = [];
        for (var subject = 0; subject < 3000; subject++)
        {
            // A good item stands high in most of its lists: what naive click rates by position mistake for examination.
            var relevance = random.NextDouble();
            for (var shown = 0; shown < 30; shown++)
            {
                var position = Math.Clamp((int)((1 - relevance) * Length) + random.Next(-3, 4), 0, Length - 1);
                showings.Add(new Showing(subject, position, random.NextDouble() < Truth[position] * relevance));
            }
        }

        var curve = ExaminationCurve.FromHarvest(showings, Length);
        var naive = Enumerable.Range(0, Length).Select(p => showings.Where(s => s.Position == p).Average(s => s.Clicked ? 1.0 : 0)).ToArray();
        for (var position = 0; position < Length; position++) ((double)curve.Propensities[position]).ShouldBe(Truth[position], 0.03);
        (naive[Length - 1] / naive[0]).ShouldBeLessThan(0.5 * Truth[Length - 1]);
    }

    [Fact]
    public void Harvest_TwoPositions_EqualHandComputation()
    {
        // One subject, 4 of 10 clicks at the first position and 1 of 10 at the second.
        var showings = Enumerable.Range(0, 20).Select(i => new Showing(7, i % 2, i % 2 == 0 ? i < 8 : i < 2));
        ExaminationCurve.FromHarvest(showings, 2).Propensities[1].ShouldBe(0.25f, 1e-3f);
    }

    [Fact]
    public void Harvest_PositionWithoutExchange_IsRefused() =>
        Should.Throw<ArgumentException>(() => ExaminationCurve.FromHarvest([new(1, 0, true), new(1, 1, false), new(2, 2, true)], 3)).Message.ShouldContain("position 2");

    [Fact]
    public void Regression_RecoversThePropensitiesWithoutExchanges()
    {
        var (served, _) = Served(2000, 1, null);
        var curve = ExaminationCurve.FromRegression(served, Length, 12, new BoostedTreesOptions { Trees = 20, Leaves = 8, LearningRate = 0.3 });
        for (var position = 0; position < Length; position++) ((double)curve.Propensities[position]).ShouldBe(Truth[position], 0.08);
    }

    [Fact]
    public void WeightedRanker_BeatsTheNaiveOneOnTrueRelevance()
    {
        var curve = new ExaminationCurve(Truth);
        var (naive, _) = Served(3000, 2, null);
        var (weighted, _) = Served(3000, 2, curve);
        var (test, relevance) = Served(1000, 3, null);
        var trainer = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 60, Leaves = 8 });
        Quality(trainer.Fit(weighted), test, relevance).ShouldBeGreaterThan(Quality(trainer.Fit(naive), test, relevance) + 0.02);
    }

    [Fact]
    public void Weight_IsClippedAndOnlyForClicks()
    {
        var curve = new ExaminationCurve([2, 1, 0.02]);
        curve.Propensities.ToArray().ShouldBe([1, 0.5f, 0.01f]);
        curve.Weight(1, true).ShouldBe(2);
        curve.Weight(2, true).ShouldBe(20);
        curve.Weight(9, true, 1000).ShouldBe(100, 1e-3f);
        curve.Weight(2, false).ShouldBe(1);
        Should.Throw<ArgumentException>(() => new ExaminationCurve([1, 0])).Message.ShouldContain("above 0");
    }

    /// <summary>
    /// Lists in the order of an old ranker, which goes by the first feature, though relevance goes mostly by the second; clicks by position and relevance.
    /// A naive ranker learns to imitate the old one.
    /// </summary>
    private static (RankingExamples Examples, float[] Relevance) Served(int lists, int seed, ExaminationCurve? curve)
    {
        var random = new Random(seed);
        var examples = new RankingExamples(Schema);
        List<float> relevances = [];
        for (var list = 0; list < lists; list++)
        {
            var rows = Enumerable.Range(0, Length).Select(_ => (A: random.NextSingle(), B: random.NextSingle())).OrderByDescending(row => row.A + (0.3f * random.NextSingle())).ToArray();
            float[] relevance = [.. rows.Select(row => 0.05f + (0.15f * row.A) + (0.7f * row.B * row.B))];
            float[] clicks = [.. relevance.Select((chance, position) => random.NextDouble() < chance * Truth[position] ? 1f : 0)];
            float[] weights = [.. clicks.Select((click, position) => curve?.Weight(position, click > 0) ?? 1)];
            examples.AddList([.. rows.SelectMany(row => new[] { row.A, row.B })], clicks, weights);
            relevances.AddRange(relevance);
        }

        return (examples, [.. relevances]);
    }

    /// <summary>Share of the lists' pairs that stand in the order of their true relevance.</summary>
    private static double Quality(BoostedTrees model, RankingExamples test, float[] relevance)
    {
        var scores = new float[test.Rows];
        model.Score(test.Features, scores);
        var (right, all) = (0, 0);
        for (var first = 0; first < scores.Length; first += Length)
        {
            for (var a = first; a < first + Length; a++)
            {
                for (var b = a + 1; b < first + Length; b++)
                {
                    right += (scores[a] > scores[b]) == (relevance[a] > relevance[b]) ? 1 : 0;
                    all++;
                }
            }
        }

        return (double)right / all;
    }
}
