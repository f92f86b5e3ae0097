using System.Buffers;

namespace Aisle.Learning.Exploration;

/// <summary>
/// The probability of each of several independent unknowns that it is the largest, p_a = ∫ Π_{b≠a} F_b dF_a, by quadrature over a grid that
/// is fine where the contenders' mass is.
/// </summary>
/// <remarks>
/// An unknown is given by its log density over a line (for a Beta the line of its logit, on which it has one mode and light tails, whatever
/// its parameters). It is tabulated at steps of its own standard deviation; the grid is the points of the contenders; the sum over cells of
/// ΔF_a times the mean of Π_{b≠a} F_b at the cell's ends is normalised to 1.
/// </remarks>
internal sealed class BestOfTable : IDisposable
{
    private const double Floor = 1e-12;

    /// <summary>Entries of the table that are not exceeded where there are many unknowns.</summary>
    private const int MaxEntries = 300_000;

    /// <summary>Where an unknown is tabulated, in standard deviations about its centre.</summary>
    private static readonly double[] Steps = MakeSteps(0.125);

    /// <summary>The part of a contender's points that goes into the grid.</summary>
    private static readonly double[] GridSteps = MakeSteps(0.25);

    private readonly int _count;
    private readonly double[] _grid;
    private readonly double[] _below;

    private BestOfTable(int count, double[] grid, double[] below)
    {
        this._count = count;
        this._grid = grid;
        this._below = below;
    }

    public static BestOfTable OfNormals(ReadOnlySpan<double> means, ReadOnlySpan<double> deviations)
    {
        // A certain reward is one with hardly any spread, beside the others' size.
        var centres = means.ToArray();
        var scales = deviations.ToArray();
        var least = 1e-9 * (1 + centres.Max(Math.Abs));
        foreach (ref var scale in scales.AsSpan()) scale = Math.Max(scale, least);
        return Make(centres, scales, (_, t, _) => -t * t / 2);
    }

    public static BestOfTable OfBetas(double[] successes, double[] failures)
    {
        var centres = new double[successes.Length];
        var scales = new double[successes.Length];
        for (var i = 0; i < centres.Length; i++)
        {
            centres[i] = Digamma(successes[i]) - Digamma(failures[i]);
            scales[i] = Math.Sqrt(Trigamma(successes[i]) + Trigamma(failures[i]));
        }

        // θᵃ(1 − θ)ᵇ on the logit's line, where dθ = θ(1 − θ) dz; less its value at the centre, for range.
        return Make(centres, scales, (i, _, z) => LogBeta(successes[i], failures[i], z) - LogBeta(successes[i], failures[i], centres[i]));
    }

    /// <summary>Probabilities of those that are in; 0 for the others.</summary>
    public void Fill(ReadOnlySpan<bool> taken, Span<double> probabilities)
    {
        var points = this._grid.Length;
        var products = ArrayPool<double>.Shared.Rent(points);
        products.AsSpan(0, points).Fill(1);
        for (var a = 0; a < this._count; a++)
        {
            if (taken[a]) continue;
            var row = this._below.AsSpan(a * points, points);
            for (var j = 0; j < points; j++) products[j] *= row[j];
        }

        var sum = 0.0;
        for (var a = 0; a < this._count; a++)
        {
            probabilities[a] = 0;
            if (taken[a]) continue;
            var row = this._below.AsSpan(a * points, points);
            var (before, total) = (products[0] / row[0], 0.0);
            for (var j = 1; j < points; j++)
            {
                var here = products[j] / row[j];
                total += (row[j] - row[j - 1]) * (before + here) / 2;
                before = here;
            }

            probabilities[a] = total;
            sum += total;
        }

        ArrayPool<double>.Shared.Return(products);
        this.Normalise(taken, probabilities, sum);
    }

    public void Dispose() => ArrayPool<double>.Shared.Return(this._below);

    private void Normalise(ReadOnlySpan<bool> taken, Span<double> probabilities, double sum)
    {
        if (sum > 0)
        {
            for (var a = 0; a < this._count; a++) probabilities[a] /= sum;
            return;
        }

        // Every product fell below what a double can hold: nothing tells those that are left apart.
        var left = 0;
        for (var a = 0; a < this._count; a++) left += taken[a] ? 0 : 1;
        for (var a = 0; a < this._count; a++) probabilities[a] = taken[a] ? 0 : 1.0 / left;
    }

