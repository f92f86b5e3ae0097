using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>
/// Scores rows by all trees at once, feature by feature instead of node by node: every tree begins with all leaves possible (a bit each);
/// a row whose value exceeds a node's threshold clears the leaves below that node's left child; the lowest bit left is the row's leaf.
/// The thresholds of a feature stand in order over all trees, so that those beyond the value of every row need not be looked at. 16 (AVX-512) or 8 (AVX2)
/// rows go side by side.
/// </summary>
/// <remarks>Lucchese et al.: QuickScorer (SIGIR 2015) and its vector form (SIGIR 2016), with default directions and trees of several words added.</remarks>
internal sealed unsafe class TreeScorer
{
    private const int LeavesPerWord = 32;

    private readonly TreeNodes _nodes;
    private readonly int _features;
    private readonly Test[] _tests;

    /// <summary>By feature the tests that missing values do not pass, then those that they do: 2 × features + 1 numbers.</summary>
    private readonly int[] _testStarts;

    /// <summary>By tree, then the number of words.</summary>
    private readonly int[] _wordStarts;

    /// <summary>By word and leaf.</summary>
    private readonly float[] _leaves;

    public TreeScorer(TreeNodes nodes, int features)
    {
        this._nodes = nodes;
        this._features = features;
        this._wordStarts = new int[nodes.Trees + 1];
        for (var tree = 0; tree < nodes.Trees; tree++)
        {
            var leaves = (nodes.Starts[tree + 1] - nodes.Starts[tree] + 1) / 2;
            this._wordStarts[tree + 1] = this._wordStarts[tree] + ((leaves + LeavesPerWord - 1) / LeavesPerWord);
        }

        this._leaves = new float[this._wordStarts[^1] * LeavesPerWord];
        var tests = new List<Test>[2 * features];
        for (var list = 0; list < tests.Length; list++) tests[list] = [];
        for (var tree = 0; tree < nodes.Trees; tree++)
        {
            var (node, leaf) = (nodes.Starts[tree], 0);
            this.Collect(ref node, ref leaf, this._wordStarts[tree], tests);
        }

        this._tests = [.. tests.SelectMany(list => list.OrderBy(test => test.Threshold))];
        this._testStarts = new int[tests.Length + 1];
        for (var list = 0; list < tests.Length; list++) this._testStarts[list + 1] = this._testStarts[list] + tests[list].Count;
    }

    /// <summary>Clears leaves of a word where a value exceeds the threshold.</summary>
    private readonly record struct Test(float Threshold, int Word, uint Clear);

    /// <summary>Visits a subtree in preorder, which meets the leaves from left to right.</summary>
    private void Collect(ref int node, ref int leaf, int firstWord, List<Test>[] tests)
    {
        var own = node++;
        if (this._nodes.Features[own] < 0)
        {
            this._leaves[(firstWord * LeavesPerWord) + leaf++] = this._nodes.Values[own];
            return;
        }

        var first = leaf;
        this.Collect(ref node, ref leaf, firstWord, tests);
        var list = tests[(2 * this._nodes.Features[own]) + this._nodes.MissingRight[own]];
        for (var word = first / LeavesPerWord; word * LeavesPerWord < leaf; word++)
        {
            var (low, high) = (Math.Max(first - (word * LeavesPerWord), 0), Math.Min(leaf - (word * LeavesPerWord), LeavesPerWord));
            list.Add(new Test(this._nodes.Thresholds[own], firstWord + word, (uint)(((1UL << high) - 1) & ~((1UL << low) - 1))));
        }

        this.Collect(ref node, ref leaf, firstWord, tests);
    }

    /// <param name="rows">Scores × features, row by row.</param>
    /// <param name="tables">What categories are encoded by; null for numbers.</param>
    public void Score(ReadOnlySpan<float> rows, float[]?[] tables, float start, Span<float> scores)
    {
        if (InstructionSets.Avx512) this.Score<Lanes16>(rows, tables, start, scores);
        else if (InstructionSets.Avx2) this.Score<Lanes8>(rows, tables, start, scores);
        else this.ScoreReference(rows, tables, start, scores);
    }

