using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// What is expected of a rating before any likeness is looked at: the mean of all, plus how far this item and this user lie above or
/// below it. Biases of few ratings are drawn towards 0.
/// </summary>
/// <remarks>Koren: Factor in the neighbors: scalable and accurate collaborative filtering (TKDD 2010), section 2.1.</remarks>
internal sealed class RatingBaseline
{
    /// <summary>Ratings' worth of doubt about an item and about a user; and turns of one against the other.</summary>
    private const double ItemDoubt = 10, UserDoubt = 15;

    private const int Turns = 10;

    private readonly double _mean;
    private readonly double[] _ofUser;
    private readonly double[] _ofItem;

    public RatingBaseline(Interactions ratings)
    {
        this._ofUser = new double[ratings.Users];
        this._ofItem = new double[ratings.Items];
        var (lowest, highest, sum) = (float.PositiveInfinity, float.NegativeInfinity, 0.0);
        foreach (var rating in ratings.AllWeights)
        {
            lowest = Math.Min(lowest, rating);
            highest = Math.Max(highest, rating);
            sum += rating;
        }

        this.Range = (lowest, highest);
        this._mean = sum / ratings.Count;
        var byItem = ratings.Transpose();
        for (var turn = 0; turn < Turns; turn++)
        {
            Solve(byItem, this._ofItem, this._ofUser, ItemDoubt);
            Solve(ratings, this._ofUser, this._ofItem, UserDoubt);
        }

        void Solve(Interactions rows, double[] biases, double[] others, double doubt)
        {
            for (var row = 0; row < rows.Users; row++)
            {
                var left = 0.0;
                for (var i = 0; i < rows.CountOf(row); i++) left += rows.WeightsOf(row)[i] - this._mean - others[rows.ItemsOf(row)[i]];
                biases[row] = left / (rows.CountOf(row) + doubt);
            }
        }
    }

    public (float Lowest, float Highest) Range { get; }

    public double Of(int user, int item) => this._mean + this._ofUser[user] + this._ofItem[item];

    /// <summary>The baseline moved by the weighted mean of what neighbours lay beside theirs; by nothing where there are no neighbours.</summary>
    public float Predict(int user, int item, double weightedSum, double weights) =>
        (float)Math.Clamp(this.Of(user, item) + (weights > 0 ? weightedSum / weights : 0), this.Range.Lowest, this.Range.Highest);
}
