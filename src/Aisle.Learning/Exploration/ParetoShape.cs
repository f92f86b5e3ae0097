namespace Aisle.Learning.Exploration;

/// <summary>
/// How heavy the tail of importance weights is: the shape of a generalised Pareto distribution fitted to the largest of them (Vehtari,
/// Simpson, Gelman, Yao, Gabry, JMLR 2024; the fit is that of Zhang, Stephens, Technometrics 2009, with the prior that Vehtari et al. add).
/// </summary>
internal static class ParetoShape
{
    private const int LeastTail = 20;
    private const double PriorShape = 0.5;
    private const double PriorWeight = 10;

    /// <returns>0 where the largest weights are too few or all alike.</returns>
    public static double Of(ReadOnlySpan<double> weights)
    {
        var sorted = weights.ToArray();
        Array.Sort(sorted);
        var tail = (int)Math.Min(sorted.Length / 5.0, 3 * Math.Sqrt(sorted.Length));
        if (tail < LeastTail) return 0;
        var threshold = sorted[^(tail + 1)];
        double[] excesses = [.. sorted[^tail..].Select(weight => weight - threshold).Where(excess => excess > 0)];

        // Weights with few values (a uniform share over few actions) are bounded, and pile up at their largest.
        if (excesses.Length < LeastTail || sorted[^1] == sorted[^Math.Max(2, tail / 10)]) return 0;
        return Fit(excesses);
    }

    /// <param name="excesses">Rising, above 0.</param>
    internal static double Fit(double[] excesses)
    {
        var n = excesses.Length;
        var candidates = 30 + (int)Math.Sqrt(n);
        var quartile = excesses[(int)((n / 4.0) + 0.5) - 1];
        var (thetas, logs) = (new double[candidates], new double[candidates]);
        for (var i = 0; i < candidates; i++)
        {
            thetas[i] = (1 / excesses[^1]) + ((1 - Math.Sqrt(candidates / (i + 0.5))) / (3 * quartile));
            var shape = ShapeOf(excesses, thetas[i]);
            logs[i] = n * (Math.Log(-thetas[i] / shape) - shape - 1);
        }

        var (theta, sum, largest) = (0.0, 0.0, logs.Max());
        for (var i = 0; i < candidates; i++)
        {
            var weight = Math.Exp(logs[i] - largest);
            theta += weight * thetas[i];
            sum += weight;
        }

        return ((n * ShapeOf(excesses, theta / sum)) + (PriorWeight * PriorShape)) / (n + PriorWeight);
    }

    private static double ShapeOf(double[] excesses, double theta)
    {
        var sum = 0.0;
        foreach (var excess in excesses) sum += Math.Log(1 - (theta * excess));
        return sum / excesses.Length;
    }
}