    public void ScoreReference(ReadOnlySpan<float> rows, float[]?[] tables, float start, Span<float> scores)
    {
        using var scratch = new ScratchFloats(this._features);
        for (var i = 0; i < scores.Length; i++)
        {
            Encode(rows.Slice(i * this._features, this._features), tables, scratch.Span, 1);
            scores[i] = start;
            for (var tree = 0; tree < this._nodes.Trees; tree++) scores[i] += this._nodes.Values[this._nodes.LeafOf(tree, scratch.Span)];
        }
    }

    /// <summary>Writes a row's numbers so far apart.</summary>
    public static void Encode(ReadOnlySpan<float> row, float[]?[] tables, Span<float> target, int apart)
    {
        for (var f = 0; f < row.Length; f++) target[f * apart] = tables[f] is { } table ? CategoryStatistics.Encode(row[f], table) : row[f];
    }

    private void Score<TLanes>(ReadOnlySpan<float> rows, float[]?[] tables, float start, Span<float> scores)
        where TLanes : ITreeLanes
    {
        var words = this._wordStarts[^1];
        using var columns = new ScratchFloats(this._features * TLanes.Count);
        using var possible = new ScratchFloats((long)words * TLanes.Count);
        var sums = stackalloc float[TLanes.Count];
        columns.Span.Clear();
        fixed (Test* tests = this._tests)
        fixed (float* leaves = this._leaves)
        {
            for (var first = 0; first < scores.Length; first += TLanes.Count)
            {
                var count = Math.Min(TLanes.Count, scores.Length - first);
                for (var lane = 0; lane < count; lane++) Encode(rows.Slice((first + lane) * this._features, this._features), tables, columns.Span[lane..], TLanes.Count);
                var bits = (uint*)possible.Pointer;
                new Span<uint>(bits, words * TLanes.Count).Fill(uint.MaxValue);
                for (var f = 0; f < this._features; f++)
                {
                    var values = columns.Pointer + (f * TLanes.Count);
                    Run<TLanes, KeepMissing>(tests + this._testStarts[2 * f], tests + this._testStarts[(2 * f) + 1], values, bits);
                    Run<TLanes, ClearMissing>(tests + this._testStarts[(2 * f) + 1], tests + this._testStarts[(2 * f) + 2], values, bits);
                }

                new Span<float>(sums, TLanes.Count).Fill(start);
                this.AddLeaves<TLanes>(bits, leaves, sums);
                new Span<float>(sums, count).CopyTo(scores[first..]);
            }
        }
    }

    /// <summary>Runs tests in the order of their thresholds, four at a time, until no row exceeds the first of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run<TLanes, TMissing>(Test* test, Test* end, float* values, uint* bits)
        where TLanes : ITreeLanes
        where TMissing : IMissing
    {
        for (; test + 4 <= end; test += 4)
        {
            if (!TLanes.Exceeds<TMissing>(values, test->Threshold)) return;
            TLanes.Clear<TMissing>(values, test->Threshold, bits + ((long)test->Word * TLanes.Count), test->Clear);
            TLanes.Clear<TMissing>(values, test[1].Threshold, bits + ((long)test[1].Word * TLanes.Count), test[1].Clear);
            TLanes.Clear<TMissing>(values, test[2].Threshold, bits + ((long)test[2].Word * TLanes.Count), test[2].Clear);
            TLanes.Clear<TMissing>(values, test[3].Threshold, bits + ((long)test[3].Word * TLanes.Count), test[3].Clear);
        }

        for (; test < end; test++) TLanes.Clear<TMissing>(values, test->Threshold, bits + ((long)test->Word * TLanes.Count), test->Clear);
    }

    private void AddLeaves<TLanes>(uint* bits, float* leaves, float* sums)
        where TLanes : ITreeLanes
    {
        for (var tree = 0; tree < this._nodes.Trees; tree++)
        {
            var (first, end) = (this._wordStarts[tree], this._wordStarts[tree + 1]);
            if (end - first == 1)
            {
                TLanes.AddLowest(bits + ((long)first * TLanes.Count), leaves + (first * LeavesPerWord), sums);
                continue;
            }

            for (var lane = 0; lane < TLanes.Count; lane++)
            {
                var word = first;
                while (bits[((long)word * TLanes.Count) + lane] == 0) word++;
                sums[lane] += leaves[(word * LeavesPerWord) + System.Numerics.BitOperations.TrailingZeroCount(bits[((long)word * TLanes.Count) + lane])];
            }
        }
    }

