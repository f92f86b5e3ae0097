using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>Catalogues large enough that models look for their best items instead of scoring all: what they say is compared with all scores.</summary>
public sealed class FactorSearchTests
{
    private const int Items = 12_000;
    private const int Dimensions = 24;

    [Fact]
    public void Rank_Items_AreTheBestWithTheirExactScores()
    {
        var factors = Factors(seed: 1);
        var search = new FactorSearch(factors, new FactorCosines(factors, Dimensions));
        for (var seed = 0; seed < 20; seed++)
        {
            var query = Query(seed);
            var all = All(factors, query);
            var (expected, _) = Top(all, 100);
            var (items, scores) = (new int[100], new float[100]);
            using var partial = search.Open(query);

            partial.Rank(items, scores).ShouldBe(100);

            items.Intersect(expected).Count().ShouldBeGreaterThanOrEqualTo(99);
            items[..20].ShouldBe(expected[..20]);
            for (var i = 0; i < items.Length; i++) scores[i].ShouldBe(all[items[i]], 1e-4);
        }
    }

    [Fact]
    public void Spread_WithoutTheHistory_IsThatOfAllOtherScores()
    {
        var factors = Factors(seed: 2);
        var query = Query(seed: 3);
        int[] history = [5, 77, 3_000, 11_999];
        using var partial = new FactorSearch(factors, new FactorCosines(factors, Dimensions)).Open(query);
        var all = All(factors, query);
        foreach (var item in history) all[item] = float.NegativeInfinity;
        var expected = ScoreRows.SummariseReference(all);

        var (count, deviation) = partial.Spread(history);

        count.ShouldBe(expected.Count);
        deviation.ShouldBe(expected.Deviation, 1e-5);
        partial.FindLowest().ShouldBe(expected.Lowest, 1e-4);
    }

    [Fact]
    public void Open_SomeoneUnknown_KnowsNoItem()
    {
        var factors = Factors(seed: 4);
        using var partial = new FactorSearch(factors, new FactorCosines(factors, Dimensions)).Open(new float[Dimensions]);
        partial.Rank(new int[10], new float[10]).ShouldBe(0);
        partial.Spread([]).ShouldBe((0, 0.0));
    }

    [Fact]
    public void RankHistory_FactorsAndAnEnsembleOfThem_AgreeWithAllScores()
    {
        var data = new Dataset(Sales());
        var als = new AlsTrainer(new AlsOptions { Factors = 16, Iterations = 2 }).Fit(data, new FitContext { Threads = 2 });
        var both = new EnsembleTrainer(new EnsembleOptions { Members = [new HybridMember("als"), new HybridMember("itemknn")], Weights = [2, 1] }).Fit(data, new FitContext { Threads = 2 });
        foreach (var model in new[] { als, both })
        {
            for (var user = 0; user < 10; user++)
            {
                var history = data.Interactions.ItemsOf(user).ToArray();
                var all = new float[Items];
                model.ScoreHistory(new History(history), all);
                var (expected, _) = Top(all, 50);
                var (items, scores) = (new int[50], new float[50]);

                model.RankHistory(new History(history), items, scores).ShouldBe(50);

                items.Intersect(expected).Count().ShouldBeGreaterThanOrEqualTo(49, model.Name);
                items[..10].ShouldBe(expected[..10], model.Name);
                for (var i = 0; i < items.Length; i++) scores[i].ShouldBe(all[items[i]], 1e-3f * Math.Abs(all[items[i]]) + 1e-5f, model.Name);
            }
        }
    }

    [Fact]
    public void Explain_EnsembleOfALargeCatalogue_AddsUpToTheScore()
    {
        var data = new Dataset(Sales());
        var model = new EnsembleTrainer(new EnsembleOptions { Members = [new HybridMember("als"), new HybridMember("itemknn")], Weights = [2, 1] }).Fit(data, new FitContext { Threads = 2 });
        var history = data.Interactions.ItemsOf(0).ToArray();
        var neighbours = new float[Items];
        model.ScoreSimilar(history[0], neighbours);
        var asked = Top(neighbours, 1).Items[0];
        var contributions = new float[history.Length];

        model.Explain(new History(history), [asked], contributions).ShouldBeTrue();

        var score = new float[1];
        model.ScoreItems(new History(history), [asked], score);
        ((double)contributions.Sum()).ShouldBe(score[0], 1e-3);
    }

    /// <summary>Lengths as of a catalogue: a few items are much longer than most, and every hundredth is unknown.</summary>
    private static FactorMatrix Factors(int seed)
    {
        var random = new RandomStream(seed, 0);
        var factors = new FactorMatrix(Items, Dimensions);
        for (var item = 0; item < Items; item++)
        {
            if (item % 100 == 1) continue;
            var length = 3 / Math.Sqrt(1 + (item * 7 % Items));
            foreach (ref var value in factors.Values(item)) value = (float)((random.Uniform() - 0.4) * (0.05 + length));
        }

        return factors;
    }

    private static float[] Query(int seed)
    {
        var random = new RandomStream(100 + seed, 0);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => random.Uniform() - 0.5f)];
    }

    private static float[] All(FactorMatrix factors, float[] query) =>
        [.. Enumerable.Range(0, Items).Select(item => item % 100 == 1 ? float.NegativeInfinity : (float)Vectors.DotReference(query, factors.Values(item)))];

    private static (int[] Items, float[] Scores) Top(float[] all, int count)
    {
        var (items, scores) = (new int[count], new float[count]);
        TopK.SelectReference(all, items, scores).ShouldBe(count);
        return (items, scores);
    }

    /// <summary>3,000 shoppers of 20 items each, most of them from the shopper's own tenth of the catalogue; the last items are nobody's.</summary>
    private static Interactions Sales()
    {
        var random = new RandomStream(9, 0);
        var (users, items) = (new List<int>(), new List<int>());
        for (var user = 0; user < 3_000; user++)
        {
            var own = new HashSet<int>();
            while (own.Count < 20)
            {
                var place = (int)(random.Uniform() * random.Uniform() * (Items - 500) / 10);
                own.Add(random.Uniform() < 0.9 ? (place * 10) + (user % 10) : random.Below(Items - 500));
            }

            items.AddRange(own);
            users.AddRange(Enumerable.Repeat(user, own.Count));
        }

        return Interactions.From(3_000, Items, [.. users], [.. items]);
    }
}
