using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Where ratings lie. Fits work on (r − mean) / deviation, so that options mean the same for stars, points and percentages.</summary>
internal readonly record struct RatingScale(float Mean, float Deviation, float Lowest, float Highest)
{
    public static RatingScale Of(Interactions ratings)
    {
        var (sum, squares, lowest, highest) = (0.0, 0.0, float.MaxValue, float.MinValue);
        foreach (var rating in ratings.AllWeights)
        {
            sum += rating;
            squares += (double)rating * rating;
            lowest = Math.Min(lowest, rating);
            highest = Math.Max(highest, rating);
        }

        var mean = sum / ratings.Count;
        var deviation = Math.Sqrt(Math.Max(0, (squares / ratings.Count) - (mean * mean)));
        return new RatingScale(Math.Clamp((float)mean, lowest, highest), lowest == highest ? 1f : (float)deviation, lowest, highest);
    }

    public float Shrink(float rating) => (rating - this.Mean) / this.Deviation;
}

/// <summary>What a fit of ratings finds, in units of the <see cref="RatingScale"/>: b_u + b_i + q_i·(p_u + |N(u)|^-½ Σ y_j).</summary>
/// <param name="Users">p, the first <paramref name="Factors"/> numbers of each row.</param>
/// <param name="Items">q, likewise.</param>
/// <param name="Implicit">y, a row per item; null without.</param>
internal sealed record RatingFactors(
    RatingScale Scale, int Factors, FactorMatrix Users, float[] UserBiases, FactorMatrix Items, float[] ItemBiases, FactorMatrix? Implicit);

/// <summary>How strongly a shopper who is folded in is held back: by λ·n on the factors and λ_b·n on the bias, n being their ratings.</summary>
internal readonly record struct RatingRidge(float Factors, float Biases)
{
    public static RatingRidge Of(double factors, double biases) => new((float)factors, (float)biases);

    /// <summary>
    /// κ: a bias is found as one more factor b/κ against the constant κ, so that one ridge serves both; κ² makes up for the difference.
    /// </summary>
    public float Constant => MathF.Sqrt(this.Factors / this.Biases);

    public float For(int ratings) => this.Factors * ratings;
}
