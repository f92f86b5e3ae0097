using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aisle.Learning.Kernels;

/// <summary>
/// Rows of signed bytes, a quarter of the memory of floats: row ≈ step · code with codes in [−127, 127] and one step a row, so each number is off
/// by half a step at most. A query keeps 12 to 15 bits, so that nearly all of a product's error is that of the rows; sums of whole numbers are
/// exact and therefore the same on every path. Rows are padded with zeros to a multiple of <see cref="Padding"/>, and so is the query.
/// </summary>
internal static unsafe class CodedRows
{
    public const int Padding = 32;

    private const int LargestCode = 127;

    public static int Padded(int length) => (length + Padding - 1) / Padding * Padding;

    /// <returns>The step: the largest magnitude divided by 127; 0 for a row of zeros.</returns>
    public static float Encode(ReadOnlySpan<float> row, Span<sbyte> codes)
    {
        var step = Largest(row) / LargestCode;
        var scale = step > 0 ? 1 / (double)step : 0;
        for (var i = 0; i < row.Length; i++) codes[i] = (sbyte)Math.Clamp(Math.Round(row[i] * scale), -LargestCode, LargestCode);
        codes[row.Length..].Clear();
        return step;
    }

    /// <summary>As fine as 16 bits allow, and as a sum of as many products as the row is long can be held in 32.</summary>
    public static float EncodeQuery(ReadOnlySpan<float> query, Span<short> codes)
    {
        var limit = Math.Min(short.MaxValue, int.MaxValue / (LargestCode * codes.Length));
        var step = Largest(query) / limit;
        var scale = step > 0 ? 1 / (double)step : 0;
        for (var i = 0; i < query.Length; i++) codes[i] = (short)Math.Clamp(Math.Round(query[i] * scale), -limit, limit);
        codes[query.Length..].Clear();
        return step;
    }

    /// <summary>results[i] = Σ query · rows[list[i]].</summary>
    /// <param name="length">Of the query and of each row, padded; rows follow each other without gaps.</param>
    public static void Products(short* query, sbyte* rows, int length, int* list, int count, int* results)
    {
        if (InstructionSets.Avx512 && Avx512BW.IsSupported) Products512(query, rows, length, list, count, results);
        else if (InstructionSets.Avx2) Products256(query, rows, length, list, count, results);
        else ProductsPortable(query, rows, length, list, count, results);
    }

    /// <summary>Plain twin of <see cref="Products"/>.</summary>
    public static void ProductsReference(ReadOnlySpan<short> query, ReadOnlySpan<sbyte> rows, ReadOnlySpan<int> list, Span<int> results)
    {
        for (var i = 0; i < list.Length; i++)
        {
            results[i] = 0;
            for (var j = 0; j < query.Length; j++) results[i] += query[j] * rows[(list[i] * query.Length) + j];
        }
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values) largest = MathF.Max(largest, MathF.Abs(value));
        return largest;
    }

    // Bytes are widened to 16 bits on loading; vpmaddwd multiplies and adds neighbours into 32.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Products512(short* query, sbyte* rows, int length, int* list, int count, int* results)
    {
        for (var i = 0; i < count; i += 4)
        {
            var r0 = rows + ((nint)list[i] * length);
            var r1 = rows + ((nint)list[Math.Min(i + 1, count - 1)] * length);
            var r2 = rows + ((nint)list[Math.Min(i + 2, count - 1)] * length);
            var r3 = rows + ((nint)list[Math.Min(i + 3, count - 1)] * length);
            var sum0 = Vector512<int>.Zero;
            var sum1 = sum0;
            var sum2 = sum0;
            var sum3 = sum0;
            for (nint j = 0; j < length; j += 32)
            {
                var value = Vector512.Load(query + j);
                sum0 = Avx512F.Add(sum0, Avx512BW.MultiplyAddAdjacent(value, Avx512BW.ConvertToVector512Int16(Vector256.Load(r0 + j))));
                sum1 = Avx512F.Add(sum1, Avx512BW.MultiplyAddAdjacent(value, Avx512BW.ConvertToVector512Int16(Vector256.Load(r1 + j))));
                sum2 = Avx512F.Add(sum2, Avx512BW.MultiplyAddAdjacent(value, Avx512BW.ConvertToVector512Int16(Vector256.Load(r2 + j))));
                sum3 = Avx512F.Add(sum3, Avx512BW.MultiplyAddAdjacent(value, Avx512BW.ConvertToVector512Int16(Vector256.Load(r3 + j))));
            }

            Put(Fold(sum0), Fold(sum1), Fold(sum2), Fold(sum3), results + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Products256(short* query, sbyte* rows, int length, int* list, int count, int* results)
    {
        for (var i = 0; i < count; i += 4)
        {
            var r0 = rows + ((nint)list[i] * length);
            var r1 = rows + ((nint)list[Math.Min(i + 1, count - 1)] * length);
            var r2 = rows + ((nint)list[Math.Min(i + 2, count - 1)] * length);
            var r3 = rows + ((nint)list[Math.Min(i + 3, count - 1)] * length);
            var sum0 = Vector256<int>.Zero;
            var sum1 = sum0;
            var sum2 = sum0;
            var sum3 = sum0;
            for (nint j = 0; j < length; j += 16)
            {
                var value = Vector256.Load(query + j);
                sum0 = Avx2.Add(sum0, Avx2.MultiplyAddAdjacent(value, Avx2.ConvertToVector256Int16(r0 + j)));
                sum1 = Avx2.Add(sum1, Avx2.MultiplyAddAdjacent(value, Avx2.ConvertToVector256Int16(r1 + j)));
                sum2 = Avx2.Add(sum2, Avx2.MultiplyAddAdjacent(value, Avx2.ConvertToVector256Int16(r2 + j)));
                sum3 = Avx2.Add(sum3, Avx2.MultiplyAddAdjacent(value, Avx2.ConvertToVector256Int16(r3 + j)));
            }

            Put(sum0, sum1, sum2, sum3, results + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ProductsPortable(short* query, sbyte* rows, int length, int* list, int count, int* results)
    {
        for (var i = 0; i < count; i++)
        {
            var row = rows + ((nint)list[i] * length);
            var sum = Vector128<int>.Zero;
            for (nint j = 0; j < length; j += 16)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(row + j));
                sum += MultiplyAddAdjacent(Vector128.Load(query + j), low) + MultiplyAddAdjacent(Vector128.Load(query + j + 8), high);
            }

            results[i] = Vector128.Sum(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> MultiplyAddAdjacent(Vector128<short> a, Vector128<short> b)
    {
        var (a0, a1) = Vector128.Widen(a);
        var (b0, b1) = Vector128.Widen(b);
        return (a0 * b0) + (a1 * b1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Fold(Vector512<int> value) => Avx2.Add(value.GetLower(), value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, int* results, int left)
    {
        var sums = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        var four = Sse2.Add(sums.GetLower(), sums.GetUpper());
        if (left >= 4)
        {
            four.Store(results);
            return;
        }

        for (var i = 0; i < left; i++) results[i] = four[i];
    }
}
