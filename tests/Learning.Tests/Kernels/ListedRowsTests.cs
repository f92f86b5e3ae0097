using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class ListedRowsTests
{
    [Theory]
    [InlineData(16, 1)]
    [InlineData(16, 3)]
    [InlineData(64, 4)]
    [InlineData(112, 7)]
    [InlineData(1_024, 33)]
    public void ProductsAndDistances_AnyLengthAndCount_EqualReferences(int length, int count)
    {
        var vector = Numbers.Random(length, 1);
        var rows = Numbers.Random(length * 50, 2);
        var list = Enumerable.Range(0, count).Select(i => i * 13 % 50).ToArray();
        var (actual, expected) = (new float[count + 1], new float[count]);
        actual[count] = 7;
        fixed (float* query = vector, matrix = rows, results = actual)
        fixed (int* listed = list)
        {
            ListedRows.Products(query, matrix, length, listed, count, results);
            ListedRows.ProductsReference(vector, rows, list, expected);
            Numbers.LargestDifference(actual.AsSpan(0, count), expected).ShouldBeLessThan(1e-6 * length);

            ListedRows.NegatedDistances(query, matrix, length, listed, count, results);
            ListedRows.NegatedDistancesReference(vector, rows, list, expected);
            Numbers.LargestDifference(actual.AsSpan(0, count), expected).ShouldBeLessThan(1e-6 * length);
        }

        actual[count].ShouldBe(7, "nothing is written behind the last result");
    }

    [Fact]
    public void Products_RowInAnyCompany_HasTheSameResult()
    {
        var vector = Numbers.Random(48, 1);
        var rows = Numbers.Random(48 * 9, 2);
        int[] list = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        var together = new float[9];
        fixed (float* query = vector, matrix = rows, results = together)
        fixed (int* listed = list)
        {
            ListedRows.Products(query, matrix, 48, listed, 9, results);
            for (var i = 0; i < 9; i++)
            {
                float alone;
                ListedRows.Products(query, matrix, 48, listed + i, 1, &alone);
                alone.ShouldBe(together[i]);
            }
        }
    }
}
