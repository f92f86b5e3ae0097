using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// Layer normalisation of each row, y = gain · (x − mean) / √(variance + ε) + bias (Ba, Kiros, Hinton 2016), or, without centring,
/// y = gain · x / √(mean square + ε) (Zhang, Sennrich 2019).
/// </summary>
internal static unsafe class RowNorms
{
    public const float Epsilon = 1e-5f;

    /// <param name="x">rows × gain.Length.</param>
    /// <param name="bias">Empty where there is none.</param>
    /// <param name="means">One per row; empty: the rows are not centred.</param>
    /// <param name="scales">One per row: receives 1 / √(variance + ε).</param>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, Span<float> y, Span<float> means, Span<float> scales)
    {
        var columns = gain.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(scales.Length * columns));
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        fixed (float* source = x, target = y, g = gain, b = bias, mean = means, scale = scales)
        {
            if (InstructionSets.Avx512) Apply<Avx512Lanes, Vector512<float>>(source, g, b, target, mean, scale, scales.Length, columns);
            else if (InstructionSets.Avx2) Apply<Avx2Lanes, Vector256<float>>(source, g, b, target, mean, scale, scales.Length, columns);
            else Apply<PortableLanes, Vector<float>>(source, g, b, target, mean, scale, scales.Length, columns);
        }
    }

    /// <summary>dx += what dy says of x; dgain += Σ dy · normalised x; dbias += Σ dy.</summary>
    /// <param name="means">As received from <see cref="Apply(ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, Span{float}, Span{float})"/>.</param>
    /// <param name="dbias">Empty where there is none.</param>
    public static void PassBack(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> means, ReadOnlySpan<float> scales, ReadOnlySpan<float> dy, Span<float> dx, Span<float> dgain, Span<float> dbias, bool accumulate)
    {
        var columns = gain.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(scales.Length * columns));
        ArgumentOutOfRangeException.ThrowIfNotEqual(dy.Length, x.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(dx.Length, x.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(dgain.Length, columns);
        fixed (float* source = x, g = gain, mean = means, scale = scales, above = dy, target = dx, dg = dgain, db = dbias)
        {
            if (InstructionSets.Avx512) PassBack<Avx512Lanes, Vector512<float>>(source, g, mean, scale, above, target, dg, db, scales.Length, columns, accumulate);
            else if (InstructionSets.Avx2) PassBack<Avx2Lanes, Vector256<float>>(source, g, mean, scale, above, target, dg, db, scales.Length, columns, accumulate);
            else PassBack<PortableLanes, Vector<float>>(source, g, mean, scale, above, target, dg, db, scales.Length, columns, accumulate);
        }
    }

    /// <summary>Plain twin of the forward pass, in double.</summary>
    public static void ApplyReference(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, Span<float> y, bool isCentred)
    {
        var columns = gain.Length;
        for (var row = 0; row < x.Length / columns; row++)
        {
            var values = x.Slice(row * columns, columns).ToArray().Select(value => (double)value).ToArray();
            var mean = isCentred ? values.Average() : 0;
            var scale = 1 / Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + Epsilon);
            for (var j = 0; j < columns; j++) y[(row * columns) + j] = (float)((gain[j] * (values[j] - mean) * scale) + (bias.IsEmpty ? 0 : bias[j]));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<TLanes, TVector>(float* x, float* gain, float* bias, float* y, float* means, float* scales, int rows, int columns)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var row = 0; row < rows; row++, x += columns, y += columns)
        {
            var mean = 0f;
            int j;
            if (means != null)
            {
                var sums = TLanes.Broadcast(0f);
                for (j = 0; j <= columns - TLanes.Count; j += TLanes.Count) sums = TLanes.Add(sums, TLanes.Load(x + j));
                mean = TLanes.Sum(sums);
                for (; j < columns; j++) mean += x[j];
                means[row] = mean /= columns;
            }

            var centre = TLanes.Broadcast(mean);
            var squares = TLanes.Broadcast(0f);
            for (j = 0; j <= columns - TLanes.Count; j += TLanes.Count)
            {
                var difference = TLanes.Subtract(TLanes.Load(x + j), centre);
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }

            var variance = TLanes.Sum(squares);
            for (; j < columns; j++) variance += (x[j] - mean) * (x[j] - mean);
            var scale = 1f / MathF.Sqrt((variance / columns) + Epsilon);
            scales[row] = scale;
            var factor = TLanes.Broadcast(scale);
            for (j = 0; j <= columns - TLanes.Count; j += TLanes.Count)
            {
                var normalised = TLanes.Multiply(TLanes.Subtract(TLanes.Load(x + j), centre), factor);
                TLanes.Store(y + j, TLanes.MultiplyAdd(normalised, TLanes.Load(gain + j), bias == null ? TLanes.Broadcast(0f) : TLanes.Load(bias + j)));
            }

            for (; j < columns; j++) y[j] = ((x[j] - mean) * scale * gain[j]) + (bias == null ? 0f : bias[j]);
        }
    }

    // With n = (x − mean) · scale and g = dy · gain: dx = scale · (g − mean(g) − n · mean(g · n)); without centring the middle term is missing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PassBack<TLanes, TVector>(
        float* x, float* gain, float* means, float* scales, float* dy, float* dx, float* dgain, float* dbias, int rows, int columns, bool accumulate)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var row = 0; row < rows; row++, x += columns, dy += columns, dx += columns)
        {
            float mean = means == null ? 0f : means[row], scale = scales[row];
            var centre = TLanes.Broadcast(mean);
            var factor = TLanes.Broadcast(scale);
            var sums = TLanes.Broadcast(0f);
            var products = sums;
            int j;
            for (j = 0; j <= columns - TLanes.Count; j += TLanes.Count)
            {
                var above = TLanes.Load(dy + j);
                var normalised = TLanes.Multiply(TLanes.Subtract(TLanes.Load(x + j), centre), factor);
                TLanes.Store(dgain + j, TLanes.MultiplyAdd(above, normalised, TLanes.Load(dgain + j)));
                if (dbias != null) TLanes.Store(dbias + j, TLanes.Add(TLanes.Load(dbias + j), above));
                var g = TLanes.Multiply(above, TLanes.Load(gain + j));
                sums = TLanes.Add(sums, g);
                products = TLanes.MultiplyAdd(g, normalised, products);
            }

            float sum = TLanes.Sum(sums), product = TLanes.Sum(products);
            for (; j < columns; j++)
            {
                var normalised = (x[j] - mean) * scale;
                dgain[j] += dy[j] * normalised;
                if (dbias != null) dbias[j] += dy[j];
                sum += dy[j] * gain[j];
                product += dy[j] * gain[j] * normalised;
            }

            sum = means == null ? 0f : sum / columns;
            product /= columns;
            TVector middle = TLanes.Broadcast(sum), pull = TLanes.Broadcast(product);
            for (j = 0; j <= columns - TLanes.Count; j += TLanes.Count)
            {
                var normalised = TLanes.Multiply(TLanes.Subtract(TLanes.Load(x + j), centre), factor);
                var g = TLanes.Subtract(TLanes.Multiply(TLanes.Load(dy + j), TLanes.Load(gain + j)), middle);
                g = TLanes.Subtract(g, TLanes.Multiply(normalised, pull));
                TLanes.Store(dx + j, TLanes.MultiplyAdd(g, factor, accumulate ? TLanes.Load(dx + j) : TLanes.Broadcast(0f)));
            }

            for (; j < columns; j++)
            {
                var normalised = (x[j] - mean) * scale;
                var value = scale * ((dy[j] * gain[j]) - sum - (normalised * product));
                dx[j] = accumulate ? dx[j] + value : value;
            }
        }
    }
}
