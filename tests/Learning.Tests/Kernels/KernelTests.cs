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
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(100)]
    public void RatingStep_AnyDimensions_EqualsReference(int dimensions)
    {
        var actual = Numbers.Factors(3, dimensions, 1);
        var expected = Numbers.Factors(3, dimensions, 1);
        RatingStep.Move(0.3f, 0.5f, 0.01f, actual.Row(0), actual.Row(1), actual.Row(2), actual.Stride);
        RatingStep.MoveReference(0.3f, 0.5f, 0.01f, expected.Values(0), expected.Values(1), expected.Values(2));
        Numbers.LargestDifference(actual.All, expected.All).ShouldBeLessThan(1e-6);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(9, 70)]
    [InlineData(33, 130)]
    public void RidgeRegression_Solved_EqualsReference(int dimensions, int count)
    {
        var rows = Numbers.Factors(count, dimensions, 1);
        var targets = Numbers.Random(count, 2);
        var x = new AlignedFloats(rows.Stride);
        var scratch = new AlignedFloats(RidgeRegression.ScratchLength(rows.Stride));
        RidgeRegression.Solve(2f, rows, [.. Enumerable.Range(0, count)], targets, x.Pointer, scratch.Pointer).ShouldBeTrue();

        var matrix = new double[dimensions, dimensions];
        var right = new double[dimensions];
        for (var k = 0; k < dimensions; k++) matrix[k, k] = 2;
        for (var row = 0; row < count; row++)
        {
            for (var k = 0; k < dimensions; k++)
            {
                right[k] += (double)targets[row] * rows.Values(row)[k];
                for (var l = 0; l < dimensions; l++) matrix[k, l] += (double)rows.Values(row)[k] * rows.Values(row)[l];
            }
        }

        var expected = Cholesky.SolveReference(matrix, right)!;
        for (var k = 0; k < dimensions; k++) ((double)x.Span[k]).ShouldBe(expected[k], 1e-4);
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
        var solver = new ConjugateGradient(system.Diagonal, system.Rows);
        var x = new FactorMatrix(1, dimensions);
        Numbers.Random(dimensions, 9).CopyTo(x.Values(0));
        var start = Array.ConvertAll(x.Values(0).ToArray(), value => (double)value);
        solver.Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, 3, x.Row(0), [0, 1, 2]);

        var expected = ConjugateGradient.SolveReference(system.Matrix, system.Right, 3, start, system.Preconditioner);
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
        new NormalEquations(system.Rows, system.Diagonal, dimensions)
            .Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, exact.Row(0), [0, 1]).ShouldBeTrue();
        var approximate = new FactorMatrix(1, dimensions);
        new ConjugateGradient(system.Diagonal, system.Rows).Solve(
            ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, 200, approximate.Row(0));

        var expected = Cholesky.SolveReference(system.Matrix, system.Right)!;
        for (var i = 0; i < dimensions; i++)
        {
            ((double)exact.Values(0)[i]).ShouldBe(expected[i], 1e-3);
            ((double)approximate.Values(0)[i]).ShouldBe(expected[i], 1e-3);
        }
    }

    [Theory]
    [InlineData(64, 20, 32)]
    [InlineData(64, 50, 32)]
    [InlineData(100, 10, 64)]
    [InlineData(100, 200, 40)]
    public void NormalEquations_InBlocks_EqualReferenceSweepByBlocks(int dimensions, int count, int blockSize)
    {
        var system = new ImplicitSystem(dimensions, count);
        var x = new FactorMatrix(1, dimensions);
        Numbers.Random(dimensions, 12).CopyTo(x.Values(0));
        var expected = Array.ConvertAll(x.Values(0).ToArray(), value => (double)value);
        new NormalEquations(system.Rows, system.Diagonal, dimensions, blockSize)
            .Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, x.Row(0)).ShouldBeTrue();

        var width = (blockSize + 31) / 32 * 32;
        var stride = FactorMatrix.StrideOf(dimensions);
        for (var first = 0; first < dimensions;)
        {
            var end = stride - first < width + 32 ? dimensions : first + width;
            system.SolveBlockReference(expected, first, end);
            first = end;
        }

        for (var i = 0; i < dimensions; i++) ((double)x.Values(0)[i]).ShouldBe(expected[i], 2e-3);
        x.PaddedValues(0)[dimensions..].ToArray().ShouldAllBe(value => value == 0f);
    }

    [Theory]
    [InlineData(40, 7)]
    [InlineData(40, 90)]
    public void NormalEquations_Influence_EqualsReference(int dimensions, int count)
    {
        var system = new ImplicitSystem(dimensions, count);
        var influence = new float[2 * count];
        new NormalEquations(system.Rows, system.Diagonal, dimensions).Influence(ImplicitSystem.Ridge, system.Indices, system.Weights, [1, 3], influence).ShouldBeTrue();
        for (var row = 0; row < 2; row++)
        {
            var asked = Array.ConvertAll(system.Rows.Values((2 * row) + 1).ToArray(), value => (double)value);
            var direction = Cholesky.SolveReference(system.Matrix, asked)!;
            for (var i = 0; i < count; i++)
            {
                var y = system.Rows.Values(system.Indices[i]).ToArray();
                ((double)influence[(row * count) + i]).ShouldBe(direction.Select((value, k) => value * y[k]).Sum(), 1e-3);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(90)]
    public void NormalEquations_LastColumnLeftOut_SolveAsIfItWereNotThere(int count)
    {
        var system = new ImplicitSystem(40, count);
        var without = new FactorMatrix(system.Rows.Rows, 39);
        for (var row = 0; row < without.Rows; row++) system.Rows.Values(row)[..39].CopyTo(without.Values(row));
        var x = new FactorMatrix(2, 40);
        new NormalEquations(system.Rows, system.Diagonal, 39).Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, x.Row(0)).ShouldBeTrue();
        new NormalEquations(without, system.Diagonal, 39).Solve(ImplicitSystem.Ridge, system.Indices, [.. system.Weights], ImplicitSystem.BaseTarget, x.Row(1)).ShouldBeTrue();
        Numbers.LargestDifference(x.PaddedValues(0), x.PaddedValues(1)).ShouldBeLessThan(1e-4);
        x.Values(0)[39].ShouldBe(0f);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(40, 40)]
    [InlineData(70, 69)]
    public void FactorBasis_Aligned_KeepsDotProductsAndMakesTheGramDiagonal(int width, int dimensions)
    {
        var (x, y) = (Numbers.Factors(300, width, 14), Numbers.Factors(20, width, 15));
        var before = Vectors.Dot(x.Values(17), y.Values(5));
        var last = x.Values(17)[^1];
        var diagonal = FactorBasis.Align(x, y, dimensions, 2, default);
        Vectors.Dot(x.Values(17), y.Values(5)).ShouldBe(before, 1e-4);
        if (dimensions < width) x.Values(17)[^1].ShouldBe(last);

        var gram = Gram.ComputeReference(x);
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j < dimensions; j++) gram[i, j].ShouldBe(i == j ? diagonal.Span[i] : 0, 1e-3);
            if (i > 0) diagonal.Span[i].ShouldBeLessThanOrEqualTo(diagonal.Span[i - 1]);
        }

        diagonal.Span[dimensions..].ToArray().ShouldAllBe(value => value == 0f);
    }

    [Theory]
    [InlineData("Softmax", 1, -1, false)]
    [InlineData("Softmax", 6, -1, false)]
    [InlineData("Hardest", 5, 40, false)]
    [InlineData("RankWeighted", 10, -1, false)]
    [InlineData("Logistic", 4, 40, false)]
    [InlineData("Logistic", 8, 40, true)]
    public void SampledDescent_Run_EqualsReference(string loss, int draws, int biasColumn, bool drawsObserved)
    {
        const int Users = 20, Items = 30, Pairs = 60;
        var dimensions = biasColumn < 0 ? 40 : biasColumn + 1;
        var users = Numbers.Factors(Users, dimensions, 16);
        var items = Numbers.Factors(Items, dimensions, 17);
        if (biasColumn >= 0)
        {
            for (var user = 0; user < Users; user++) users.Values(user)[biasColumn] = 1f;
        }

        var (expectedUsers, expectedItems) = (Numbers.Factors(Users, dimensions, 16), Numbers.Factors(Items, dimensions, 17));
        users.All.CopyTo(expectedUsers.All);
        int[] pairUsers = [.. Enumerable.Range(0, Pairs).Select(pair => pair % Users)];
        int[] pairItems = [.. Enumerable.Range(0, Pairs).Select(pair => pair / Users)];
        float[] weights = [.. Enumerable.Repeat(1.5f, Pairs)];
        int[] candidates = [.. Enumerable.Range(0, Items)];
        long[] seenStarts = [.. Enumerable.Range(0, Users + 1).Select(user => 3L * user)];
        int[] seen = [.. Enumerable.Range(0, 3 * Users).Select(i => i % 3)];
        fixed (int* pairUser = pairUsers, pairItem = pairItems, candidate = candidates, seenItem = seen)
        fixed (float* weight = weights)
        fixed (long* seenStart = seenStarts)
        {
            var block = new SampledDescent.Block
            {
                Users = users.Row(0), Items = items.Row(0), Stride = users.Stride, BiasColumn = biasColumn,
                PairUsers = pairUser, PairItems = pairItem, PairWeights = weight, Pairs = Pairs,
                Candidates = candidate, CandidateCount = Items, SeenStarts = seenStart, Seen = seenItem,
                Loss = Enum.Parse<SampledLoss>(loss), Draws = draws, DrawsObserved = drawsObserved, KnownItems = Items, RankScale = 0.3f,
                LearningRate = 0.05f, UserRegularization = 0.01f, ItemRegularization = 0.02f,
            };
            SampledDescent.Run(block, new RandomStream(3));
            block.Users = expectedUsers.Row(0);
            block.Items = expectedItems.Row(0);
            SampledDescent.RunReference(block, new RandomStream(3));
        }

        Numbers.LargestDifference(users.All, expectedUsers.All).ShouldBeLessThan(1e-4);
        Numbers.LargestDifference(items.All, expectedItems.All).ShouldBeLessThan(1e-4);
        Numbers.LargestDifference(items.All, Numbers.Factors(Items, dimensions, 17).All).ShouldBeGreaterThan(1e-3, "something moved");
    }

    [Fact]
    public void RandomStream_Numbers_AreEvenAndTheirOwn()
    {
        var random = new RandomStream(1);
        var counts = new int[7];
        var (sum, squares, uniform) = (0.0, 0.0, 0.0);
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.Below(7)]++;
            uniform += random.Uniform() / 70_000;
            var value = random.Normal();
            sum += value / 70_000;
            squares += (double)value * value / 70_000;
        }

        counts.ShouldAllBe(count => Math.Abs(count - 10_000) < 400);
        uniform.ShouldBe(0.5, 0.01);
        sum.ShouldBe(0, 0.02);
        squares.ShouldBe(1, 0.02);
        new RandomStream(1, 2, 3).Next().ShouldNotBe(new RandomStream(1, 3, 2).Next());
        int[] order = [.. Enumerable.Range(0, 100)];
        random.Shuffle(order);
        order.Order().ShouldBe(Enumerable.Range(0, 100));
        order.ShouldNotBe(Enumerable.Range(0, 100));
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

    /// <summary>D + λI + Σ w y yᵀ with right-hand side Σ (t + w) y, in the kernels' form and written out.</summary>
    private sealed class ImplicitSystem
    {
        public const float Ridge = 0.5f;
        public const float BaseTarget = 0.1f;

        public ImplicitSystem(int dimensions, int count)
        {
            this.Rows = Numbers.Factors(Math.Max(3, 2 * count), dimensions, 8);
            this.Diagonal = new AlignedFloats(this.Rows.Stride);
            for (var i = 0; i < dimensions; i++) this.Diagonal.Span[i] = BaseTarget * (1 + (3 * i % 7));
            this.Indices = [.. Enumerable.Range(0, count).Select(i => 2 * i)];
            this.Weights = Array.ConvertAll(Numbers.Random(count, 11), value => 0.5f + (value * value));
            this.Matrix = new double[dimensions, dimensions];
            this.Right = new double[dimensions];
            this.Preconditioner = new double[dimensions];
            for (var i = 0; i < dimensions; i++)
            {
                this.Matrix[i, i] = Ridge;
                this.Matrix[i, i] += this.Diagonal.Span[i];
                this.Preconditioner[i] = this.Matrix[i, i];
                for (var row = 0; row < count; row++)
                {
                    var y = this.Rows.Values(this.Indices[row]);
                    this.Right[i] += (BaseTarget + (double)this.Weights[row]) * y[i];
                    for (var j = 0; j < dimensions; j++) this.Matrix[i, j] += (double)this.Weights[row] * y[i] * y[j];
                }
            }
        }

        public FactorMatrix Rows { get; }

        public AlignedFloats Diagonal { get; }

        public double[] Preconditioner { get; }

        public int[] Indices { get; }

        public float[] Weights { get; }

        public double[,] Matrix { get; }

        public double[] Right { get; }

        /// <summary>Solves for x[first … end) with the others held.</summary>
        public void SolveBlockReference(double[] x, int first, int end)
        {
            var matrix = new double[end - first, end - first];
            var right = new double[end - first];
            for (var i = first; i < end; i++)
            {
                right[i - first] = this.Right[i];
                for (var j = 0; j < x.Length; j++)
                {
                    if (j >= first && j < end) matrix[i - first, j - first] = this.Matrix[i, j];
                    else right[i - first] -= this.Matrix[i, j] * x[j];
                }
            }

            Cholesky.SolveReference(matrix, right)!.CopyTo(x, first);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(4_100)]
    [InlineData(9_001)]
    public void SummariseScores_WithUnknownOnes_EqualsReference(int length)
    {
        var scores = Array.ConvertAll(Numbers.Random(length, 1), score => score < -0.6f ? float.NegativeInfinity : (score * 0.01f) + 1000f);
        var (actual, expected) = (ScoreRows.Summarise(scores), ScoreRows.SummariseReference(scores));
        (actual.Count, actual.Lowest, actual.Highest).ShouldBe((expected.Count, expected.Lowest, expected.Highest));
        actual.Mean.ShouldBe(expected.Mean, 1e-5);
        actual.Deviation.ShouldBe(expected.Deviation, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(1_001)]
    public void AddScaledScores_WithUnknownOnes_EqualsReference(int length)
    {
        var scores = Array.ConvertAll(Numbers.Random(length, 1), score => score < -0.3f ? float.NegativeInfinity : score);
        var actual = Array.ConvertAll(Numbers.Random(length, 2), score => score < -0.3f ? float.NegativeInfinity : score);
        var expected = (float[])actual.Clone();
        ScoreRows.AddScaled(actual, scores, 0.5f, -0.3f, -0.2f);
        ScoreRows.AddScaledReference(expected, scores, 0.5f, -0.3f, -0.2f);
        actual.Select(float.IsNegativeInfinity).ShouldBe(expected.Select(float.IsNegativeInfinity));
        actual.Where(float.IsFinite).Zip(expected.Where(float.IsFinite), (a, b) => Math.Abs(a - b)).ShouldAllBe(difference => difference < 1e-6f);
    }
}
