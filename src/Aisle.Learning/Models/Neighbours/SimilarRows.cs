using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Finds the rows of a sparse matrix that are most like one row, by any <see cref="SimilarityMeasure"/>: items by their users, or users by
/// their items. One row of products is held at a time per thread, never rows × rows. Safe for concurrent use.
/// </summary>
internal sealed class SimilarRows
{
    private readonly SimilarityOptions _options;
    private readonly Interactions _rows;

    /// <summary>Columns × rows with the weights as the measure wants them.</summary>
    private readonly Interactions _columns;

    /// <summary>All weights of <see cref="_columns"/> are 1 and need not be read.</summary>
    private readonly bool _areUnit;

    /// <summary>What sharing each column is worth.</summary>
    private readonly float[] _scales;

    /// <summary>What the measure wants to know of each column: its mean, or how rare it is.</summary>
    private readonly float[] _columnTerms;

    /// <summary>The size of each row as the second of a pair: a power of its length, or its count.</summary>
    private readonly float[] _sizes;

    private readonly float _meanCount;
    private readonly ConcurrentBag<Scratch> _scratches = [];

    /// <param name="longestColumn">Of a longer column only a sample of so many rows is looked through; 0 for no bound.</param>
    public SimilarRows(Interactions rows, SimilarityOptions options, int longestColumn = 0)
    {
        this._rows = rows;
        this._options = options;
        this._meanCount = (float)rows.Count / Math.Max(1, CountTouched(rows));
        (this._scales, this._columnTerms) = this.AboutColumns();
        (var prepared, this._sizes) = this.PreparedRows();
        this._columns = prepared.Transpose();
        this._areUnit = !this.CountsShared && this._columns.AllWeights.IndexOfAnyExcept(1f) < 0;
        if (longestColumn > 0) this._columns = Sampled(this._columns, longestColumn);
    }

    private bool CountsShared => this._options.IsCentred || this._options.Significance > 0;

    /// <summary>Nothing but a product over two sizes.</summary>
    private bool IsPlainCosine => !this.CountsShared && this._options.Similarity is not (SimilarityMeasure.Jaccard or SimilarityMeasure.LogLikelihood);

    /// <summary>The neighbours of some rows, each ascending by row.</summary>
    /// <param name="which">Rows asked for.</param>
    public (int[] Rows, float[] Similarities)[] Of(ReadOnlyMemory<int> which, string model, FitContext context)
    {
        // Between two progress reports and two looks at the cancellation token.
        const int Stretch = 4096;
        var found = new (int[] Rows, float[] Similarities)[which.Length];
        var stretches = Math.Max(1, (which.Length + Stretch - 1) / Stretch);
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var start = stretch * Stretch;
            ParallelRows.Run(
                context.Threads,
                Math.Min(Stretch, which.Length - start),
                16,
                (_, first, end) =>
                {
                    for (var i = start + first; i < start + end; i++)
                    {
                        var row = which.Span[i];
                        using var neighbours = this.Find(this._rows.ItemsOf(row), this._rows.WeightsOf(row), row);
                        found[i] = neighbours.ByRow();
                    }
                },
                context.Cancellation);
            context.Progress?.Report(new TrainingStep(model, "neighbours", stretch + 1, stretches));
        }

