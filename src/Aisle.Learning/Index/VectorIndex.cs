using Aisle.Learning.Kernels;

namespace Aisle.Learning.Index;

/// <summary>
/// Vectors by item, and the nearest of them to a query. Items are numbers from 0 on, chosen by the caller, best without large gaps.
/// </summary>
/// <remarks>
/// Any number of threads may search at the same time while nobody writes (<see cref="Set"/>, <see cref="SetMany"/>, <see cref="Remove"/>); a writer
/// needs the index for itself. The caller sees to it: a lock of readers and writers, or a new index that takes the old one's place.
/// A search allocates nothing once as many have run at the same time as ever will.
/// Results are sorted by score, equal scores by lower item.
/// </remarks>
public abstract class VectorIndex
{
    public const int MaxDimensions = 16_384;

    private protected VectorIndex(VectorMeasure measure, int dimensions, bool keepsFloats, bool keepsCodes)
    {
        if (!Enum.IsDefined(measure)) throw new ArgumentOutOfRangeException(nameof(measure), $"There is no measure {measure}.");
        if (dimensions is < 1 or > MaxDimensions) throw new ArgumentOutOfRangeException(nameof(dimensions), $"dimensions is {dimensions}; allowed are 1 to {MaxDimensions}.");
        this.Measure = measure;
        this.Dimensions = dimensions;
        this.Table = new VectorTable(measure, dimensions, keepsFloats, keepsCodes);
    }

    public VectorMeasure Measure { get; }

    public int Dimensions { get; }

    /// <summary>Items in the index.</summary>
    public int Count => this.Table.Count;

    private protected VectorTable Table { get; }

    private protected ScratchPool Pool { get; } = new();

    public bool Contains(int item) => this.Table.TryFind(item, out _);

    /// <summary>Reads an item's vector: with length 1 under <see cref="VectorMeasure.Cosine"/>, rounded to bytes where the index keeps only bytes.</summary>
    /// <returns>False where the item is not in the index.</returns>
    public bool TryRead(int item, Span<float> vector)
    {
        if (vector.Length != this.Dimensions) throw new ArgumentException($"Room for {vector.Length} dimensions was given; the index has {this.Dimensions}.");
        if (!this.Table.TryFind(item, out var slot)) return false;
        this.Table.Read(slot, vector);
        return true;
    }

    /// <summary>Adds an item, or gives it another vector.</summary>
    public void Set(int item, ReadOnlySpan<float> vector) => this.SetMany(new[] { item }, vector.ToArray());

    /// <summary>Adds items or gives them other vectors: all of them or, where one is refused, none.</summary>
    /// <param name="items">Each once.</param>
    /// <param name="vectors">Items × dimensions.</param>
    /// <param name="threads">The result does not depend on it.</param>
    /// <exception cref="OperationCanceledException">Cancelled; those that were reached by then are in the index, the others are not, not with an earlier vector either.</exception>
    public void SetMany(ReadOnlyMemory<int> items, ReadOnlyMemory<float> vectors, int threads = 1, CancellationToken cancellation = default)
    {
        if (vectors.Length != (long)items.Length * this.Dimensions)
            throw new ArgumentException($"{vectors.Length} numbers were given for {items.Length} items; {items.Length} × {this.Dimensions} dimensions are {(long)items.Length * this.Dimensions}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var seen = items.Length > 1 ? new HashSet<int>(items.Length) : null;
        for (var i = 0; i < items.Length; i++)
        {
            var item = items.Span[i];
            if (item < 0) throw new ArgumentException($"An item is numbered {item}; numbers start at 0.");
            if (seen?.Add(item) == false) throw new ArgumentException($"Item {item} is given twice; give each item once.");
            VectorTable.Check($"The vector of item {item}", vectors.Span.Slice(i * this.Dimensions, this.Dimensions), this.Dimensions);
        }

        this.Write(items.Span, vectors.Span, threads, cancellation);
    }

    /// <returns>False where the item was not in the index.</returns>
    public abstract bool Remove(int item);

    /// <summary>The nearest items to a query.</summary>
    /// <param name="items">Receives as many of the nearest as it has places.</param>
    /// <param name="scores">As long as <paramref name="items"/>.</param>
    /// <param name="allowed">Only these may be found; null means all.</param>
    /// <returns>How many places were filled: fewer than there are where fewer items are allowed.</returns>
    public int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemSet? allowed = null) =>
        this.Search(query, items, scores, new ItemFilter(allowed, null));

