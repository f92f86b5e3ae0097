using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The vector operations that a kernel is written in, so that one body serves every instruction set. The JIT compiles
/// one copy per implementation and inlines these members; <typeparamref name="TVector"/> stays a raw register.
/// </summary>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector; divides <see cref="InstructionSets.Padding"/>.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(float* target, TVector value);

    static abstract TVector Broadcast(float value);

    /// <summary>a · b + c.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Add(TVector a, TVector b);

    static abstract float Sum(TVector value);

    /// <summary>The four sums side by side.</summary>
    static abstract Vector128<float> SumFour(TVector a, TVector b, TVector c, TVector d);

    /// <summary>A bit per lane, lowest lane first: value &gt; threshold. Never set for NaN.</summary>
    static abstract uint GreaterThan(TVector value, TVector threshold);

    /// <summary>The larger of two lanes; <paramref name="second"/> where <paramref name="first"/> is NaN.</summary>
    static abstract TVector LargerOrSecond(TVector first, TVector second);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector SquareRoot(TVector value);

    /// <summary>The value where <paramref name="test"/> &gt; 0, else 0.</summary>
    static abstract TVector WherePositive(TVector test, TVector value);

    /// <summary>To the nearest whole number.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>value · 2ⁿ for whole numbers n in [−126, 127].</summary>
    static abstract TVector TimesPowerOfTwo(TVector value, TVector n);

    /// <summary>Uniform in [0, 1) for each of the counters from <paramref name="counter"/> on: <see cref="CounterNoise"/>, lane by lane.</summary>
    static abstract TVector Noise(uint counter, uint key);
}

