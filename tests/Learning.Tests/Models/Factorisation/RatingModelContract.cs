using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>What models of the form μ + b_u + b_i + q_i·z_u keep beyond <see cref="ModelContract"/>, on made-up ratings whose answer is known.</summary>
public abstract class RatingModelContract : ModelContract
{
    private protected override Interactions Board => Checkerboard.Rated;

    private protected override double Baseline(IModel model, int item) => ((RatingFactorsModel)model).BaselineOf(item);

    [Fact]
    public void PredictRatings_WithheldPairs_AreNearTheTruth()
    {
        var ratings = WithheldRatings.LowRank(users: 200, items: 80);
        var model = (IRatingModel)this.Trainer.Fit(ratings.Train, new FitContext());
        ratings.Error(model).ShouldBeLessThan(0.35 * ratings.ErrorOf(6));
    }

    [Fact]
    public void PredictRatings_PairsOfAUser_AreTheScoresWithinTheRange()
    {
        var model = (IRatingModel)this.Fit();
        model.RatingRange.ShouldBe((1f, 5f));
        var scores = Scores(model, 7);
        var ratings = new float[model.Items];
        model.PredictRatings([.. Enumerable.Repeat(7, model.Items)], [.. Enumerable.Range(0, model.Items)], ratings);
        for (var item = 0; item < model.Items; item++) ((double)ratings[item]).ShouldBe(Math.Clamp(scores[item], 1, 5), 1e-4);
    }

    [Fact]
    public void PredictRatings_UserOrItemWithoutRatings_UsesWhatIsLeft()
    {
        // Item 0 is liked by all, user 3 and item 2 have no ratings.
        var train = Interactions.From(4, 3, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [5f, 2f, 5f, 1f, 4f, 2f]);
        var model = (IRatingModel)this.Trainer.Fit(train, new FitContext());
        var ratings = new float[4];
        model.PredictRatings([3, 3, 0, 3], [0, 1, 2, 2], ratings);
        ratings[0].ShouldBeGreaterThan(ratings[1] + 0.4f, "the item's bias");
        ratings[2].ShouldBeGreaterThan(2.5f, "the user's bias and the mean");
        ((double)ratings[3]).ShouldBe(19.0 / 6, 1e-4, "the mean");
    }

    [Fact]
    public void PredictRatings_RoomThatDoesNotFit_SaysWhatWasGiven() =>
        Should.Throw<ArgumentException>(() => ((IRatingModel)this.Fit()).PredictRatings([0, 1], [0], new float[2])).Message.ShouldContain("2 users, 1 items");

    [Fact]
    public void Fit_RatingsOnAnotherScale_PredictsTheSameOnThatScale()
    {
        var stars = (IRatingModel)this.Fit();
        var percent = (IRatingModel)this.Trainer.Fit(this.Board.Reweight(rating => 20 * rating), new FitContext { Threads = 1 });
        var (inStars, inPercent) = (Scores(stars, 4), Scores(percent, 4));
        for (var item = 0; item < stars.Items; item++) (inPercent[item] / 20.0).ShouldBe(inStars[item], 0.02);
    }

    [Fact]
    public void ScoreHistory_ItemsWithoutRatingsOnly_KnowsNothing()
    {
        var model = this.Trainer.Fit(Interactions.From(2, 3, [0, 0, 1], [0, 1, 1], [5f, 1f, 3f]), new FitContext());
        Folded(model, [2], [4f]).ShouldAllBe(score => float.IsNegativeInfinity(score));
        Folded(model, [2, 0], [4f, 4f])[1].ShouldBeGreaterThan(float.NegativeInfinity);
    }

    [Fact]
    public void PredictRatings_MovieLens100k_IsAsGoodAsPublished()
    {
        var ratings = WithheldRatings.MovieLens() ?? WithheldRatings.LowRank(users: 300, items: 100);
        var model = (IRatingModel)Trainers.Create(this.Trainer.Name, this.QuickOptionsJson).Fit(ratings.Train, new FitContext());
        ratings.Error(model).ShouldBeLessThan(0.935);
    }

    /// <summary>Options of a fit within a second or two.</summary>
    private protected abstract string QuickOptionsJson { get; }
}
