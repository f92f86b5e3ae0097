using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>Every measure beside its formula written out over dense rows.</summary>
public sealed class SimilarRowsTests
{
    private const int Rows = 24, Columns = 20;

    private static readonly float[,] Dense = MakeDense();
    private static readonly Interactions Sparse = MakeSparse();

    public static TheoryData<SimilarityMeasure, int, double> Measures()
    {
        var data = new TheoryData<SimilarityMeasure, int, double>();
        foreach (var measure in Enum.GetValues<SimilarityMeasure>())
            foreach (var significance in new[] { 0, 4 })
                foreach (var damping in new[] { 0, 0.7 }) data.Add(measure, significance, damping);
        return data;
    }

    [Theory]
    [MemberData(nameof(Measures))]
    public void Find_AnyMeasure_EqualsItsFormulaOverDenseRows(SimilarityMeasure measure, int significance, double damping)
    {
        var options = new ItemNeighboursOptions
        {
            Similarity = measure, Significance = significance, Damping = damping, Neighbours = Rows, Shrinkage = 1.5, Alpha = 0.3, K1 = 0.9, B = 0.4, Amplification = 1.3,
        };
        var rows = new SimilarRows(Sparse, options);
        for (var row = 0; row < Rows; row++)
        {
            var expected = Enumerable.Range(0, Rows).Select(other => other == row ? 0 : Expected(options, row, other)).ToArray();
            using var found = rows.Find(Sparse.ItemsOf(row), Sparse.WeightsOf(row), row);
            var actual = new double[Rows];
            for (var i = 0; i < found.Rows.Length; i++) actual[found.Rows[i]] = found.Similarities[i];
            for (var other = 0; other < Rows; other++) actual[other].ShouldBe(expected[other], 1e-5, $"{row}, {other}");
        }
    }

    [Fact]
    public void Find_RowFromOutside_EqualsThatRowOfTheMatrix()
    {
        foreach (var measure in Enum.GetValues<SimilarityMeasure>())
        {
            var rows = new SimilarRows(Sparse, new ItemNeighboursOptions { Similarity = measure, Neighbours = 5 });
            using var inside = rows.Find(Sparse.ItemsOf(7), Sparse.WeightsOf(7), 7);
            using var outside = rows.Find(Sparse.ItemsOf(7), Sparse.WeightsOf(7), -1);
            outside.Rows.ToArray().ShouldContain(7, "it is its own nearest neighbour");
            outside.Rows.ToArray().Where(row => row != 7).ShouldBe(inside.Rows[..4].ToArray());
        }
    }

    [Fact]
    public void Find_ThresholdAndAmong_LeaveOthersOut()
    {
        var all = new SimilarRows(Sparse, new ItemNeighboursOptions { Neighbours = Rows, Shrinkage = 0, Damping = 0 });
        using var found = all.Find(Sparse.ItemsOf(3), Sparse.WeightsOf(3), 3);
        var middle = found.Similarities[found.Rows.Length / 2];
        using var nearer = new SimilarRows(Sparse, new ItemNeighboursOptions { Neighbours = Rows, Shrinkage = 0, Damping = 0, Threshold = middle }).Find(Sparse.ItemsOf(3), Sparse.WeightsOf(3), 3);
        nearer.Similarities.ToArray().ShouldBe([.. found.Similarities.ToArray().Where(similarity => similarity > middle)]);
        nearer.Rows.Length.ShouldBeInRange(1, found.Rows.Length - 1);

        using var among = all.Find(Sparse.ItemsOf(3), Sparse.WeightsOf(3), 3, [3, found.Rows[2], found.Rows[5]]);
        among.Rows.ToArray().ShouldBe([found.Rows[2], found.Rows[5]]);
    }

    [Fact]
    public void Find_LongColumnsSampled_LooksAtTheSameRowsInEach()
    {
        // Every row has columns 0 and 1; with 8 of the rows looked at, the same 8 must be found through both.
        var users = Enumerable.Range(0, Rows).SelectMany(row => new[] { row, row }).ToArray();
        var matrix = Interactions.From(Rows, 2, users, [.. Enumerable.Range(0, Rows).SelectMany(_ => new[] { 0, 1 })]);
        using var found = new SimilarRows(matrix, new ItemNeighboursOptions { Shrinkage = 0, Neighbours = 100 }, longestColumn: 8).Find([0, 1], [1f, 1f], -1);
        found.Rows.Length.ShouldBe(8);
        found.Similarities.ToArray().ShouldAllBe(similarity => Math.Abs(similarity - 1) < 1e-6);
    }

