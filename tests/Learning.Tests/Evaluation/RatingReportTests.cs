using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class RatingReportTests
{
    [Fact]
    public void Of_FourRatings_EqualsTheSumsDoneByHand()
    {
        // Predicted 3.4 for all; given 3, 4, 3, 1: errors 0.4, −0.6, 0.4, 2.4; the nearest step that occurs is 3.
        var ratings = Interactions.From(3, 3, [0, 0, 1, 2], [0, 1, 2, 0], [3, 4, 3, 1]);
        var report = RatingReport.Of(new Constant(3.4f), ratings);
        report.Count.ShouldBe(4);
        report.Rmse.ShouldBe(Math.Sqrt((0.16 + 0.36 + 0.16 + 5.76) / 4), 1e-6);
        report.Mae.ShouldBe((0.4 + 0.6 + 0.4 + 2.4) / 4, 1e-6);
        report.Accuracy.ShouldBe(0.5);
        RatingReport.Of(new Constant(9f), ratings).Accuracy.ShouldBe(0.25);
        RatingReport.Of(new Constant(0f), ratings).Accuracy.ShouldBe(0.25);
    }

    [Fact]
    public void Of_NoRating_IsRefused() =>
        Should.Throw<ArgumentException>(() => RatingReport.Of(new Constant(1), Interactions.From(1, 1, [], []))).Message.ShouldContain("nothing to measure");

    /// <summary>Predicts one rating for everything.</summary>
    private sealed class Constant(float rating) : IRatingModel
    {
        public string Name => "constant";

        public int Users => 3;

        public int Items => 3;

        public (float Lowest, float Highest) RatingRange => (rating, rating);

        public void PredictRatings(ReadOnlySpan<int> users, ReadOnlySpan<int> items, Span<float> ratings) => ratings.Fill(rating);

        public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores) => scores.Fill(rating);

        public void ScoreHistory(History history, Span<float> scores) => scores.Fill(rating);

        public int RankHistory(History history, Span<int> items, Span<float> scores) => throw new NotSupportedException("Never ranked.");

        public void ScoreItems(History history, ReadOnlySpan<int> items, Span<float> scores) => scores.Fill(rating);

        public void ScoreSimilar(int item, Span<float> scores) => scores.Fill(rating);

        public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions) => false;

        public void Save(Stream stream) => throw new NotSupportedException("Never saved.");
    }
}