    private static BestOfTable Make(double[] centres, double[] scales, Func<int, double, double, double> logDensity)
    {
        var count = centres.Length;
        var grid = MakeGrid(centres, scales);
        var below = ArrayPool<double>.Shared.Rent(count * grid.Length);
        var own = new double[Steps.Length];
        for (var a = 0; a < count; a++) Tabulate(a, centres[a], scales[a], logDensity, own, grid, below.AsSpan(a * grid.Length, grid.Length));
        return new BestOfTable(count, grid, below);
    }

    /// <summary>F at the unknown's own points by the trapezium rule, then on the grid by interpolation.</summary>
    private static void Tabulate(int a, double centre, double scale, Func<int, double, double, double> logDensity, double[] own, double[] grid, Span<double> row)
    {
        var (sum, density) = (0.0, 0.0);
        for (var k = 0; k < Steps.Length; k++)
        {
            var here = Math.Exp(logDensity(a, Steps[k], centre + (scale * Steps[k])));
            if (k > 0) sum += (here + density) / 2 * (Steps[k] - Steps[k - 1]);
            own[k] = sum;
            density = here;
        }

        var place = 0;
        for (var j = 0; j < grid.Length; j++)
        {
            var t = (grid[j] - centre) / scale;
            while (place < Steps.Length && Steps[place] <= t) place++;
            var value = place == 0 ? 0
                : place == Steps.Length ? 1
                : (own[place - 1] + ((own[place] - own[place - 1]) * (t - Steps[place - 1]) / (Steps[place] - Steps[place - 1]))) / sum;
            row[j] = Math.Max(Floor, value);
        }
    }

    /// <summary>Points of those that may be the largest; where they are many, of some of them, spread over their order.</summary>
    private static double[] MakeGrid(double[] centres, double[] scales)
    {
        var order = Enumerable.Range(0, centres.Length).OrderByDescending(a => centres[a] + (3 * scales[a])).ToArray();
        var givers = Math.Clamp(MaxEntries / (GridSteps.Length * order.Length), 4, 32);
        var points = new List<double>(givers * GridSteps.Length);
        for (var g = 0; g < Math.Min(givers, order.Length); g++)
        {
            var a = order.Length <= givers ? order[g] : order[(int)((long)g * order.Length / givers)];
            foreach (var step in GridSteps) points.Add(centres[a] + (scales[a] * step));
        }

        // Above and below everything, so that every F ends at 1.
        points.Add(Enumerable.Range(0, centres.Length).Max(a => centres[a] + (scales[a] * Steps[^1])));
        points.Add(Enumerable.Range(0, centres.Length).Min(a => centres[a] + (scales[a] * Steps[0])));
        points.Sort();
        return [.. points.Distinct()];
    }

    private static double[] MakeSteps(double width)
    {
        var steps = new List<double> { -12, -10, -8, -7, -6, -5, -4.5 };
        for (var t = -4.0; t <= 4.0; t += width) steps.Add(t);
        steps.AddRange([4.5, 5, 6, 7, 8, 10, 12]);
        return [.. steps];
    }

    private static double LogBeta(double a, double b, double z)
    {
        // ln σ(z) and ln σ(−z) without overflow.
        var tail = Math.Log(1 + Math.Exp(-Math.Abs(z)));
        return z >= 0 ? (-a * tail) - (b * (z + tail)) : (a * (z - tail)) - (b * tail);
    }

    /// <summary>ψ(x), by its recurrence up to 6 and the asymptotic series.</summary>
    private static double Digamma(double x)
    {
        var shift = 0.0;
        for (; x < 6; x++) shift -= 1 / x;
        var inverse = 1 / (x * x);
        return shift + Math.Log(x) - (0.5 / x) - (inverse * ((1 / 12.0) - (inverse * ((1 / 120.0) - (inverse / 252)))));
    }

    /// <summary>ψ′(x), likewise.</summary>
    private static double Trigamma(double x)
    {
        var shift = 0.0;
        for (; x < 6; x++) shift += 1 / (x * x);
        var inverse = 1 / (x * x);
        return shift + (1 / x) + (inverse / 2) + (inverse / x * ((1 / 6.0) - (inverse * ((1 / 30.0) - (inverse / 42)))));
    }
}
