namespace Aisle.Learning.Evaluation;

/// <summary>Tails of the distributions that tests need.</summary>
internal static class Distributions
{
    private const double Tiny = 1e-300;
    private const double Precision = 1e-15;

    /// <summary>P(|Z| ≥ |z|) of the standard normal, which is I_{1/2 tail} of the incomplete gamma function: Q(½, z²/2).</summary>
    public static double NormalBothTails(double z)
    {
        var x = z * z / 2;
        return x < 1.5 ? 1 - GammaSeries(x) : GammaFraction(x);
    }

    /// <summary>P(|T| ≥ |t|) of Student's distribution: the regularised incomplete beta function I_{ν/(ν+t²)}(ν/2, ½).</summary>
    public static double StudentBothTails(double t, double freedom) => IncompleteBeta(freedom / 2, 0.5, freedom / (freedom + (t * t)));

    /// <summary>P(½, x) = e^(−x) √x Σ xⁿ / Γ(n + 3/2).</summary>
    private static double GammaSeries(double x)
    {
        double term = 2, sum = 2;
        for (var n = 1; term > sum * Precision; n++)
        {
            term *= x / (n + 0.5);
            sum += term;
        }

        return sum * Math.Exp(-x) * Math.Sqrt(x / Math.PI);
    }

    /// <summary>Q(½, x) by its continued fraction, evaluated forwards (Lentz).</summary>
    private static double GammaFraction(double x)
    {
        var b = x + 0.5;
        double c = 1 / Tiny, d = 1 / b, result = d;
        for (var i = 1; i < 500; i++)
        {
            var a = -i * (i - 0.5);
            b += 2;
            d = 1 / ((a * d) + b);
            c = b + (a / c);
            result *= c * d;
            if (Math.Abs((c * d) - 1) < Precision) break;
        }

        return result * Math.Exp(-x) * Math.Sqrt(x / Math.PI);
    }

    /// <summary>By the continued fraction, which converges fast below the mean; above it, by the symmetry I_x(a, b) = 1 − I_{1−x}(b, a).</summary>
    private static double IncompleteBeta(double a, double b, double x)
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

    /// <summary>Stirling's series after moving the argument above 10 by Γ(x + 1) = x Γ(x).</summary>
    private static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 10; x++) shift -= Math.Log(x);
        var inverse = 1 / (x * x);
        var series = (1 - (inverse * ((1 / 30.0) - (inverse * ((1 / 105.0) - (inverse * ((1 / 140.0) - (inverse / 99)))))))) / (12 * x);
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series;
    }
}
