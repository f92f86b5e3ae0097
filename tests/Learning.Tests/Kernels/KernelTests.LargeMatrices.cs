using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed partial class KernelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(65)]
    [InlineData(230)]
    [InlineData(420)]
    public unsafe void SymmetricInverse_AnySize_EqualsReferenceOnEveryThreadCount(int n)
    {
        var size = SymmetricInverse.Padded(n);
        var one = PositiveDefinite(n, size);
        var start = one.Span.ToArray();
        var three = new AlignedFloats((long)size * size);
        start.CopyTo(three.Span);
        var reports = new List<int>();
        SymmetricInverse.Negate(one.Pointer, n, 1, reports.Add, default).ShouldBeTrue();
        SymmetricInverse.Negate(three.Pointer, n, 3, _ => { }, default).ShouldBeTrue();
        reports.ShouldBe(Enumerable.Range(1, SymmetricInverse.Blocks(n)));
        for (var i = 0; i < n; i++) one.Span.Slice(i * size, i + 1).SequenceEqual(three.Span.Slice(i * size, i + 1)).ShouldBeTrue();

        CompareWithReference(one, start, n, size);
    }

    [Fact]
    public unsafe void SymmetricInverse_NotPositiveDefinite_SaysSo()
    {
        var matrix = new AlignedFloats(32 * 32);
        for (var i = 0; i < 32; i++) matrix.Span[i * 33] = i == 20 ? -1 : 1;
        SymmetricInverse.Negate(matrix.Pointer, 32, 1, _ => { }, default).ShouldBeFalse();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(150)]
    public unsafe void MirrorScaled_LowerTriangle_FillsTheUpperAndScalesColumns(int n)
    {
        var size = SymmetricInverse.Padded(n);
        var matrix = new AlignedFloats((long)size * size);
        Numbers.Random(size * size, 3).CopyTo(matrix.Span);
        var before = matrix.Span.ToArray();
        var scales = Numbers.Random(n, 4);
        SymmetricInverse.MirrorScaled(matrix.Pointer, n, scales, 3, default);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                matrix.Span[(i * size) + j].ShouldBe(i == j ? 0f : before[(Math.Max(i, j) * size) + Math.Min(i, j)] * scales[j]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void SymmetricEigen_AnyMatrix_GivesOrthonormalVectorsThatRebuildIt(int n)
    {
        var random = Numbers.Random(n * n, n);
        var matrix = new double[n * n];
        for (var i = 0; i < n * n; i++) matrix[i] = random[i] + random[(i % n * n) + (i / n)];
        Rebuild(matrix, n);

        // Rank one: all but one eigenvalue coincide at zero.
        for (var i = 0; i < n * n; i++) matrix[i] = random[i / n] * (double)random[i % n];
        Rebuild(matrix, n);
        Rebuild(new double[n * n], n);
    }

    [Theory]
    [InlineData(3, 0f)]
    [InlineData(40, 0.5f)]
    [InlineData(70, 0f)]
    public unsafe void NonNegativeDescent_AnyPenalty_EqualsReference(int n, float penalty)
    {
        var size = SymmetricInverse.Padded(n);
        var gram = PositiveDefinite(n, size);
        Gram.MirrorLower(gram.Pointer, n, size);
        var matrix = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++) matrix[i, j] = gram.Span[(i * size) + j];
        }

        var residual = gram.Span.Slice(size, n).ToArray();
        var b = new float[n];
        var scales = Enumerable.Range(0, n).Select(i => 1f / (gram.Span[(i * size) + i] + 0.7f)).ToArray();
        NonNegativeDescent.Run(gram.Pointer, size, 1, scales, penalty, residual, b, 2_000, 1e-7f);
        var expected = NonNegativeDescent.RunReference(matrix, 1, [.. Enumerable.Repeat(0.7, n)], penalty, 2_000);
        for (var i = 0; i < n; i++) ((double)b[i]).ShouldBe(expected[i], 1e-3);
        b[1].ShouldBe(0f);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(70)]
    public void SparseProduct_AnyThreadCount_EqualsReference(int dimensions)
    {
        var sparse = Sparse(50, 40, 300);
        var x = Numbers.Factors(40, dimensions, 2);
        var y = new FactorMatrix(50, dimensions);
        SparseProduct.Multiply(sparse, x, y, 3, default);
        var expected = SparseProduct.MultiplyReference(sparse, x);
        for (var row = 0; row < 50; row++)
        {
            for (var k = 0; k < dimensions; k++) ((double)y.Values(row)[k]).ShouldBe(expected[row, k], 1e-4);
        }
    }

    [Fact]
    public void SparseProduct_OneVector_EqualsReference()
    {
        var sparse = Sparse(50, 40, 300);
        var x = Numbers.Factors(40, 1, 2);
        float[] values = [.. Enumerable.Range(0, 40).Select(row => x.Values(row)[0])];
        var y = new float[50];
        SparseProduct.MultiplyVector(sparse, values, y);
        var expected = SparseProduct.MultiplyReference(sparse, x);
        for (var row = 0; row < 50; row++) ((double)y[row]).ShouldBe(expected[row, 0], 1e-5);
    }

    [Theory]
    [InlineData(10, 30)]
    [InlineData(40, 3)]
    public void TopSingularVectors_SparseMatrix_AreThoseOfTheGram(int count, int rounds)
    {
        var sparse = Sparse(60, 40, 500);
        var found = TopSingularVectors.Compute(sparse, sparse.Transpose(), count, rounds, 1, 1, _ => { }, default);
        TopSingularVectors.Compute(sparse, sparse.Transpose(), count, rounds, 1, 3, _ => { }, default).Vectors.All.SequenceEqual(found.Vectors.All).ShouldBeTrue();
        var gram = new double[40 * 40];
        for (var row = 0; row < 60; row++)
        {
            for (var i = 0; i < sparse.CountOf(row); i++)
            {
                for (var j = 0; j < sparse.CountOf(row); j++)
                    gram[(sparse.ItemsOf(row)[i] * 40) + sparse.ItemsOf(row)[j]] += (double)sparse.WeightsOf(row)[i] * sparse.WeightsOf(row)[j];
            }
        }

        var values = SymmetricEigen.Decompose(gram, 40);
        for (var k = 0; k < count; k++)
        {
            ((double)found.Squares[k]).ShouldBe(values[k], 1e-3 * values[0]);
            if (values[k] < 1e-3 * values[0] || k > count / 2) continue;
            var dot = 0.0;
            for (var i = 0; i < 40; i++) dot += gram[(k * 40) + i] * found.Vectors.Values(i)[k];
            Math.Abs(dot).ShouldBe(1, 0.01);
        }
    }

    [Fact]
    public void TopSingularVectors_BeyondTheRank_AreZero()
    {
        var sparse = Interactions.From(4, 6, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 2, 3]);
        var found = TopSingularVectors.Compute(sparse, sparse.Transpose(), 6, 5, 1, 2, _ => { }, default);
        found.Squares.Select(square => Math.Round(square, 3)).ShouldBe([4, 4, 0, 0, 0, 0]);
        for (var item = 0; item < 6; item++) found.Vectors.Values(item)[2..].ToArray().ShouldAllBe(value => value == 0f);
    }

    private static void Rebuild(double[] matrix, int n)
    {
        var vectors = (double[])matrix.Clone();
        var values = SymmetricEigen.Decompose(vectors, n);
        values.ShouldBe(values.OrderDescending());
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var (sum, dot) = (0.0, 0.0);
                for (var k = 0; k < n; k++)
                {
                    sum += values[k] * vectors[(k * n) + i] * vectors[(k * n) + j];
                    dot += vectors[(i * n) + k] * vectors[(j * n) + k];
                }

                sum.ShouldBe(matrix[(i * n) + j], 1e-10);
                dot.ShouldBe(i == j ? 1 : 0, 1e-10);
            }
        }
    }

    private static Interactions Sparse(int rows, int columns, int pairs)
    {
        var random = new Random(5);
        return Interactions.From(
            rows,
            columns,
            [.. Enumerable.Range(0, pairs).Select(_ => random.Next(rows))],
            [.. Enumerable.Range(0, pairs).Select(_ => random.Next(columns))],
            Array.ConvertAll(Numbers.Random(pairs, 6), value => 1.5f + value));
    }

    private static AlignedFloats PositiveDefinite(int n, int size)
    {
        var matrix = new AlignedFloats((long)size * size);
        var random = Numbers.Random(n * 8, n);
        for (var i = 0; i < size; i++)
        {
            matrix.Span[(i * size) + i] = 1;
            if (i >= n) continue;
            for (var j = 0; j <= i; j++)
            {
                for (var k = 0; k < 8; k++) matrix.Span[(i * size) + j] += random[(i * 8) + k] * random[(j * 8) + k];
            }
        }

        return matrix;
    }

    private static void CompareWithReference(AlignedFloats actual, float[] start, int n, int size)
    {
        var matrix = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++) matrix[i, j] = start[(Math.Max(i, j) * size) + Math.Min(i, j)];
        }

        var expected = SymmetricInverse.NegateReference(matrix);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++) ((double)actual.Span[(i * size) + j]).ShouldBe(expected[i, j], 1e-4);
        }
    }
}
