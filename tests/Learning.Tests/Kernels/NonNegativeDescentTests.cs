using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class NonNegativeDescentTests
{
    [Theory]
    [InlineData(3, 0f)]
    [InlineData(40, 0.5f)]
    [InlineData(70, 0f)]
    public void Run_AnyPenalty_EqualsReference(int n, float penalty)
    {
        var size = SymmetricInverse.Padded(n);
        var gram = Numbers.PositiveDefinite(n, size);
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
}