        return found;
    }

    /// <summary>The neighbours of a row, which need not be one of the matrix; best first. To be disposed of.</summary>
    /// <param name="columns">Distinct.</param>
    /// <param name="weights">One each.</param>
    /// <param name="self">The row itself, if it is one of the matrix, or −1.</param>
    /// <param name="among">The only rows that may be neighbours, if not all.</param>
    public Found Find(ReadOnlySpan<int> columns, ReadOnlySpan<float> weights, int self, ReadOnlySpan<int> among = default)
    {
        if (!this._scratches.TryTake(out var scratch)) scratch = new Scratch(this._rows.Users, this._options.Neighbours, this.CountsShared);
        if (scratch.Values.Length < columns.Length) scratch.Values = new float[Math.Max(columns.Length, 2 * scratch.Values.Length)];
        var values = scratch.Values.AsSpan(0, columns.Length);
        this.Prepare(columns, weights, values);
        var touched = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            var column = columns[i];
            var rows = this._columns.ItemsOf(column);
            var others = this._areUnit ? default : this._columns.WeightsOf(column);
            touched = this.CountsShared
                ? RowProducts.AddShared(values[i], this._scales[column], rows, others, scratch.Shared, scratch.Touched, touched)
                : RowProducts.Add(values[i] * this._scales[column], rows, others, scratch.Products, scratch.Touched, touched);
        }

        var (own, _) = this.SizesOf(columns, values);
        var kept = among.IsEmpty && touched > 0 ? this.Best(own, columns.Length, self, scratch.Touched.AsSpan(0, touched), scratch) : this.Best(own, columns.Length, self, among, scratch);
        scratch.Clear(touched);
        return new Found(this, scratch, kept);
    }

    /// <summary>How much of the product with another row comes from one column.</summary>
    public float Product(int column, float value, float otherValue) => this._scales[column] * value * otherValue;

    /// <summary>Rows that have a column, with their weights as the measure wants them.</summary>
    public (Interactions Columns, float[] Values) Sharing(ReadOnlySpan<int> columns, ReadOnlySpan<float> weights)
    {
        var values = new float[columns.Length];
        this.Prepare(columns, weights, values);
        return (this._columns, values);
    }

    private int Best(float own, int ownCount, int self, ReadOnlySpan<int> candidates, Scratch scratch)
    {
        var similarities = scratch.Similarities.AsSpan(0, candidates.Length);
        if (this.IsPlainCosine)
        {
            RowProducts.Cosines(own, (float)this._options.Shrinkage, candidates, scratch.Products, this._sizes, similarities);
        }
        else
        {
            for (var i = 0; i < candidates.Length; i++) similarities[i] = this.Similarity(own, ownCount, candidates[i], scratch);
        }

        var threshold = (float)this._options.Threshold;
        for (var i = 0; i < candidates.Length; i++)
            if (!(similarities[i] > threshold) || candidates[i] == self) similarities[i] = float.NegativeInfinity;

        var kept = TopK.Select(similarities, scratch.Best, scratch.BestSimilarities);
        for (var i = 0; i < kept; i++)
        {
            scratch.Best[i] = candidates[scratch.Best[i]];
            scratch.BestProducts[i] = this.CountsShared ? scratch.Shared[scratch.Best[i]].Product : scratch.Products[scratch.Best[i]];
            if (this._options.Amplification != 1) scratch.BestSimilarities[i] = (float)Math.Pow(scratch.BestSimilarities[i], this._options.Amplification);
        }

        return kept;
    }

    private float Similarity(float own, int ownCount, int other, Scratch scratch)
    {
        var shrinkage = (float)this._options.Shrinkage;
        if (!this.CountsShared) return this.Uncentred(own, ownCount, other, scratch.Products[other], shrinkage);
        ref readonly var shared = ref scratch.Shared[other];
        if (shared.Count == 0) return 0f;
        var similarity = this._options.IsCentred ? Correlation(shared, shrinkage) : this.Uncentred(own, ownCount, other, shared.Product, shrinkage);
        return shared.Count < this._options.Significance ? similarity * shared.Count / this._options.Significance : similarity;
    }

    private float Uncentred(float own, int ownCount, int other, float product, float shrinkage) => this._options.Similarity switch
    {
        SimilarityMeasure.Jaccard => product / (own + this._sizes[other] - product + shrinkage),
        SimilarityMeasure.LogLikelihood => Bounded(LogLikelihoodRatio(product, ownCount, this._sizes[other], this._rows.Users), shrinkage),
        _ => product / ((own * this._sizes[other]) + shrinkage),
    };

    private static float Correlation(in SharedColumns shared, float shrinkage)
    {
        var squares = MathF.Sqrt(shared.OwnSquares * shared.OtherSquares);
        return squares > 0f ? shared.Product / squares * shared.Count / (shared.Count + shrinkage) : 0f;
    }

    private static float Bounded(double ratio, float shrinkage) => (float)(ratio / (ratio + 1 + shrinkage));

    /// <summary>G² = 2 Σ k log(k · all / (row sum · column sum)) over the four cells; 0 where the two meet no more often than chance would have it.</summary>
    internal static double LogLikelihoodRatio(double both, double one, double other, double all)
    {
        if (both * all <= one * other) return 0;
        return 2 * (Cell(both, one, other) + Cell(one - both, one, all - other) + Cell(other - both, all - one, other) + Cell(all - one - other + both, all - one, all - other));

        double Cell(double observed, double row, double column) => observed > 0 ? observed * Math.Log(observed * all / (row * column)) : 0;
    }

    private void Prepare(ReadOnlySpan<int> columns, ReadOnlySpan<float> weights, Span<float> values)
    {
        var mean = this._options.Similarity == SimilarityMeasure.Pearson ? Mean(weights) : 0f;
        var k1 = (float)this._options.K1;
        var saturation = k1 * (1f - (float)this._options.B + ((float)this._options.B * columns.Length / this._meanCount));
        for (var i = 0; i < columns.Length; i++)
        {
            values[i] = this._options.Similarity switch
            {
                SimilarityMeasure.Jaccard or SimilarityMeasure.LogLikelihood => 1f,
                SimilarityMeasure.TfIdf => MathF.Log(1f + weights[i]) * this._columnTerms[columns[i]],
                SimilarityMeasure.Bm25 => weights[i] * (k1 + 1f) / (weights[i] + saturation) * this._columnTerms[columns[i]],
                SimilarityMeasure.Pearson => weights[i] - mean,
                SimilarityMeasure.AdjustedCosine => weights[i] - this._columnTerms[columns[i]],
                _ => weights[i],
            };
        }
    }

    /// <summary>The size of a row as the first and as the second of a pair.</summary>
    private (float First, float Second) SizesOf(ReadOnlySpan<int> columns, ReadOnlySpan<float> values)
    {
        if (this._options.Similarity == SimilarityMeasure.LogLikelihood) return (columns.Length, columns.Length);
        var squares = 0.0;
        for (var i = 0; i < columns.Length; i++) squares += (double)this._scales[columns[i]] * values[i] * values[i];
        if (this._options.Similarity == SimilarityMeasure.Jaccard) return ((float)squares, (float)squares);
        var alpha = this._options.Similarity == SimilarityMeasure.AsymmetricCosine ? this._options.Alpha : 0.5;
        return ((float)Math.Pow(squares, alpha), (float)Math.Pow(squares, 1 - alpha));
    }

    private (float[] Scales, float[] Terms) AboutColumns()
    {
        var counts = new int[this._rows.Items];
        var sums = new double[this._rows.Items];
        for (var row = 0; row < this._rows.Users; row++)
        {
            var columns = this._rows.ItemsOf(row);
            var weights = this._rows.WeightsOf(row);
            for (var i = 0; i < columns.Length; i++)
            {
                counts[columns[i]]++;
                sums[columns[i]] += weights[i];
            }
        }

        var mean = (double)this._rows.Count / Math.Max(1, counts.Count(count => count > 0));
        var damping = this._options.Similarity == SimilarityMeasure.LogLikelihood ? 0 : this._options.Damping;
        var rows = this._rows.Users;
        return (
            Array.ConvertAll(counts, count => count == 0 ? 1f : (float)Math.Pow(count / mean, -damping)),
            this._options.Similarity switch
            {
                SimilarityMeasure.TfIdf or SimilarityMeasure.Bm25 => Array.ConvertAll(counts, count => count == 0 ? 1f : (float)Math.Log(1 + ((double)rows / count))),
                SimilarityMeasure.AdjustedCosine => [.. counts.Select((count, column) => count == 0 ? 0f : (float)(sums[column] / count))],
                _ => [],
            });
    }

    private (Interactions Prepared, float[] Sizes) PreparedRows()
    {
        var values = new float[this._rows.Count];
        var sizes = new float[this._rows.Users];
        var starts = this._rows.RowStarts;
        for (var row = 0; row < sizes.Length; row++)
        {
            var columns = this._rows.ItemsOf(row);
            var rowValues = values.AsSpan((int)starts[row], columns.Length);
            this.Prepare(columns, this._rows.WeightsOf(row), rowValues);
            sizes[row] = this.SizesOf(columns, rowValues).Second;
        }

        return (this._rows.WithWeights(values), sizes);
    }

    /// <summary>Of each longer list the rows with the lowest hash: the same rows in every list, so that their overlaps stay whole.</summary>
    private static Interactions Sampled(Interactions columns, int longest)
    {
        var starts = new long[columns.Users + 1];
        for (var column = 0; column < columns.Users; column++) starts[column + 1] = starts[column] + Math.Min(longest, columns.CountOf(column));
        if (starts[^1] == columns.Count) return columns;
        var rows = new int[starts[^1]];
        var weights = new float[starts[^1]];
        for (var column = 0; column < columns.Users; column++)
        {
            var all = columns.ItemsOf(column);
            var order = Enumerable.Range(0, all.Length).ToArray();
            if (all.Length > longest)
            {
                Array.Sort(Array.ConvertAll(all.ToArray(), row => unchecked((uint)row * 2654435769u)), order);
                Array.Sort(order, 0, longest);
            }

            for (var i = 0; i < Math.Min(longest, all.Length); i++)
            {
                rows[starts[column] + i] = all[order[i]];
                weights[starts[column] + i] = columns.WeightsOf(column)[order[i]];
            }
        }

        return Interactions.FromSortedRows(columns.Items, starts, rows, weights);
    }

    private static int CountTouched(Interactions rows)
    {
        var touched = 0;
        for (var row = 0; row < rows.Users; row++) touched += rows.CountOf(row) > 0 ? 1 : 0;
        return touched;
    }

    private static float Mean(ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights) sum += weight;
        return (float)(sum / Math.Max(1, weights.Length));
    }

    /// <summary>Neighbours of one row, best first, in borrowed memory.</summary>
    internal readonly ref struct Found
    {
        private readonly SimilarRows _owner;
        private readonly Scratch _scratch;
        private readonly int _count;

        public Found(SimilarRows owner, Scratch scratch, int count)
        {
            this._owner = owner;
            this._scratch = scratch;
            this._count = count;
        }

        public ReadOnlySpan<int> Rows => this._scratch.Best.AsSpan(0, this._count);

        public ReadOnlySpan<float> Similarities => this._scratch.BestSimilarities.AsSpan(0, this._count);

        /// <summary>What the sums over shared columns came to, beside <see cref="Rows"/>.</summary>
        public ReadOnlySpan<float> Products => this._scratch.BestProducts.AsSpan(0, this._count);

        public (int[] Rows, float[] Similarities) ByRow()
        {
            var rows = this.Rows.ToArray();
            var similarities = this.Similarities.ToArray();
            Array.Sort(rows, similarities);
            return (rows, similarities);
        }

        public void Dispose() => this._owner._scratches.Add(this._scratch);
    }

    internal sealed class Scratch(int rows, int neighbours, bool countsShared)
    {
        public readonly float[] Products = countsShared ? [] : new float[rows];
        public readonly SharedColumns[] Shared = countsShared ? new SharedColumns[rows] : [];
        public readonly int[] Touched = new int[rows + 1];
        public readonly float[] Similarities = new float[rows];
        public readonly int[] Best = new int[neighbours];
        public readonly float[] BestSimilarities = new float[neighbours];
        public readonly float[] BestProducts = new float[neighbours];
        public float[] Values = [];

        public void Clear(int touched)
        {
            foreach (var row in this.Touched.AsSpan(0, touched))
            {
                if (this.Products.Length > 0) this.Products[row] = 0f;
                else this.Shared[row] = default;
            }
        }
    }
}
