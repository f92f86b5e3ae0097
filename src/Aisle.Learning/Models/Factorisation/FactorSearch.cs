using Aisle.Learning.Index;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Finds the items with the largest dot products with a shopper's row: a look at all of them as bytes, a quarter of the memory that floats would have to be
/// read from, and the exact products of the best.
/// </summary>
internal sealed class FactorSearch
{
    /// <summary>With fewer items, scoring all of them exactly costs as little.</summary>
    public const int LeastItems = 10_000;

    /// <summary>Rows whose squares are added in single precision before the sum goes on in double.</summary>
    private const int Block = 1024;

    /// <summary>Looked at for the lowest score: as bytes, another may seem to be it.</summary>
    private const int Farthest = 4;

    private readonly FactorMatrix _items;
    private readonly FactorCosines _lengths;
    private readonly ExactIndex _index;

    /// <summary>Σ y over the known items.</summary>
    private readonly double[] _sum;

    /// <summary>Σ y yᵀ over the known items, row-major.</summary>
    private readonly double[] _squares;

    /// <param name="lengths">Tells which items are known.</param>
    public FactorSearch(FactorMatrix items, FactorCosines lengths)
    {
        this._items = items;
        this._lengths = lengths;
        var width = items.Dimensions;
        this._sum = new double[width];
        this._squares = new double[width * width];
        this._index = new ExactIndex(VectorMeasure.InnerProduct, width, asBytes: true);
        // Long vectors first: a search passes by what is too short.
        int[] known = [.. Enumerable.Range(0, items.Rows).Where(lengths.IsKnown).OrderByDescending(lengths.LengthOf).ThenBy(item => item)];
        for (var first = 0; first < known.Length; first += Block) this.Add(known.AsMemory(first, Math.Min(Block, known.Length - first)));
    }

    private void Add(ReadOnlyMemory<int> known)
    {
        var width = this._items.Dimensions;
        var vectors = new float[known.Length * width];
        var squares = new float[width * width];
        for (var i = 0; i < known.Length; i++)
        {
            var row = this._items.Values(known.Span[i]);
            row.CopyTo(vectors.AsSpan(i * width));
            for (var a = 0; a < width; a++)
            {
                this._sum[a] += row[a];
                Vectors.AddScaled(row[a], row, squares.AsSpan(a * width, width));
            }
        }

        for (var i = 0; i < squares.Length; i++) this._squares[i] += squares[i];
        this._index.SetMany(known, vectors);
    }

    /// <param name="query">The shopper's row; zeros for someone unknown, to whom all items are.</param>
    public PartialScores Open(float[] query) => new Products(this, query);

    private sealed class Products(FactorSearch owner, float[] query) : PartialScores
    {
        private bool IsKnown => query.AsSpan().ContainsAnyExcept(0f);

        public override int[] Candidates(int count)
        {
            if (!this.IsKnown) return [];
            var items = new int[Math.Min(count, owner._index.Count)];
            return items[..owner._index.Search(query, items, new float[items.Length])];
        }

        public override void Of(ReadOnlySpan<int> items, Span<float> scores)
        {
            for (var i = 0; i < items.Length; i++)
                scores[i] = this.IsKnown && owner._lengths.IsKnown(items[i]) ? Vectors.Dot(query, owner._items.Values(items[i])) : float.NegativeInfinity;
        }

        /// <summary>Σ q·y = q·Σy and Σ (q·y)² = qᵀ(Σ y yᵀ)q: no item is looked at but those that are left out.</summary>
        public override (int Count, double Deviation) Spread(ReadOnlySpan<int> without)
        {
            if (!this.IsKnown) return (0, 0);
            var count = owner._index.Count;
            double sum = 0, squares = 0;
            for (var a = 0; a < query.Length; a++)
            {
                sum += query[a] * owner._sum[a];
                var row = 0.0;
                for (var b = 0; b < query.Length; b++) row += owner._squares[(a * query.Length) + b] * query[b];
                squares += query[a] * row;
            }

            foreach (var item in without)
            {
                if (!owner._lengths.IsKnown(item)) continue;
                double score = Vectors.Dot(query, owner._items.Values(item));
                count--;
                sum -= score;
                squares -= score * score;
            }

            if (count == 0) return (0, 0);
            var mean = sum / count;
            return (count, Math.Sqrt(Math.Max(0, (squares / count) - (mean * mean))));
        }

        public override float FindLowest()
        {
            if (!this.IsKnown) return float.NegativeInfinity;
            var farthest = new int[Math.Min(Farthest, owner._index.Count)];
            var scores = new float[farthest.Length];
            owner._index.Search(Array.ConvertAll(query, value => -value), farthest, scores);
            this.Of(farthest, scores);
            return scores.Min();
        }

        public override void Dispose()
        {
        }
    }
}