    [Fact]
    public void LogLikelihoodRatio_DunningsFourCells_EqualsTheEntropyForm()
    {
        // k11 = 10, k12 = 20, k21 = 30, k22 = 940, by 2 (H(rows) + H(columns) − H(cells)) with H(k) = N log N − Σ k log k.
        static double H(params double[] k) => (k.Sum() * Math.Log(k.Sum())) - k.Sum(x => x * Math.Log(x));
        var expected = 2 * (H(30, 970) + H(40, 960) - H(10, 20, 30, 940));
        SimilarRows.LogLikelihoodRatio(10, 30, 40, 1000).ShouldBe(expected, 1e-9);
        SimilarRows.LogLikelihoodRatio(1, 100, 100, 1000).ShouldBe(0, "they meet less often than by chance");
    }

    private static double Expected(ItemNeighboursOptions options, int row, int other)
    {
        var shared = Enumerable.Range(0, Columns).Where(column => Dense[row, column] > 0 && Dense[other, column] > 0).ToArray();
        if (shared.Length == 0) return 0;
        var counts = Enumerable.Range(0, Columns).Select(column => Enumerable.Range(0, Rows).Count(r => Dense[r, column] > 0)).ToArray();
        var meanColumn = (double)Sparse.Count / counts.Count(count => count > 0);
        var meanRow = (double)Sparse.Count / Enumerable.Range(0, Rows).Count(r => Sparse.CountOf(r) > 0);
        double Scale(int column) => options.Similarity == SimilarityMeasure.LogLikelihood ? 1 : Math.Pow(counts[column] / meanColumn, -options.Damping);
        double Value(int r, int column)
        {
            double w = Dense[r, column];
            var n = Sparse.CountOf(r);
            return options.Similarity switch
            {
                SimilarityMeasure.Jaccard or SimilarityMeasure.LogLikelihood => 1,
                SimilarityMeasure.TfIdf => Math.Log(1 + w) * Math.Log(1 + ((double)Rows / counts[column])),
                SimilarityMeasure.Bm25 => w * (options.K1 + 1) / (w + (options.K1 * (1 - options.B + (options.B * n / meanRow)))) * Math.Log(1 + ((double)Rows / counts[column])),
                SimilarityMeasure.Pearson => w - Sparse.WeightsOf(r).ToArray().Average(),
                SimilarityMeasure.AdjustedCosine => w - Enumerable.Range(0, Rows).Where(x => Dense[x, column] > 0).Average(x => Dense[x, column]),
                _ => w,
            };
        }

        var product = shared.Sum(column => Scale(column) * Value(row, column) * Value(other, column));
        double Squares(int r, IEnumerable<int> columns) => columns.Sum(column => Scale(column) * Math.Pow(Value(r, column), 2));
        IEnumerable<int> Of(int r) => Enumerable.Range(0, Columns).Where(column => Dense[r, column] > 0);
        var (a, b) = (Squares(row, Of(row)), Squares(other, Of(other)));
        var similarity = options.Similarity switch
        {
            SimilarityMeasure.AsymmetricCosine => product / ((Math.Pow(a, options.Alpha) * Math.Pow(b, 1 - options.Alpha)) + options.Shrinkage),
            SimilarityMeasure.Jaccard => product / (a + b - product + options.Shrinkage),
            SimilarityMeasure.LogLikelihood => SimilarRows.LogLikelihoodRatio(shared.Length, Of(row).Count(), Of(other).Count(), Rows) is var ratio ? ratio / (ratio + 1 + options.Shrinkage) : 0,
            SimilarityMeasure.Pearson or SimilarityMeasure.AdjustedCosine =>
                Squares(row, shared) * Squares(other, shared) is > 0 and var squares ? product / Math.Sqrt(squares) * shared.Length / (shared.Length + options.Shrinkage) : 0,
            _ => product / (Math.Sqrt(a * b) + options.Shrinkage),
        };
        if (options.Significance > 0) similarity *= Math.Min(1.0, (double)shared.Length / options.Significance);
        return similarity > 0 ? Math.Pow(similarity, options.Amplification) : 0;
    }

    private static float[,] MakeDense()
    {
        var random = new Random(5);
        var dense = new float[Rows, Columns];
        for (var row = 0; row < Rows; row++)
        {
            // Row 11 is empty, column 17 too.
            for (var column = 0; column < Columns; column++)
                if (row != 11 && column != 17 && random.NextDouble() < 0.25) dense[row, column] = random.Next(1, 6);
        }

        return dense;
    }

    private static Interactions MakeSparse()
    {
        var pairs = Enumerable.Range(0, Rows * Columns).Where(at => Dense[at / Columns, at % Columns] > 0).ToArray();
        return Interactions.From(Rows, Columns, [.. pairs.Select(at => at / Columns)], [.. pairs.Select(at => at % Columns)], [.. pairs.Select(at => Dense[at / Columns, at % Columns])]);
    }
}