    /// <summary>Whether a test's leaves are cleared where the value is missing: a constant when compiled.</summary>
    private interface IMissing
    {
        static abstract bool Clears { get; }
    }

    private readonly struct KeepMissing : IMissing
    {
        public static bool Clears => false;
    }

    private readonly struct ClearMissing : IMissing
    {
        public static bool Clears => true;
    }

    private interface ITreeLanes
    {
        static abstract int Count { get; }

        /// <summary>Whether any lane's value exceeds the threshold.</summary>
        static abstract bool Exceeds<TMissing>(float* values, float threshold)
            where TMissing : IMissing;

        /// <summary>words &amp;= ~clear in the lanes whose value does.</summary>
        static abstract void Clear<TMissing>(float* values, float threshold, uint* words, uint clear)
            where TMissing : IMissing;

        /// <summary>Adds to each lane the leaf of its word's lowest bit.</summary>
        static abstract void AddLowest(uint* words, float* leaves, float* sums);
    }

    private readonly struct Lanes16 : ITreeLanes
    {
        public static int Count => 16;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<uint> Above<TMissing>(float* values, float threshold)
            where TMissing : IMissing =>
            (TMissing.Clears
                ? Avx512F.CompareNotLessThanOrEqual(Avx512F.LoadVector512(values), Vector512.Create(threshold))
                : Avx512F.CompareGreaterThan(Avx512F.LoadVector512(values), Vector512.Create(threshold))).AsUInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Exceeds<TMissing>(float* values, float threshold)
            where TMissing : IMissing => Above<TMissing>(values, threshold).ExtractMostSignificantBits() != 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Clear<TMissing>(float* values, float threshold, uint* words, uint clear)
            where TMissing : IMissing
        {
            // A select is one masked instruction.
            var old = Avx512F.LoadVector512(words);
            Avx512F.Store(words, Vector512.ConditionalSelect(Above<TMissing>(values, threshold), Avx512F.AndNot(Vector512.Create(clear), old), old));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void AddLowest(uint* words, float* leaves, float* sums)
        {
            Lanes8.AddLowest(words, leaves, sums);
            Lanes8.AddLowest(words + Lanes8.Count, leaves, sums + Lanes8.Count);
        }
    }

    private readonly struct Lanes8 : ITreeLanes
    {
        public static int Count => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<uint> Above<TMissing>(float* values, float threshold)
            where TMissing : IMissing =>
            (TMissing.Clears
                ? Avx.CompareNotLessThanOrEqual(Avx.LoadVector256(values), Vector256.Create(threshold))
                : Avx.CompareGreaterThan(Avx.LoadVector256(values), Vector256.Create(threshold))).AsUInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Exceeds<TMissing>(float* values, float threshold)
            where TMissing : IMissing
        {
            var above = Above<TMissing>(values, threshold);
            return !Avx.TestZ(above, above);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Clear<TMissing>(float* values, float threshold, uint* words, uint clear)
            where TMissing : IMissing =>
            Avx.Store(words, Avx2.AndNot(Avx2.And(Above<TMissing>(values, threshold), Vector256.Create(clear)), Avx.LoadVector256(words)));

        /// <summary>A word with one bit is a power of two, whose exponent as a number in floating point is the bit's place.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void AddLowest(uint* words, float* leaves, float* sums)
        {
            var word = Avx.LoadVector256((int*)words);
            var lowest = Avx2.And(word, Avx2.Subtract(Vector256<int>.Zero, word));
            var exponent = Avx2.And(Avx2.ShiftRightLogical(Avx.ConvertToVector256Single(lowest).AsInt32(), 23), Vector256.Create(255));
            var place = Avx2.Subtract(exponent, Vector256.Create(127));
            Avx.Store(sums, Avx.Add(Avx.LoadVector256(sums), Avx2.GatherVector256(leaves, place, sizeof(float))));
        }
    }
}