    /// <summary>As the other <see cref="Search(ReadOnlySpan{float}, Span{int}, Span{float}, ItemSet?)"/>; slower where little is allowed, since nobody knows how much.</summary>
    /// <param name="isAllowed">Asked for items on the way, some more than once.</param>
    public int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, Func<int, bool> isAllowed)
    {
        ArgumentNullException.ThrowIfNull(isAllowed);
        return this.Search(query, items, scores, new ItemFilter(null, isAllowed));
    }

    /// <summary>The nearest items to each of several queries, by several threads; each result is that of a search alone.</summary>
    /// <param name="queries">Queries × dimensions.</param>
    /// <param name="items">Queries × places; places that stay empty receive −1.</param>
    /// <param name="scores">As long as <paramref name="items"/>; places that stay empty receive −∞.</param>
    public void SearchMany(ReadOnlyMemory<float> queries, Memory<int> items, Memory<float> scores, int threads = 1, ItemSet? allowed = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var count = queries.Length / this.Dimensions;
        if (count * this.Dimensions != queries.Length) throw new ArgumentException($"{queries.Length} numbers are no whole number of queries of {this.Dimensions} dimensions.");
        if (count == 0 ? items.Length > 0 : items.Length % count != 0) throw new ArgumentException($"{items.Length} places cannot be shared out evenly among {count} queries.");
        if (scores.Length != items.Length) throw new ArgumentException($"{items.Length} places for items but {scores.Length} for scores were given; give one each.");
        for (var i = 0; i < count; i++) VectorTable.Check($"Query {i}", queries.Span.Slice(i * this.Dimensions, this.Dimensions), this.Dimensions);
        if (items.Length == 0) return;
        ParallelRows.Run(
            threads, count, this.QueriesAtOnce, (_, first, end) => this.SearchGroup(queries, items, scores, items.Length / count, first, end, new ItemFilter(allowed, null)), cancellation);
    }

    public abstract void Save(Stream stream);

    /// <summary>Of queries that are answered together; at least 1.</summary>
    private protected virtual int QueriesAtOnce => 1;

    /// <summary>Checked input.</summary>
    private protected abstract void Write(ReadOnlySpan<int> items, ReadOnlySpan<float> vectors, int threads, CancellationToken cancellation);

    /// <summary>Leaves the nearest <paramref name="places"/> in each scratch's <see cref="SearchScratch.Nearest"/>, keys made of items; queries are prepared.</summary>
    private protected abstract void Find(ReadOnlySpan<SearchScratch> group, int places, ItemFilter filter);

    private int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemFilter filter)
    {
        VectorTable.Check("The query", query, this.Dimensions);
        if (scores.Length != items.Length) throw new ArgumentException($"{items.Length} places for items but {scores.Length} for scores were given; give one each.");
        if (items.IsEmpty || this.Count == 0) return 0;
        var scratch = this.Pool.Rent();
        this.Table.Prepare(query, scratch.Query);
        this.Find(new ReadOnlySpan<SearchScratch>(ref scratch), Math.Min(items.Length, this.Count), filter);
        var count = Tell(scratch.Nearest, items, scores);
        this.Pool.Return(scratch);
        return count;
    }

    private void SearchGroup(ReadOnlyMemory<float> queries, Memory<int> items, Memory<float> scores, int places, int first, int end, ItemFilter filter)
    {
        var group = new SearchScratch[end - first];
        for (var i = 0; i < group.Length; i++)
        {
            group[i] = this.Pool.Rent();
            this.Table.Prepare(queries.Span.Slice((first + i) * this.Dimensions, this.Dimensions), group[i].Query);
        }

        if (this.Count > 0) this.Find(group, Math.Min(places, this.Count), filter);
        else foreach (var scratch in group) scratch.Nearest.Clear(0);
        for (var i = 0; i < group.Length; i++)
        {
            var ownItems = items.Span.Slice((first + i) * places, places);
            var ownScores = scores.Span.Slice((first + i) * places, places);
            var count = Tell(group[i].Nearest, ownItems, ownScores);
            ownItems[count..].Fill(-1);
            ownScores[count..].Fill(float.NegativeInfinity);
            this.Pool.Return(group[i]);
        }
    }

    private static int Tell(NearestList nearest, Span<int> items, Span<float> scores)
    {
        nearest.Sort();
        for (var i = 0; i < nearest.Count; i++)
        {
            items[i] = (int)(uint)nearest.Keys[i];
            scores[i] = NearestKey.ScoreOf(nearest.Keys[i]);
        }

        return nearest.Count;
    }
}

/// <summary>What may be found.</summary>
internal readonly record struct ItemFilter(ItemSet? Set, Func<int, bool>? IsAllowed)
{
    public bool AllowsAll => this.Set is null && this.IsAllowed is null;

    public bool Allows(int item) => this.Set?.Contains(item) ?? this.IsAllowed?.Invoke(item) ?? true;
}
