using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// One vector against the listed rows of a matrix, in any order: what a walk through a graph asks for, and, with the rows one after the other,
/// a scan too. Rows are padded with zeros to a multiple of <see cref="InstructionSets.Padding"/>, and so is the vector.
/// </summary>
internal static unsafe class ListedRows
{
    /// <summary>results[i] = Σ vector · rows[list[i]].</summary>
    /// <param name="length">Of the vector and of each row, padded; rows follow each other without gaps.</param>
    public static void Products(float* vector, float* rows, int length, int* list, int count, float* results)
    {
        if (InstructionSets.Avx512) Products<Avx512Lanes, Vector512<float>>(vector, rows, length, list, count, results);
        else if (InstructionSets.Avx2) Products<Avx2Lanes, Vector256<float>>(vector, rows, length, list, count, results);
        else Products<PortableLanes, Vector<float>>(vector, rows, length, list, count, results);
    }

    /// <summary>results[i] = −Σ (vector − rows[list[i]])²: higher is nearer, as with products.</summary>
    public static void NegatedDistances(float* vector, float* rows, int length, int* list, int count, float* results)
    {
        if (InstructionSets.Avx512) NegatedDistances<Avx512Lanes, Vector512<float>>(vector, rows, length, list, count, results);
        else if (InstructionSets.Avx2) NegatedDistances<Avx2Lanes, Vector256<float>>(vector, rows, length, list, count, results);
        else NegatedDistances<PortableLanes, Vector<float>>(vector, rows, length, list, count, results);
    }

    /// <summary>Plain twin of <see cref="Products"/>, summed in double.</summary>
    public static void ProductsReference(ReadOnlySpan<float> vector, ReadOnlySpan<float> rows, ReadOnlySpan<int> list, Span<float> results)
    {
        for (var i = 0; i < list.Length; i++) results[i] = (float)Vectors.DotReference(vector, rows.Slice(list[i] * vector.Length, vector.Length));
    }

    /// <summary>Plain twin of <see cref="NegatedDistances"/>, summed in double.</summary>
    public static void NegatedDistancesReference(ReadOnlySpan<float> vector, ReadOnlySpan<float> rows, ReadOnlySpan<int> list, Span<float> results)
    {
        for (var i = 0; i < list.Length; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < vector.Length; j++)
            {
                var difference = (double)vector[j] - rows[(list[i] * vector.Length) + j];
                sum += difference * difference;
            }

            results[i] = (float)-sum;
        }
    }

    // Four rows at a time: their loads wait for memory side by side, and their sums are folded together. A last group of fewer repeats its
    // last row, so that a row's result does not depend on its company.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Products<TLanes, TVector>(float* vector, float* rows, int length, int* list, int count, float* results)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var i = 0; i < count; i += 4)
        {
            var r0 = rows + ((nint)list[i] * length);
            var r1 = rows + ((nint)list[Math.Min(i + 1, count - 1)] * length);
            var r2 = rows + ((nint)list[Math.Min(i + 2, count - 1)] * length);
            var r3 = rows + ((nint)list[Math.Min(i + 3, count - 1)] * length);
            var sum0 = TLanes.Broadcast(0f);
            var sum1 = sum0;
            var sum2 = sum0;
            var sum3 = sum0;
            for (nint j = 0; j < length; j += TLanes.Count)
            {
                var value = TLanes.Load(vector + j);
                sum0 = TLanes.MultiplyAdd(value, TLanes.Load(r0 + j), sum0);
                sum1 = TLanes.MultiplyAdd(value, TLanes.Load(r1 + j), sum1);
                sum2 = TLanes.MultiplyAdd(value, TLanes.Load(r2 + j), sum2);
                sum3 = TLanes.MultiplyAdd(value, TLanes.Load(r3 + j), sum3);
            }

            Put(TLanes.SumFour(sum0, sum1, sum2, sum3), results + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NegatedDistances<TLanes, TVector>(float* vector, float* rows, int length, int* list, int count, float* results)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var i = 0; i < count; i += 4)
        {
            var r0 = rows + ((nint)list[i] * length);
            var r1 = rows + ((nint)list[Math.Min(i + 1, count - 1)] * length);
            var r2 = rows + ((nint)list[Math.Min(i + 2, count - 1)] * length);
            var r3 = rows + ((nint)list[Math.Min(i + 3, count - 1)] * length);
            var sum0 = TLanes.Broadcast(0f);
            var sum1 = sum0;
            var sum2 = sum0;
            var sum3 = sum0;
            for (nint j = 0; j < length; j += TLanes.Count)
            {
                var value = TLanes.Load(vector + j);
                var d0 = TLanes.Subtract(value, TLanes.Load(r0 + j));
                var d1 = TLanes.Subtract(value, TLanes.Load(r1 + j));
                var d2 = TLanes.Subtract(value, TLanes.Load(r2 + j));
                var d3 = TLanes.Subtract(value, TLanes.Load(r3 + j));
                sum0 = TLanes.MultiplyAdd(d0, d0, sum0);
                sum1 = TLanes.MultiplyAdd(d1, d1, sum1);
                sum2 = TLanes.MultiplyAdd(d2, d2, sum2);
                sum3 = TLanes.MultiplyAdd(d3, d3, sum3);
            }

            Put(-TLanes.SumFour(sum0, sum1, sum2, sum3), results + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector128<float> four, float* results, int left)
    {
        if (left >= 4)
        {
            four.Store(results);
            return;
        }

        for (var i = 0; i < left; i++) results[i] = four[i];
    }
}
