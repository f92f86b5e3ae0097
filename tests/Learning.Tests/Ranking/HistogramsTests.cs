using System.Runtime.Intrinsics;
using Aisle.Learning.Ranking;

namespace Aisle.Learning.Tests.Ranking;

public sealed class HistogramsTests
{
    [Fact]
    public void Sum_EqualsReference()
    {
        const int Count = 10_000;
        var examples = new RankingExamples(Made.Schema);
        examples.AddList(Made.Rows(Count, 1), new float[Count]);
        var bins = BinnedRows.Of(FeatureColumns.OfTraining(examples, 1, out _), 254, 2, default);
        var random = new Random(2);
        Vector128<float>[] derivatives = [.. Enumerable.Range(0, Count).Select(_ => Vector128.Create(random.NextSingle() - 0.5f, random.NextSingle(), 1, 0))];
        int[] rows = [.. Enumerable.Range(0, Count).Where(row => row % 3 != 0)];
        var sums = new BinSum[bins.Features * BinnedRows.Stride];
        for (var group = 0; group < bins.Groups; group++) Histograms.Sum(bins, group, rows, derivatives, sums);
        for (var f = 0; f < bins.Features; f++)
        {
            var expected = Histograms.SumReference(bins, f, rows, derivatives);
            for (var bin = 0; bin < BinnedRows.Stride; bin++)
            {
                var sum = sums[(f * BinnedRows.Stride) + bin];
                sum.Rows.ShouldBe(expected[bin].Rows);
                sum.Gradient.ShouldBe(expected[bin].Gradient, 1e-3);
                sum.Second.ShouldBe(expected[bin].Second, 1e-3);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(254)]
    public void Bins_KeepTheOrderOfValues(int bins)
    {
        const int Count = 2000;
        var rows = Made.Rows(Count, 5);
        rows[0] = float.NegativeInfinity;
        rows[Made.Schema.Count] = float.PositiveInfinity;
        var examples = new RankingExamples(Made.Schema);
        examples.AddList(rows, new float[Count]);
        var binned = BinnedRows.Of(FeatureColumns.OfTraining(examples, 1, out _), bins, 1, default);
        for (var f = 0; f < 10; f++)
        {
            binned.BinsOf(f).ShouldBeInRange(2, bins);
            for (var row = 0; row < Count; row++)
            {
                var value = rows[(row * Made.Schema.Count) + f];
                var bin = binned.Bin(f, row);
                if (float.IsNaN(value))
                {
                    bin.ShouldBe(BinnedRows.Missing);
                    continue;
                }

                value.ShouldBeLessThanOrEqualTo(binned.Threshold(f, bin));
                if (bin > 0) value.ShouldBeGreaterThan(binned.Threshold(f, bin - 1));
            }
        }

        Enumerable.Range(0, Count).GroupBy(row => binned.Bin(0, row)).Max(group => group.Count()).ShouldBeLessThan((2 * Count / bins) + 3);
    }
}
