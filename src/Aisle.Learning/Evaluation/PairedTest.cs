namespace Aisle.Learning.Evaluation;

/// <summary>
/// Whether two models differ by more than chance, from a metric's difference for each user. Two-sided probabilities of a difference at
/// least as large where there is none.
/// </summary>
/// <param name="Student">Paired t test.</param>
/// <param name="Bootstrap">Share of resamples of the centred differences whose mean is as far from 0 (Efron, Tibshirani 1993, chapter 16); at least 1 / (resamples + 1).</param>
/// <param name="Wilcoxon">Signed ranks, users without a difference left out, normal approximation with a correction for ties.</param>
public readonly record struct PairedTest(double Student, double Bootstrap, double Wilcoxon)
{
    private const int Resamples = 1000;

    /// <param name="one">A metric of one model for each user.</param>
    /// <param name="other">The same of the other, for the same users.</param>
    public static PairedTest Of(ReadOnlySpan<float> one, ReadOnlySpan<float> other, int seed)
    {
        if (one.Length != other.Length || one.IsEmpty) throw new ArgumentException($"{one.Length} and {other.Length} users cannot be compared in pairs; measure both models on the same users.");
        var differences = new double[one.Length];
        for (var i = 0; i < one.Length; i++) differences[i] = (double)one[i] - other[i];
        return new PairedTest(StudentOf(differences), BootstrapOf(differences, seed), WilcoxonOf(differences));
    }

    /// <summary>
    /// Probabilities corrected for how many there are (Holm, Scandinavian Journal of Statistics 1979): the k-th smallest of m is multiplied
    /// by m − k + 1, and none may be smaller than one before it.
    /// </summary>
    public static double[] Holm(IReadOnlyList<double> probabilities)
    {
        var order = Enumerable.Range(0, probabilities.Count).OrderBy(i => probabilities[i]).ToArray();
        var corrected = new double[order.Length];
        var least = 0.0;
        for (var k = 0; k < order.Length; k++)
        {
            least = Math.Max(least, Math.Min(1, probabilities[order[k]] * (order.Length - k)));
            corrected[order[k]] = least;
        }

        return corrected;
    }

    /// <summary>
    /// Probabilities corrected so that calling those below a limit findings keeps the expected share of wrong ones among them below that
    /// limit (Benjamini, Hochberg, Journal of the Royal Statistical Society B 1995): the k-th smallest of m is multiplied by m / k, and none
    /// may be larger than one after it. For probabilities that are independent or rise together.
    /// </summary>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> probabilities)
    {
        var order = Enumerable.Range(0, probabilities.Count).OrderBy(i => probabilities[i]).ToArray();
        var corrected = new double[order.Length];
        var most = 1.0;
        for (var k = order.Length - 1; k >= 0; k--)
        {
            most = Math.Min(most, probabilities[order[k]] * order.Length / (k + 1));
            corrected[order[k]] = most;
        }

        return corrected;
    }

    internal static double StudentOf(double[] differences)
    {
        var n = differences.Length;
        var mean = differences.Average();
        if (n < 2) return 1;
        var variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / (n - 1);
        if (variance == 0) return mean == 0 ? 1 : 0;
        var t = mean / Math.Sqrt(variance / n);
        return Distributions.StudentBothTails(t, n - 1);
    }

    internal static double WilcoxonOf(double[] differences)
    {
        var sizes = differences.Where(difference => difference != 0).OrderBy(Math.Abs).ToArray();
        double n = sizes.Length;
        if (n == 0) return 1;
        double positive = 0, ties = 0;
        for (var first = 0; first < sizes.Length;)
        {
            var end = first + 1;
            while (end < sizes.Length && Math.Abs(sizes[end]) == Math.Abs(sizes[first])) end++;
            var rank = (first + 1 + end) / 2.0;
            for (var i = first; i < end; i++) positive += sizes[i] > 0 ? rank : 0;
            double tied = end - first;
            ties += (tied * tied * tied) - tied;
            first = end;
        }

        var variance = (n * (n + 1) * ((2 * n) + 1) / 24) - (ties / 48);
        return Distributions.NormalBothTails((positive - (n * (n + 1) / 4)) / Math.Sqrt(variance));
    }

    private static double BootstrapOf(double[] differences, int seed)
    {
        var mean = differences.Average();
        if (mean == 0) return 1;
        var asFar = 0;
        for (var resample = 0; resample < Resamples; resample++)
        {
            var random = new RandomStream(seed, resample);
            var sum = 0.0;
            for (var i = 0; i < differences.Length; i++) sum += differences[random.Below(differences.Length)];
            if (Math.Abs((sum / differences.Length) - mean) >= Math.Abs(mean)) asFar++;
        }

        return (asFar + 1.0) / (Resamples + 1);
    }
}
