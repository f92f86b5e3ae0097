namespace Aisle.Learning.Evaluation;

/// <summary>Tails and points of the distributions that tests and intervals need.</summary>
internal static class Distributions
{
    private const double Tiny = 1e-300;
    private const double Precision = 1e-15;

    /// <summary>P(|Z| ≥ |z|) of the standard normal: Q(½, z²/2) of the incomplete gamma function.</summary>
    public static double NormalBothTails(double z) => UpperGamma(0.5, z * z / 2);

    /// <summary>P(Z ≤ z) of the standard normal.</summary>
    public static double NormalBelow(double z) => z < 0 ? NormalBothTails(z) / 2 : 1 - (NormalBothTails(z) / 2);

    /// <summary>
    /// The z ≥ 0 with P(|Z| ≥ z) = <paramref name="probability"/>, in (0, 1]. Newton's method on the logarithm of the tail: that is concave,
    /// so that the steps reach the root from the right, or jump there once.
    /// </summary>
    public static double NormalPoint(double probability)
    {
        if (!(probability > 0 && probability <= 1)) throw new ArgumentOutOfRangeException(nameof(probability), probability, "A tail has a probability above 0 and at most 1.");
        var z = 0.0;
        for (var step = 0; step < 100; step++)
        {
            var tail = NormalBothTails(z);
            var move = Math.Log(tail / probability) * tail / (2 * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI));
            z = Math.Max(0, z + move);
            if (Math.Abs(move) < 1e-12 * (1 + z)) break;
        }

        return z;
    }

    /// <summary>P(X ≥ x) of the chi-square distribution.</summary>
    public static double ChiSquareTail(double x, double freedom) => UpperGamma(freedom / 2, x / 2);

    /// <summary>P(|T| ≥ |t|) of Student's distribution: the regularised incomplete beta function I_{ν/(ν+t²)}(ν/2, ½).</summary>
    public static double StudentBothTails(double t, double freedom) => IncompleteBeta(freedom / 2, 0.5, freedom / (freedom + (t * t)));

    /// <summary>
    /// The t ≥ 0 with P(|T| ≥ t) = <paramref name="probability"/>. Newton's method on the tail, which is convex: from the normal's point,
    /// which lies below, the steps climb to the root.
    /// </summary>
    public static double StudentPoint(double probability, double freedom)
    {
        var t = NormalPoint(probability);
        if (freedom > 1e7) return t;
        var scale = Math.Exp(LogGamma((freedom + 1) / 2) - LogGamma(freedom / 2)) / Math.Sqrt(freedom * Math.PI);
        for (var step = 0; step < 200; step++)
        {
            var density = scale * Math.Pow(1 + (t * t / freedom), -(freedom + 1) / 2);
            var move = (StudentBothTails(t, freedom) - probability) / (2 * density);
            t += move;
            if (Math.Abs(move) < 1e-10 * (1 + t)) break;
        }

        return t;
    }

    /// <summary>Q(a, x) = Γ(a, x) / Γ(a), by the series of its complement below the mean and by the continued fraction above.</summary>
    private static double UpperGamma(double a, double x)
    {
        if (x <= 0) return 1;
        var front = Math.Exp((a * Math.Log(x)) - x - LogGamma(a));
        return x < a + 1 ? 1 - (front * GammaSeries(a, x)) : front * GammaFraction(a, x);
    }

    /// <summary>Σ xⁿ / (a (a + 1) … (a + n)).</summary>
    private static double GammaSeries(double a, double x)
    {
        double term = 1 / a, sum = term;
        for (var n = 1; term > sum * Precision; n++)
        {
            term *= x / (a + n);
            sum += term;
        }

        return sum;
    }

    /// <summary>1 / (x + 1 − a − 1(1 − a) / (x + 3 − a − …)), evaluated forwards (Lentz).</summary>
    private static double GammaFraction(double a, double x)
    {
        var b = x + 1 - a;
        double c = 1 / Tiny, d = 1 / b, result = d;
        for (var i = 1; i < 1000; i++)
        {
            var factor = -i * (i - a);
            b += 2;
            d = 1 / Away((factor * d) + b);
            c = Away(b + (factor / c));
            result *= c * d;
            if (Math.Abs((c * d) - 1) < Precision) break;
        }

        return result;
    }

    /// <summary>I_x(a, b) by the continued fraction, which converges fast below the mean; above it, by the symmetry I_x(a, b) = 1 − I_{1−x}(b, a).</summary>
    public static double IncompleteBeta(double a, double b, double x)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        if (x > (a + 1) / (a + b + 2)) return 1 - IncompleteBeta(b, a, 1 - x);
        var front = Math.Exp((a * Math.Log(x)) + (b * Math.Log(1 - x)) - LogBeta(a, b)) / a;
        double c = 1, d = 1 / Away(1 - ((a + b) * x / (a + 1))), result = d;
        for (var m = 1; m < 1000; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / Away(1 + (even * d));
            c = Away(1 + (even / c));
            result *= c * d;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / Away(1 + (odd * d));
            c = Away(1 + (odd / c));
            result *= c * d;
            if (Math.Abs((c * d) - 1) < Precision) break;
        }

        return front * result;
    }

    private static double Away(double value) => Math.Abs(value) < Tiny ? Tiny : value;

    private static double LogBeta(double a, double b) => LogGamma(a) + LogGamma(b) - LogGamma(a + b);

    /// <summary>ln Γ(x) for x > 0: Stirling's series after moving the argument above 10 by Γ(x + 1) = x Γ(x).</summary>
    public static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 10; x++) shift -= Math.Log(x);
        var inverse = 1 / (x * x);
        var series = (1 - (inverse * ((1 / 30.0) - (inverse * ((1 / 105.0) - (inverse * ((1 / 140.0) - (inverse / 99)))))))) / (12 * x);
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series;
    }
}
