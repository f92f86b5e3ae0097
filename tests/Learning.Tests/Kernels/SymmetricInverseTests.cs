using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class SymmetricInverseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(65)]
    [InlineData(230)]
    [InlineData(420)]
    public void Negate_AnySize_EqualsReferenceOnEveryThreadCount(int n)
    {
        var size = SymmetricInverse.Padded(n);
        var one = Numbers.PositiveDefinite(n, size);
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
    public void Negate_NotPositiveDefinite_SaysSo()
    {
        var matrix = new AlignedFloats(32 * 32);
        for (var i = 0; i < 32; i++) matrix.Span[i * 33] = i == 20 ? -1 : 1;
        SymmetricInverse.Negate(matrix.Pointer, 32, 1, _ => { }, default).ShouldBeFalse();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(150)]
    public void MirrorScaled_LowerTriangle_FillsTheUpperAndScalesColumns(int n)
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
