using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class TopSingularVectorsTests
{
    [Theory]
    [InlineData(10, 30)]
    [InlineData(40, 3)]
    public void Compute_SparseMatrix_GivesThoseOfTheGram(int count, int rounds)
    {
        var sparse = Numbers.Sparse(60, 40, 500);
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
    public void Compute_BeyondTheRank_GivesZero()
    {
        var sparse = Interactions.From(4, 6, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 2, 3]);
        var found = TopSingularVectors.Compute(sparse, sparse.Transpose(), 6, 5, 1, 2, _ => { }, default);
        found.Squares.Select(square => Math.Round(square, 3)).ShouldBe([4, 4, 0, 0, 0, 0]);
        for (var item = 0; item < 6; item++) found.Vectors.Values(item)[2..].ToArray().ShouldAllBe(value => value == 0f);
    }
}
