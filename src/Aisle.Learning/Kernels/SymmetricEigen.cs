using System.Numerics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// All eigenvalues and eigenvectors of a dense symmetric matrix, in double: Householder reflections to a tridiagonal matrix, then QL steps
/// with implicit shifts (Golub, Van Loan: Matrix Computations, sections 8.3 and 8.4). About 9 n³ operations.
/// </summary>
internal static class SymmetricEigen
{
    /// <summary>QL steps allowed per eigenvalue; more than a few are never needed for finite input.</summary>
    private const int MostSteps = 64;

    /// <param name="matrix">n × n, row-major, symmetric and finite; overwritten: row k becomes the eigenvector of the k-th eigenvalue.</param>
    /// <returns>The eigenvalues, largest first.</returns>
    public static double[] Decompose(double[] matrix, int n)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(matrix.Length, n * n);
        var diagonal = new double[n];
        var beside = new double[n];
        Tridiagonalise(matrix, n, diagonal, beside);
        Diagonalise(matrix, n, diagonal, beside);
        return Sorted(matrix, n, diagonal);
    }

    /// <summary>Leaves in row k of the matrix the k-th basis vector in which the matrix is tridiagonal.</summary>
    private static void Tridiagonalise(double[] a, int n, double[] diagonal, double[] beside)
    {
        // Reflection k acts on the components after k; its vector, of squared length 2, is kept in row k of a.
        var product = new double[n];
        for (var k = 0; k + 2 < n; k++)
        {
            var row = a.AsSpan(k * n, n);
            var v = row[(k + 1)..];
            var length = Math.Sqrt(Dot(v, v));
            diagonal[k] = row[k];
            if (length == 0)
            {
                beside[k] = 0;
                continue;
            }

            // v ← (x ± |x| e₁), scaled to |v|² = 2, so that H = I − v vᵀ.
            var sign = v[0] >= 0 ? 1 : -1;
            beside[k] = -sign * length;
            v[0] += sign * length;
            var scale = Math.Sqrt(2 / Dot(v, v));
            foreach (ref var value in v) value *= scale;

            // H A H = A − v wᵀ − w vᵀ with p = A v, w = p − ½ (pᵀv) v, on the rows and columns after k.
            var p = product.AsSpan(k + 1, n - k - 1);
            for (var i = k + 1; i < n; i++) p[i - k - 1] = Dot(a.AsSpan((i * n) + k + 1, n - k - 1), v);
            var half = 0.5 * Dot(p, v);
            AddScaled(-half, v, p);
            for (var i = k + 1; i < n; i++)
            {
                var target = a.AsSpan((i * n) + k + 1, n - k - 1);
                AddScaled(-v[i - k - 1], p, target);
                AddScaled(-p[i - k - 1], v, target);
            }
        }

        if (n > 1) (diagonal[n - 2], beside[n - 2]) = (a[((n - 2) * n) + n - 2], a[((n - 2) * n) + n - 1]);
        diagonal[n - 1] = a[(n * n) - 1];
        Accumulate(a, n);
    }

    /// <summary>Qᵀ = H_last … H_1 H_0 from the vectors in the rows, in place, from the last one back: Qᵀ is the identity before and up to k.</summary>
    private static void Accumulate(double[] a, int n)
    {
        for (var i = Math.Max(0, n - 2); i < n; i++)
        {
            a.AsSpan(i * n, n).Clear();
            a[(i * n) + i] = 1;
        }

        var v = new double[n];
        for (var k = n - 3; k >= 0; k--)
        {
            var row = a.AsSpan(k * n, n);
            var reflection = v.AsSpan(k + 1, n - k - 1);
            row[(k + 1)..].CopyTo(reflection);
            row.Clear();
            row[k] = 1;
            if (Dot(reflection, reflection) == 0) continue;
            for (var i = k + 1; i < n; i++)
            {
                var target = a.AsSpan((i * n) + k + 1, n - k - 1);
                AddScaled(-Dot(target, reflection), reflection, target);
            }
        }
    }

    private static void Diagonalise(double[] vectors, int n, double[] diagonal, double[] beside)
    {
        // Beside eigenvalues that are nought but for rounding, what couples two rows is never small against their own; it is against the largest.
        var largest = 0.0;
        for (var i = 0; i < n; i++) largest = Math.Max(largest, Math.Abs(diagonal[i]) + Math.Abs(beside[i]));
        for (var first = 0; first < n; first++)
        {
            for (var step = 0; ; step++)
            {
                // The block that is still coupled to the first row.
                var last = first;
                while (last + 1 < n && Math.Abs(beside[last]) > 1e-16 * (Math.Abs(diagonal[last]) + Math.Abs(diagonal[last + 1]) + largest)) last++;
                if (last == first) break;
                if (step == MostSteps) throw new ArgumentException("The eigenvalues of a matrix were not found; are its numbers finite?");
                QlStep(vectors, n, diagonal, beside, first, last);
            }
        }
    }

    /// <summary>One sweep of rotations from the end of the block to its start.</summary>
    private static void QlStep(double[] vectors, int n, double[] diagonal, double[] beside, int first, int last)
    {
        // Wilkinson's shift: the eigenvalue of the leading 2 × 2 block nearer to its first entry.
        var half = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
        var root = Math.Sqrt((half * half) + 1);
        var bulge = diagonal[last] - diagonal[first] + (beside[first] / (half + (half >= 0 ? root : -root)));
        var (sine, cosine, taken) = (1.0, 1.0, 0.0);
        for (var i = last - 1; i >= first; i--)
        {
            var f = sine * beside[i];
            var b = cosine * beside[i];
            var length = Math.Sqrt((f * f) + (bulge * bulge));
            beside[i + 1] = length;
            if (length == 0)
            {
                // The rotation has split the block: what was taken off is given back.
                diagonal[i + 1] -= taken;
                beside[last] = 0;
                return;
            }

            sine = f / length;
            cosine = bulge / length;
            var rest = diagonal[i + 1] - taken;
            var mixed = ((diagonal[i] - rest) * sine) + (2 * cosine * b);
            taken = sine * mixed;
            diagonal[i + 1] = rest + taken;
            bulge = (cosine * mixed) - b;
            Rotate(vectors.AsSpan(i * n, n), vectors.AsSpan((i + 1) * n, n), sine, cosine);
        }

        diagonal[first] -= taken;
        beside[first] = bulge;
        beside[last] = 0;
    }

    private static void Rotate(Span<double> x, Span<double> y, double sine, double cosine)
    {
        for (var i = 0; i < x.Length; i++)
        {
            var (left, right) = (x[i], y[i]);
            x[i] = (cosine * left) - (sine * right);
            y[i] = (sine * left) + (cosine * right);
        }
    }

    private static double[] Sorted(double[] vectors, int n, double[] values)
    {
        var order = Enumerable.Range(0, n).OrderByDescending(k => values[k]).ToArray();
        var unsorted = (double[])vectors.Clone();
        for (var k = 0; k < n; k++) unsorted.AsSpan(order[k] * n, n).CopyTo(vectors.AsSpan(k * n, n));
        return Array.ConvertAll(order, k => values[k]);
    }

    internal static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = Vector<double>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count) sum += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
        var total = Vector.Sum(sum);
        for (; i < a.Length; i++) total += a[i] * b[i];
        return total;
    }

    internal static void AddScaled(double scale, ReadOnlySpan<double> x, Span<double> y)
    {
        var i = 0;
        for (; i <= y.Length - Vector<double>.Count; i += Vector<double>.Count) ((scale * new Vector<double>(x[i..])) + new Vector<double>(y[i..])).CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] += scale * x[i];
    }
}
