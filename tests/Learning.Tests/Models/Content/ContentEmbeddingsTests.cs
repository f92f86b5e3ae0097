using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ContentEmbeddingsTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new ContentEmbeddingsTrainer(new ContentEmbeddingsOptions { Factors = 8, Iterations = 8 });

    private protected override string OptionsJson => """{"factors":16,"ridge":0.5,"blend":10,"characters":true}""";

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithAll(interactions);

    [Fact]
    public void Predict_ByConjugateGradient_EqualsTheSolvedEquations()
    {
        // One feature, so W = Σ t f y / (Σ t f² + λ).
        var features = Interactions.From(3, 1, [0, 1, 2], [0, 0, 0], [1f, 2f, 3f]);
        var targets = new FactorMatrix(3, 2);
        (targets.Values(0)[0], targets.Values(0)[1], targets.Values(1)[0], targets.Values(1)[1]) = (1f, 4f, 3f, -1f);
        var told = RidgeMap.Predict(features, targets, [1f, 0.5f, 0f], 0.7, 50, new FitContext { Threads = 2 });
        var (w0, w1) = ((1 + (0.5 * 2 * 3)) / (1 + (0.5 * 4) + 0.7), (4 - (0.5 * 2)) / (1 + (0.5 * 4) + 0.7));
        for (var row = 0; row < 3; row++)
        {
            ((double)told.Values(row)[0]).ShouldBe((row + 1) * w0, 1e-4);
            ((double)told.Values(row)[1]).ShouldBe((row + 1) * w1, 1e-4);
        }
    }

    [Fact]
    public void Fit_ColdItemOfOtherWords_LandsNearWhatIsTakenUpTogether()
    {
        var (data, cold) = TwoVocabularies();
        double Found(string name, string? options)
        {
            var model = Trainers.Create(name, options).Fit(data, new FitContext { Threads = 1 });
            var hits = 0;
            for (var taste = 0; taste < Tastes; taste++)
            {
                // A shopper who knows the second vocabulary's items alone; the cold items are told in the first.
                var history = Enumerable.Range(0, 5).Select(i => ItemOf(taste, 1, i)).ToArray();
                var scores = Folded(model, history, []);
                hits += cold.OrderByDescending(item => scores[item]).Take(2).Count(item => !float.IsNegativeInfinity(scores[item]) && item / ItemsPerTaste == taste);
            }

            return hits / (2.0 * Tastes);
        }

        Found("content-embeddings", """{"factors":8}""").ShouldBeGreaterThan(0.8);
        Found("content-text", null).ShouldBeLessThan(0.3);
    }

    [Fact]
    public void Fit_WithheldItemsOfARealShop_AreRankedAboveChanceAndAboveTheirWordsAlone()
    {
        // Behaviour and titles of Online Retail where it is at hand, or made-up ones of the same shape.
        var (all, titles) = OnlineRetailTitles.Read() ?? MadeUp();
        var random = new Random(11);
        var isCold = new bool[all.Items];
        foreach (ref var cold in isCold.AsSpan()) cold = random.NextDouble() < 0.15;
        var data = new Dataset(Part(all, item => !isCold[item])) { ItemTexts = titles };
        var targets = Part(all, item => isCold[item]);
        var chance = 20.0 / isCold.Count(cold => cold);

        var embeddings = Recall("content-embeddings", """{"factors":96,"iterations":8}""");
        var words = Recall("content-text", null);
        embeddings.ShouldBeGreaterThan(3 * chance);
        embeddings.ShouldBeGreaterThan(1.03 * words, $"words alone: {words}");

        double Recall(string name, string? options)
        {
            var model = Trainers.Create(name, options).Fit(data, new FitContext { Threads = 2 });
            var (sum, users) = (0.0, 0);
            for (var user = 0; user < all.Users; user += 2)
            {
                if (data.Interactions.CountOf(user) == 0 || targets.CountOf(user) == 0) continue;
                var scores = Scores(model, user);
                for (var item = 0; item < scores.Length; item++)
                {
                    if (!isCold[item]) scores[item] = float.NegativeInfinity;
                }

                var best = new int[20];
                var count = TopK.Select(scores, best, new float[20]);
                sum += best.Take(count).Count(item => targets.ItemsOf(user).Contains(item)) / (double)Math.Min(20, targets.CountOf(user));
                users++;
            }

            return sum / users;
        }
    }

    [Fact]
    public void Fit_WithoutTextsOrAttributes_SaysWhatIsMissing() =>
        Should.Throw<ArgumentException>(() => new ContentEmbeddingsTrainer().Fit(Checkerboard.Train, new FitContext())).Message.ShouldContain("texts or attributes");

    private const int Tastes = 4;
    private const int ItemsPerTaste = 20;

    private static int ItemOf(int taste, int vocabulary, int number) => (taste * ItemsPerTaste) + (vocabulary * (ItemsPerTaste / 2)) + number;

    /// <summary>
    /// Items of each taste are told in one of two vocabularies that share no word (teapots and kettles, say); shoppers take up both.
    /// The last two items of each taste's first vocabulary are touched by nobody.
    /// </summary>
    private static (Dataset Data, int[] Cold) TwoVocabularies()
    {
        var random = new Random(5);
        var cold = Enumerable.Range(0, Tastes).SelectMany(taste => new[] { ItemOf(taste, 0, 8), ItemOf(taste, 0, 9) }).ToArray();
        List<int> users = [], items = [];
        for (var user = 0; user < 200; user++)
        {
            for (var item = 0; item < Tastes * ItemsPerTaste; item++)
            {
                if (cold.Contains(item) || random.NextDouble() >= (item / ItemsPerTaste == user % Tastes ? 0.5 : 0.02)) continue;
                users.Add(user);
                items.Add(item);
            }
        }

        var texts = Enumerable.Range(0, Tastes * ItemsPerTaste).Select(item =>
        {
            var vocabulary = (char)('a' + (2 * (item / ItemsPerTaste)) + (item % ItemsPerTaste / 10));
            return string.Join(' ', Enumerable.Range(0, 3).Select(_ => $"{new string(vocabulary, 3)}{random.Next(5)}"));
        }).ToArray();
        return (new Dataset(Interactions.From(200, Tastes * ItemsPerTaste, [.. users], [.. items])) { ItemTexts = texts }, cold);
    }

    private static (Interactions All, string[] Titles) MadeUp()
    {
        var (data, cold) = TwoVocabularies();
        List<int> users = [], items = [];
        for (var user = 0; user < 200; user++)
        {
            foreach (var item in cold.Where(item => item / ItemsPerTaste == user % Tastes)) { users.Add(user); items.Add(item); }
        }

        var more = Interactions.From(200, Tastes * ItemsPerTaste, [.. users], [.. items]);
        return (data.Interactions.With(more), [.. data.ItemTexts!]);
    }

    private static Interactions Part(Interactions all, Func<int, bool> keep)
    {
        List<int> users = [], items = [];
        for (var user = 0; user < all.Users; user++)
        {
            foreach (var item in all.ItemsOf(user))
            {
                if (!keep(item)) continue;
                users.Add(user);
                items.Add(item);
            }
        }

        return Interactions.From(all.Users, all.Items, [.. users], [.. items]);
    }
}
