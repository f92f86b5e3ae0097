using Aisle.Learning.Data;
using Aisle.Learning.Models;
using Aisle.Learning.Tests.Kernels;

namespace Aisle.Learning.Tests.Models;

public sealed class ItemNeighboursTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new ItemNeighboursTrainer();

    private protected override string OptionsJson => """{"similarity":"bm25","neighbours":20,"shrinkage":2.5,"damping":0.25,"amplification":1.5,"threshold":0.01,"significance":3,"alpha":0.4,"k1":2,"b":0.5}""";

    [Fact]
    public void Fit_SmallMatrix_GivesTheCosinesComputedByHand()
    {
        // Item 0: users 0, 1. Item 1: users 0, 1, 2 with weight 2 for user 2. Item 2: user 2.
        var train = Interactions.From(3, 3, [0, 1, 0, 1, 2, 2], [0, 0, 1, 1, 1, 2], [1f, 1f, 1f, 1f, 2f, 1f]);
        var model = new ItemNeighboursTrainer(new ItemNeighboursOptions { Similarity = SimilarityMeasure.Cosine, Shrinkage = 1, Damping = 0 }).Fit(train, new FitContext());
        var similar = Similar(model, 1);
        ((double)similar[0]).ShouldBe(2 / (Math.Sqrt(2 * 6) + 1), 1e-6);
        ((double)similar[2]).ShouldBe(2 / (Math.Sqrt(6) + 1), 1e-6);
        Similar(model, 0)[2].ShouldBe(float.NegativeInfinity);

        var scores = Folded(model, [0, 2], [1f, 3f]);
        ((double)scores[1]).ShouldBe((2 / (Math.Sqrt(12) + 1)) + (3 * 2 / (Math.Sqrt(6) + 1)), 1e-6);
    }

    [Fact]
    public void Fit_MoreCandidatesThanNeighbours_KeepsTheMostSimilar()
    {
        var train = Interactions.From(4, 4, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 2, 3, 0]);
        var model = new ItemNeighboursTrainer(new ItemNeighboursOptions { Neighbours = 1, Shrinkage = 0 }).Fit(train, new FitContext());
        Similar(model, 0).Select(float.IsNegativeInfinity).ShouldBe([true, false, true, true]);
    }

    [Fact]
    public void ScoreSimilar_CoincidenceAndBestSeller_StandBehindWhatIsOftenTouchedTogether()
    {
        // Item 0 is touched with item 1 by 30 of its 40 users, with item 2 by its single user, with item 3 by everybody like all else.
        var (users, items) = (new List<int>(), new List<int>());
        for (var user = 0; user < 400; user++)
        {
            Add(user, 3);
            if (user < 40) Add(user, 0);
            if (user is >= 10 and < 50) Add(user, 1);
            if (user == 0) Add(user, 2);
            Add(user, 4 + (user % 20));
        }

        var model = this.Trainer.Fit(Interactions.From(400, 24, [.. users], [.. items]), new FitContext());
        var scores = Similar(model, 0);
        scores[1].ShouldBeGreaterThan(1.5f * scores[3]);
        scores[1].ShouldBeGreaterThan(2 * scores[2]);

        void Add(int user, int item)
        {
            users.Add(user);
            items.Add(item);
        }
    }

    [Fact]
    public void PredictRatings_TwoCampsOfItems_FollowsTheUsersOwnCamp() => RatingCamps.ShouldBeFollowed(
        new ItemNeighboursTrainer(new ItemNeighboursOptions { Similarity = SimilarityMeasure.AdjustedCosine, Damping = 0 }));

    [Fact]
    public void Update_NewUsersAndItems_FindsWhatANewFitFinds()
    {
        var options = new ItemNeighboursOptions { Neighbours = 30, Shrinkage = 2, Damping = 0 };
        var trainer = new ItemNeighboursTrainer(options);
        var before = Interactions.From(4, 5, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 3, 4]);
        var added = Interactions.From(5, 6, [0, 4, 4, 4], [1, 0, 5, 1]);
        var old = (IUpdatable)trainer.Fit(before, new FitContext());
        var updated = old.Update(new Dataset(added), new FitContext());
        var whole = trainer.Fit(
            Interactions.From(5, 6, [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4], [0, 1, 1, 0, 1, 2, 3, 3, 4, 0, 5, 1]), new FitContext());
        AllScores(updated).ShouldBe(AllScores(whole));
        for (var item = 0; item < 6; item++) Similar(updated, item).ShouldBe(Similar(whole, item));
        old.Users.ShouldBe(4, "the old model stays as it is");
        Should.Throw<ArgumentException>(() => ((IUpdatable)updated).Update(new Dataset(before), new FitContext())).Message.ShouldContain("4 users and 5 items, the model of 5 and 6");
    }

    /// <summary>
    /// In the lists that an update keeps, the products are right, but a neighbour's length |i| and the mean history in d are those of before. With
    /// C = (mean n)^damping taken out of both, a similarity is C·p / (C·|i|·|j| + shrinkage): a new fit's divided by the one kept lies between
    /// |i| before / |i| now and C now / C before.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Update_ListsThatAreKept_AreOffByNoMoreThanLengthsAndTheMeanHistory(double damping)
    {
        var trainer = new ItemNeighboursTrainer(new ItemNeighboursOptions { Neighbours = 100, Shrinkage = 5, Damping = damping });
        var before = Numbers.Sparse(80, 40, 320);
        var added = Interactions.From(81, 40, [3, 3, 80, 80], [1, 2, 5, 6]);
        var together = before.Enlarged(81, 40).With(added);
        var updated = ((IUpdatable)trainer.Fit(before, new FitContext())).Update(new Dataset(added), new FitContext());
        var whole = trainer.Fit(together, new FitContext());
        var (old, now) = (Lengths(before, damping), Lengths(together, damping));
        var mean = Math.Pow(MeanHistory(together) / MeanHistory(before), damping);
        var found = new HashSet<int>([.. together.ItemsOf(3), .. together.ItemsOf(80)]);
        found.Count.ShouldBeLessThan(20, "most lists are kept");
        var furthest = 0.0;
        for (var item = 0; item < 40; item++)
        {
            var (kept, exact) = (Similar(updated, item), Similar(whole, item));
            if (found.Contains(item)) kept.ShouldBe(exact);
            for (var other = 0; other < 40; other++)
            {
                float.IsNegativeInfinity(kept[other]).ShouldBe(float.IsNegativeInfinity(exact[other]));
                if (found.Contains(item) || float.IsNegativeInfinity(exact[other])) continue;
                var (ratio, lengths) = ((double)exact[other] / kept[other], old[other] / now[other]);
                ratio.ShouldBeInRange(Math.Min(lengths, mean) - 1e-5, Math.Max(lengths, mean) + 1e-5);
                furthest = Math.Max(furthest, Math.Abs(ratio - 1));
            }
        }

        furthest.ShouldBeGreaterThan(0.01, "the bound is put to the test");
    }

    private static double MeanHistory(Interactions train) => train.Count / (double)Enumerable.Range(0, train.Users).Count(user => train.CountOf(user) > 0);

    /// <summary>√ Σ n_u^−damping · w² of each item: its length, the mean history left out.</summary>
    private static double[] Lengths(Interactions train, double damping)
    {
        var squares = new double[train.Items];
        for (var user = 0; user < train.Users; user++)
        {
            for (var i = 0; i < train.CountOf(user); i++)
                squares[train.ItemsOf(user)[i]] += Math.Pow(train.CountOf(user), -damping) * train.WeightsOf(user)[i] * train.WeightsOf(user)[i];
        }

        return Array.ConvertAll(squares, Math.Sqrt);
    }

    [Fact]
    public void Fit_CorrelationOfEqualWeights_SaysThatThereAreNoRatings() =>
        Should.Throw<ArgumentException>(() => new ItemNeighboursTrainer(new ItemNeighboursOptions { Similarity = SimilarityMeasure.Pearson }).Fit(Checkerboard.Train, new FitContext()))
            .Message.ShouldContain("compares ratings");

    [Theory]
    [InlineData("""{"neighbours":0}""", "1 to 10000")]
    [InlineData("""{"neighbours":1.5}""", "a whole number")]
    [InlineData("""{"shrinkage":-1}""", "shrinkage is -1")]
    [InlineData("""{"shrinkage":"x"}""", "takes a number")]
    [InlineData("""{"shrinkage":null}""", "not null")]
    [InlineData("""{"similarity":"euclid"}""", "log-likelihood")]
    [InlineData("""{"amplification":0}""", "0.1 to 10")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("itemknn", json)).Message.ShouldContain(expected);
}
