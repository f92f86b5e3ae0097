using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class RowProductsTests
{
    /// <summary>Rows of a sparse matrix made up of chance, walked through its columns' lists, beside one product after the other.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 7)]
    [InlineData(200, 50)]
    public void Add_AnyShape_EqualsReference(int rows, int columns)
    {
        var random = new Random(rows);
        var matrix = Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Where(_ => random.NextDouble() < 0.3).ToArray()).ToArray();
        var values = matrix.Select(row => row.Select(_ => (float)random.NextDouble() + 0.1f).ToArray()).ToArray();
        var scales = Enumerable.Range(0, columns).Select(_ => (float)random.NextDouble() + 0.1f).ToArray();
        var (products, shared) = (new float[rows], new SharedColumns[rows]);
        var (touched, touchedShared) = (new int[rows + 1], new int[rows + 1]);
        var (count, countShared) = (0, 0);
        for (var i = 0; i < matrix[0].Length; i++)
        {
            var column = matrix[0][i];
            var list = Enumerable.Range(0, rows).Where(row => matrix[row].Contains(column)).ToArray();
            var weights = list.Select(row => values[row][Array.IndexOf(matrix[row], column)]).ToArray();
            count = RowProducts.Add(values[0][i] * scales[column], list, weights, products, touched, count);
            countShared = RowProducts.AddShared(values[0][i], scales[column], list, weights, shared, touchedShared, countShared);
        }

        var expectedTouched = 0;
        for (var row = 0; row < rows; row++)
        {
            var expected = RowProducts.Reference(matrix[0], values[0], matrix[row], values[row], scales);
            expectedTouched += expected.Count > 0 ? 1 : 0;
            shared[row].Count.ShouldBe(expected.Count);
            ((double)products[row]).ShouldBe(expected.Product, 1e-4);
            ((double)shared[row].Product).ShouldBe(expected.Product, 1e-4);
            ((double)shared[row].OwnSquares).ShouldBe(expected.OwnSquares, 1e-4);
            ((double)shared[row].OtherSquares).ShouldBe(expected.OtherSquares, 1e-4);
        }

        count.ShouldBe(expectedTouched);
        touched[..count].ShouldBe(touchedShared[..countShared]);
        touched[..count].ShouldBeUnique();
    }

    [Fact]
    public void Add_NoWeights_CountsEachAsOne()
    {
        var products = new float[4];
        var touched = new int[5];
        var count = RowProducts.Add(2f, [1, 3], [], products, touched, 0);
        count = RowProducts.Add(0.5f, [3], [], products, touched, count);
        products.ShouldBe([0f, 2f, 0f, 2.5f]);
        touched[..count].ShouldBe([1, 3]);
    }
}
