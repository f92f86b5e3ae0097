using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Evaluation;

/// <summary>How near predicted ratings r̂ come to those given, r, over all n ratings of the test part.</summary>
/// <param name="Count">n.</param>
/// <param name="Rmse">√(Σ (r̂ − r)² / n).</param>
/// <param name="Mae">Σ |r̂ − r| / n.</param>
/// <param name="Accuracy">Share of predictions whose nearest step of the scale (the ratings that occur; of two equally near the lower) is the rating given.</param>
public sealed record RatingReport(long Count, double Rmse, double Mae, double Accuracy)
{
    /// <exception cref="ArgumentException">There is no rating to measure.</exception>
    public static RatingReport Of(IRatingModel model, Interactions ratings, CancellationToken cancellation = default)
    {
        if (ratings.Count == 0) throw new ArgumentException("There is no test rating: there is nothing to measure.");
        var scale = ratings.AllWeights.ToArray().Distinct().Order().ToArray();
        double squares = 0, distances = 0;
        long right = 0;
        for (var user = 0; user < ratings.Users; user++)
        {
            cancellation.ThrowIfCancellationRequested();
            var given = ratings.WeightsOf(user);
            var users = new int[given.Length];
            users.AsSpan().Fill(user);
            var predicted = new float[given.Length];
            model.PredictRatings(users, ratings.ItemsOf(user), predicted);
            for (var i = 0; i < given.Length; i++)
            {
                var error = (double)predicted[i] - given[i];
                squares += error * error;
                distances += Math.Abs(error);
                if (Nearest(scale, predicted[i]) == given[i]) right++;
            }
        }

        return new RatingReport(ratings.Count, Math.Sqrt(squares / ratings.Count), distances / ratings.Count, (double)right / ratings.Count);
    }

    private static float Nearest(float[] scale, float rating)
    {
        var above = Array.FindIndex(scale, step => step >= rating);
        if (above < 0) return scale[^1];
        return above > 0 && rating - scale[above - 1] <= scale[above] - rating ? scale[above - 1] : scale[above];
    }
}
