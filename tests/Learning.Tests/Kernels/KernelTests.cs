using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

/// <summary>Each kernel beside its plain twin, on the path that this process takes; <see cref="InstructionSetTests"/> repeats them on the other paths.</summary>
public sealed unsafe partial class KernelTests
{
    internal const string ExpectedSet = "AISLE_TEST_INSTRUCTION_SET";

    [Fact]
    public void InstructionSet_ChosenByEnvironment_IsTheOneInUse()
    {
        if (Environment.GetEnvironmentVariable(ExpectedSet) is { } expected) InstructionSets.Active.ShouldBe(expected);
        else InstructionSets.Active.ShouldBeOneOf("AVX-512", "AVX2", "portable");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1_000)]
    public void Dot_AnyLength_EqualsReference(int length)
    {
        var a = Numbers.Random(length, 1);
        var b = Numbers.Random(length, 2);
        ((double)Vectors.Dot(a, b)).ShouldBe(Vectors.DotReference(a, b), 1e-5 * Math.Max(1, length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1_001)]
    public void AddScaled_AnyLength_EqualsReference(int length)
    {
        var x = Numbers.Random(length, 1);
        var actual = Numbers.Random(length, 2);
        var expected = (float[])actual.Clone();
        Vectors.AddScaled(0.7f, x, actual);
        Vectors.AddScaledReference(0.7f, x, expected);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-6);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 16, 32)]
    [InlineData(7, 5, 31)]
    [InlineData(9, 17, 33)]
    [InlineData(200, 3, 70)]
    [InlineData(13, 400, 100)]
    [InlineData(13, 1030, 40)]
    public void Gemm_AnyShape_EqualsReference(int rows, int depth, int columns)
    {
        var a = Numbers.Random(rows * depth, 1);
        var b = Numbers.Random(depth * columns, 2);
        var actual = new float[rows * columns];
        var expected = new float[rows * columns];
        Array.Fill(actual, float.NaN);
        Gemm.Multiply(a, b, actual, rows, depth, columns);
        Gemm.MultiplyReference(a, b, expected, rows, depth, columns);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-5 * depth);
    }

    [Fact]
    public void Gemm_RightSideGivenByColumns_EqualsRightSideGivenByRows()
    {
        const int Depth = 530, Columns = 45, Rows = 10, Stride = 544;
        var b = Numbers.Random(Depth * Columns, 3);
        var byColumn = new float[Columns * Stride];
        for (var column = 0; column < Columns; column++)
        {
            for (var k = 0; k < Depth; k++) byColumn[(column * Stride) + k] = b[(k * Columns) + column];
        }

        var a = Numbers.Random(Rows * Depth, 4);
        var fromRows = new float[Rows * Columns];
        var fromColumns = new float[Rows * Columns];
        Gemm.Multiply(a, Rows, Depth, PackedMatrix.FromRows(b, Depth, Columns), fromRows);
        Gemm.Multiply(a, Rows, Depth, PackedMatrix.FromColumns(byColumn, Depth, Columns, Stride), fromColumns);
        fromColumns.ShouldBe(fromRows);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 16)]
    [InlineData(100, 40)]
    [InlineData(5_000, 64)]
    [InlineData(70, 100)]
    public void Gram_AnyShape_EqualsReferenceOnEveryThreadCount(int rows, int dimensions)
    {
        var x = Numbers.Factors(rows, dimensions, 5);
        var one = new AlignedFloats((long)x.Stride * x.Stride);
        var three = new AlignedFloats((long)x.Stride * x.Stride);
        Gram.Compute(x, one, 1, default);
        Gram.Compute(x, three, 3, default);
        three.Span.SequenceEqual(one.Span).ShouldBeTrue();

        var expected = Gram.ComputeReference(x);
        for (var i = 0; i < x.Stride; i++)
        {
            for (var j = 0; j < x.Stride; j++)
                ((double)one.Span[(i * x.Stride) + j]).ShouldBe(i < dimensions && j < dimensions ? expected[i, j] : 0, 1e-5 * rows);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(100)]
    public void Cholesky_PositiveDefinite_SolvesLikeReference(int dimensions)
    {
        var x = Numbers.Factors(3 * dimensions, dimensions, 6);
        var gram = new AlignedFloats((long)x.Stride * x.Stride);
        Gram.Compute(x, gram, 1, default);
        var matrix = Gram.ComputeReference(x);
        for (var i = 0; i < dimensions; i++)
        {
            matrix[i, i] += 1;
            gram.Span[(i * x.Stride) + i] += 1;
        }

        var right = Numbers.Random(dimensions, 7);
        var expected = Cholesky.SolveReference(matrix, Array.ConvertAll(right, value => (double)value))!;
        fixed (float* solution = right)
        {
            Cholesky.Factor(gram.Pointer, dimensions, x.Stride).ShouldBeTrue();
            Cholesky.Solve(gram.Pointer, dimensions, x.Stride, solution);
        }

        for (var i = 0; i < dimensions; i++) ((double)right[i]).ShouldBe(expected[i], 1e-3);
    }

    [Fact]
    public void Cholesky_NotPositiveDefinite_SaysSo()
    {
        var matrix = new AlignedFloats(32 * 32);
        matrix.Span[0] = 1;
        matrix.Span[33] = -1;
        Cholesky.Factor(matrix.Pointer, 2, 32).ShouldBeFalse();
        matrix.Span[33] = float.NaN;
        Cholesky.Factor(matrix.Pointer, 2, 32).ShouldBeFalse();
        Cholesky.SolveReference(new double[,] { { 1, 0 }, { 0, -1 } }, [1, 1]).ShouldBeNull();
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(32, 3)]
    [InlineData(48, 5)]
    [InlineData(64, 300)]
    [InlineData(100, 70)]
    public void ConjugateGradient_FewSteps_EqualsReference(int dimensions, int count)
    {
        var system = new ImplicitSystem(dimensions, count);
        var solver = new ConjugateGradient(system.Gram, system.Rows);
        var x = new FactorMatrix(1, dimensions);
        Numbers.Random(dimensions, 9).CopyTo(x.Values(0));
        var start = Array.ConvertAll(x.Values(0).ToArray(), value => (double)value);
        solver.Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, 3, x.Row(0), [0, 1, 2]);

        var expected = ConjugateGradient.SolveReference(system.Matrix, system.Right, 3, start);
        for (var i = 0; i < dimensions; i++) ((double)x.Values(0)[i]).ShouldBe(expected[i], 1e-3);
        x.PaddedValues(0)[dimensions..].ToArray().ShouldAllBe(value => value == 0f);
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(32, 3)]
    [InlineData(48, 65)]
    [InlineData(64, 300)]
    public void NormalEquations_Solved_EqualReferenceAndManyStepsOfConjugateGradient(int dimensions, int count)
    {
        var system = new ImplicitSystem(dimensions, count);
        var exact = new FactorMatrix(1, dimensions);
        var scratch = new AlignedFloats(NormalEquations.ScratchLength(exact.Stride));
        NormalEquations.Solve(
            system.Gram.Pointer, ImplicitSystem.Ridge, system.Rows, system.Indices, system.Weights, ImplicitSystem.BaseTarget, exact.Row(0), scratch.Pointer).ShouldBeTrue();
        var approximate = new FactorMatrix(1, dimensions);
        new ConjugateGradient(system.Gram, system.Rows).Solve(
            ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, 200, approximate.Row(0));

        var expected = Cholesky.SolveReference(system.Matrix, system.Right)!;
        for (var i = 0; i < dimensions; i++)
        {
            ((double)exact.Values(0)[i]).ShouldBe(expected[i], 1e-3);
            ((double)approximate.Values(0)[i]).ShouldBe(expected[i], 1e-3);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 20)]
    [InlineData(64, 64)]
    [InlineData(1_000, 10)]
    [InlineData(10_007, 500)]
    public void TopK_ScoresWithTiesAndGaps_EqualsReference(int length, int places)
    {
        // Rounded, so that ties abound; every seventh is NaN and every eleventh −∞.
        var scores = Array.ConvertAll(Numbers.Random(length, 10), value => MathF.Round(value * 50));
        for (var i = 0; i < length; i += 7) scores[i] = float.NaN;
        for (var i = 0; i < length; i += 11) scores[i] = float.NegativeInfinity;
        if (length > 100) scores[99] = float.PositiveInfinity;
        CompareTopK(scores, places);
    }

    [Fact]
    public void TopK_ScoresInAnyOrder_EqualsReference()
    {
        var rising = Enumerable.Range(0, 3_000).Select(i => (float)i).ToArray();
        CompareTopK(rising, 100);
        CompareTopK([.. rising.Reverse()], 100);
        CompareTopK(new float[3_000], 100);
        CompareTopK([.. Enumerable.Repeat(float.NaN, 100)], 10);
    }

    private static void CompareTopK(float[] scores, int places)
    {
        var indices = new int[places];
        var values = new float[places];
        var expectedIndices = new int[places];
        var expectedValues = new float[places];
        var count = TopK.Select(scores, indices, values);
        count.ShouldBe(TopK.SelectReference(scores, expectedIndices, expectedValues));
        indices[..count].ShouldBe(expectedIndices[..count]);
        values[..count].ShouldBe(expectedValues[..count]);
    }

    /// <summary>G + λI + Σ w y yᵀ with right-hand side Σ (t + w) y, in the kernels' form and written out.</summary>
    private sealed class ImplicitSystem
    {
        public const float Ridge = 0.5f;
        public const float BaseTarget = 0.1f;

        public ImplicitSystem(int dimensions, int count)
        {
            this.Rows = Numbers.Factors(Math.Max(3, 2 * count), dimensions, 8);
            this.Gram = new AlignedFloats((long)this.Rows.Stride * this.Rows.Stride);
            Learning.Kernels.Gram.Compute(this.Rows, this.Gram, 1, default);
            foreach (ref var value in this.Gram.Span) value *= BaseTarget;
            this.Indices = [.. Enumerable.Range(0, count).Select(i => 2 * i)];
            this.Weights = Array.ConvertAll(Numbers.Random(count, 11), value => 0.5f + (value * value));
            this.Matrix = new double[dimensions, dimensions];
            this.Right = new double[dimensions];
            for (var i = 0; i < dimensions; i++)
            {
                this.Matrix[i, i] = Ridge;
                for (var j = 0; j < dimensions; j++) this.Matrix[i, j] += this.Gram.Span[(i * this.Rows.Stride) + j];
                for (var row = 0; row < count; row++)
                {
                    var y = this.Rows.Values(this.Indices[row]);
                    this.Right[i] += (BaseTarget + (double)this.Weights[row]) * y[i];
                    for (var j = 0; j < dimensions; j++) this.Matrix[i, j] += (double)this.Weights[row] * y[i] * y[j];
                }
            }
        }

        public FactorMatrix Rows { get; }

        public AlignedFloats Gram { get; }

        public int[] Indices { get; }

        public float[] Weights { get; }

        public double[,] Matrix { get; }

        public double[] Right { get; }
    }
}
