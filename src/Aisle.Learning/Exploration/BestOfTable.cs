using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

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
    private const int MaxEntries = 100_000;

    /// <summary>Where an unknown is tabulated, in standard deviations about its centre.</summary>
    private static readonly double[] Steps = MakeSteps(0.125);

    /// <summary>The part of a contender's points that goes into the grid.</summary>
    private static readonly double[] GridSteps = MakeSteps(0.25);

    private readonly int _count;
    private readonly int _points;

    /// <summary>F, unknowns × points.</summary>
    private readonly double[] _below;

    /// <summary>Half of what F grows by from the point before to the point after, over F: times Π F of all, what a point adds to p_a.</summary>
    private readonly double[] _slopes;

    private BestOfTable(int count, int points, double[] below, double[] slopes)
    {
        this._count = count;
        this._points = points;
        this._below = below;
        this._slopes = slopes;
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
        var peaks = new double[successes.Length];
        for (var i = 0; i < centres.Length; i++)
        {
            centres[i] = Digamma(successes[i]) - Digamma(failures[i]);
            scales[i] = Math.Sqrt(Trigamma(successes[i]) + Trigamma(failures[i]));
            peaks[i] = LogBeta(successes[i], failures[i], centres[i]);
        }

        // θᵃ(1 − θ)ᵇ on the logit's line, where dθ = θ(1 − θ) dz; less its value at the centre, for range.
        return Make(centres, scales, (i, _, z) => LogBeta(successes[i], failures[i], z) - peaks[i]);
    }

    /// <summary>Probabilities of those that are in; 0 for the others.</summary>
    public void Fill(ReadOnlySpan<bool> taken, Span<double> probabilities)
    {
        var points = this._points;
        var rented = ArrayPool<double>.Shared.Rent(points);
        var products = rented.AsSpan(0, points);
        products.Fill(1);
        for (var a = 0; a < this._count; a++)
        {
            if (!taken[a]) Multiply(products, this._below.AsSpan(a * points, points));
        }

        var sum = 0.0;
        for (var a = 0; a < this._count; a++)
        {
            probabilities[a] = taken[a] ? 0 : Dot(products, this._slopes.AsSpan(a * points, points));
            sum += probabilities[a];
        }

        ArrayPool<double>.Shared.Return(rented);
        this.Normalise(taken, probabilities, sum);
    }

    public void Dispose()
    {
        ArrayPool<double>.Shared.Return(this._below);
        ArrayPool<double>.Shared.Return(this._slopes);
    }

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
        var slopes = ArrayPool<double>.Shared.Rent(count * grid.Length);
        for (var a = 0; a < count; a++)
        {
            var row = below.AsSpan(a * grid.Length, grid.Length);
            Tabulate(a, centres[a], scales[a], logDensity, own, grid, row);
            var slope = slopes.AsSpan(a * grid.Length, grid.Length);
            for (var j = 0; j < row.Length; j++) slope[j] = (row[Math.Min(j + 1, row.Length - 1)] - row[Math.Max(j - 1, 0)]) / (2 * row[j]);
        }

        return new BestOfTable(count, grid.Length, below, slopes);
    }

    private static void Multiply(Span<double> products, ReadOnlySpan<double> row)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(products);
        var other = MemoryMarshal.Cast<double, Vector<double>>(row);
        for (var j = 0; j < wide.Length; j++) wide[j] *= other[j];
        for (var j = wide.Length * Vector<double>.Count; j < products.Length; j++) products[j] *= row[j];
    }

    private static double Dot(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(one);
        var across = MemoryMarshal.Cast<double, Vector<double>>(other);
        var sums = Vector<double>.Zero;
        for (var j = 0; j < wide.Length; j++) sums += wide[j] * across[j];
        var sum = Vector.Sum(sums);
        for (var j = wide.Length * Vector<double>.Count; j < one.Length; j++) sum += one[j] * other[j];
        return sum;
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