/// <summary>16 lanes. Asks <see cref="Avx512F"/>, since Vector512.IsHardwareAccelerated is false on servers that lower their clock for it.</summary>
internal readonly unsafe struct Avx512Lanes : ILanes<Vector512<float>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Avx512F.LoadVector512(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector512<float> value) => Avx512F.Store(target, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Avx512F.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => Avx512F.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> value) => Avx2Lanes.Sum(Avx.Add(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SumFour(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) => Avx2Lanes.SumFour(
        Avx.Add(a.GetLower(), a.GetUpper()), Avx.Add(b.GetLower(), b.GetUpper()), Avx.Add(c.GetLower(), c.GetUpper()), Avx.Add(d.GetLower(), d.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GreaterThan(Vector512<float> value, Vector512<float> threshold) =>
        (uint)Vector512.ExtractMostSignificantBits(Avx512F.CompareGreaterThan(value, threshold));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LargerOrSecond(Vector512<float> first, Vector512<float> second) => Avx512F.Max(first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => Avx512F.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => Avx512F.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => Avx512F.Divide(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SquareRoot(Vector512<float> value) => Avx512F.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WherePositive(Vector512<float> test, Vector512<float> value) =>
        Avx512F.And(Avx512F.CompareGreaterThan(test, Vector512<float>.Zero).AsInt32(), value.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Round(Vector512<float> value) => Avx512F.RoundScale(value, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> TimesPowerOfTwo(Vector512<float> value, Vector512<float> n) => Avx512F.Scale(value, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Noise(uint counter, uint key)
    {
        var x = Avx512F.Add(Vector512.Create(counter), Vector512.Create(0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
        x = Avx512F.Xor(x, Vector512.Create(key));
        x = Avx512F.MultiplyLow(Avx512F.Xor(x, Avx512F.ShiftRightLogical(x, 16)), Vector512.Create(CounterNoise.First));
        x = Avx512F.MultiplyLow(Avx512F.Xor(x, Avx512F.ShiftRightLogical(x, 15)), Vector512.Create(CounterNoise.Second));
        x = Avx512F.Xor(x, Avx512F.ShiftRightLogical(x, 16));
        return Avx512F.Multiply(Avx512F.ConvertToVector512Single(Avx512F.ShiftRightLogical(x, 8).AsInt32()), Vector512.Create(CounterNoise.Unit));
    }
}

/// <summary>8 lanes, AVX2 with fused multiply-add.</summary>
internal readonly unsafe struct Avx2Lanes : ILanes<Vector256<float>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Avx.LoadVector256(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector256<float> value) => Avx.Store(target, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Fma.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => Avx.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> value)
    {
        var four = Sse.Add(value.GetLower(), value.GetUpper());
        var two = Sse.Add(four, Sse.MoveHighToLow(four, four));
        return Sse.AddScalar(two, Sse.Shuffle(two, two, 0b01)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SumFour(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        var sums = Avx.HorizontalAdd(Avx.HorizontalAdd(a, b), Avx.HorizontalAdd(c, d));
        return Sse.Add(sums.GetLower(), sums.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GreaterThan(Vector256<float> value, Vector256<float> threshold) =>
        (uint)Avx.MoveMask(Avx.CompareGreaterThan(value, threshold));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LargerOrSecond(Vector256<float> first, Vector256<float> second) => Avx.Max(first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => Avx.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => Avx.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => Avx.Divide(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SquareRoot(Vector256<float> value) => Avx.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WherePositive(Vector256<float> test, Vector256<float> value) => Avx.And(Avx.CompareGreaterThan(test, Vector256<float>.Zero), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Round(Vector256<float> value) => Avx.RoundToNearestInteger(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> TimesPowerOfTwo(Vector256<float> value, Vector256<float> n) =>
        Avx.Multiply(value, Avx2.ShiftLeftLogical(Avx2.Add(Avx.ConvertToVector256Int32(n), Vector256.Create(127)), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Noise(uint counter, uint key)
    {
        var x = Avx2.Add(Vector256.Create(counter), Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7));
        x = Avx2.Xor(x, Vector256.Create(key));
        x = Avx2.MultiplyLow(Avx2.Xor(x, Avx2.ShiftRightLogical(x, 16)), Vector256.Create(CounterNoise.First));
        x = Avx2.MultiplyLow(Avx2.Xor(x, Avx2.ShiftRightLogical(x, 15)), Vector256.Create(CounterNoise.Second));
        x = Avx2.Xor(x, Avx2.ShiftRightLogical(x, 16));
        return Avx.Multiply(Avx.ConvertToVector256Single(Avx2.ShiftRightLogical(x, 8).AsInt32()), Vector256.Create(CounterNoise.Unit));
    }
}

/// <summary>Whatever <see cref="Vector{T}"/> is on this machine: Arm, or x64 without AVX2.</summary>
internal readonly unsafe struct PortableLanes : ILanes<Vector<float>>
{
    public static int Count => Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(float* source) => Vector.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Broadcast(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) => (a * b) + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Add(Vector<float> a, Vector<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector<float> value) => Vector.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SumFour(Vector<float> a, Vector<float> b, Vector<float> c, Vector<float> d) =>
        Vector128.Create(Vector.Sum(a), Vector.Sum(b), Vector.Sum(c), Vector.Sum(d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GreaterThan(Vector<float> value, Vector<float> threshold)
    {
        var bits = 0u;
        var greater = Vector.GreaterThan(value, threshold);
        if (greater == Vector<int>.Zero) return 0;
        for (var lane = 0; lane < Vector<int>.Count; lane++) bits |= (uint)(greater[lane] & 1) << lane;
        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> LargerOrSecond(Vector<float> first, Vector<float> second) =>
        Vector.ConditionalSelect(Vector.GreaterThan(first, second), first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Subtract(Vector<float> a, Vector<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Multiply(Vector<float> a, Vector<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Divide(Vector<float> a, Vector<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> SquareRoot(Vector<float> value) => Vector.SquareRoot(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> WherePositive(Vector<float> test, Vector<float> value) => Vector.ConditionalSelect(Vector.GreaterThan(test, Vector<float>.Zero), value, Vector<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Round(Vector<float> value) => Vector.Round(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> TimesPowerOfTwo(Vector<float> value, Vector<float> n) =>
        value * Vector.AsVectorSingle((Vector.ConvertToInt32(n) + new Vector<int>(127)) << 23);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Noise(uint counter, uint key)
    {
        var x = (new Vector<uint>(counter) + Vector<uint>.Indices) ^ new Vector<uint>(key);
        x = (x ^ (x >>> 16)) * new Vector<uint>(CounterNoise.First);
        x = (x ^ (x >>> 15)) * new Vector<uint>(CounterNoise.Second);
        x ^= x >>> 16;
        return Vector.ConvertToSingle(Vector.AsVectorInt32(x >>> 8)) * new Vector<float>(CounterNoise.Unit);
    }
}
