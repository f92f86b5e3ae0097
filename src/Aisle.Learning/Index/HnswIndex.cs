using Aisle.Learning.Models;

namespace Aisle.Learning.Index;

/// <summary>
/// Approximate nearest neighbours by a hierarchical navigable small world (Malkov, Yashunin 2018): a search looks at some thousand vectors of a million.
/// Scores of what is found are exact. Removed items stay in the graph as signposts until they are a fifth of it; then it is repaired and their
/// places are used again, so that what is found does not decay. Deterministic under the seed, whatever the thread count.
/// </summary>
public sealed unsafe class HnswIndex : VectorIndex
{
    private const string FormatName = "hnsw-index";
    private const int FormatVersion = 1;
    private const int MostEf = 100_000;

    /// <summary>The graph is repaired when more than this share of it is removed items.</summary>
    private const double SignpostShare = 0.2;

    /// <summary>Up to so many slots for each candidate, a scan is faster than a walk.</summary>
    private const int SlotsPerCandidate = 64;

    private readonly HnswGraph _graph;
    private readonly HnswLinker _linker;
    private readonly Stack<int> _free = new();
    private int _efSearch = 64;
    private int _drawn;

    /// <param name="dimensions">1 to <see cref="VectorIndex.MaxDimensions"/>.</param>
    public HnswIndex(VectorMeasure measure, int dimensions, HnswOptions? options = null)
        : base(measure, dimensions, keepsFloats: true, (options ?? new HnswOptions()).WalkByBytes)
    {
        this.Options = options ?? new HnswOptions();
        this.Options.Validate();
        this._graph = new HnswGraph(this.Table, this.Options.Links);
        this._linker = new HnswLinker(this.Table, this._graph, this.Options.EfConstruction, this.Pool);
    }

    public HnswOptions Options { get; }

    /// <summary>Candidates that a search keeps; raised to the number of places where those are more. More: better recall, slower. 1 to 100,000, default 64.</summary>
    public int EfSearch
    {
        get => this._efSearch;
        set
        {
            OptionRange.Check(FormatName, value, 1, MostEf, nameof(this.EfSearch));
            this._efSearch = value;
        }
    }

    private int Signposts => this._graph.Slots - this._free.Count - this.Count;

    public static HnswIndex Load(Stream stream)
    {
        using var reader = new ModelReader(stream, FormatName, FormatVersion);
        var (measure, dimensions) = IndexFile.ReadShape(reader);
        var options = new HnswOptions
        {
            Links = reader.ReadInt32("the number of links", 0, int.MaxValue),
            EfConstruction = reader.ReadInt32("efConstruction", 0, int.MaxValue),
            WalkByBytes = reader.ReadInt32("whether walks go by bytes", 0, 1) == 1,
            Seed = reader.ReadInt32("the seed", int.MinValue, int.MaxValue),
        };
        reader.Validate(options.Validate);
        var index = new HnswIndex(measure, dimensions, options)
        {
            EfSearch = reader.ReadInt32("efSearch", 1, MostEf),
            _drawn = reader.ReadInt32("the number of levels drawn", int.MinValue, int.MaxValue),
        };
        var items = IndexFile.ReadItems(reader, IndexFile.Unused);
        IndexFile.ReadRows(reader, index.Table, items);
        index._graph.Read(reader, items.Length);
        index.ReadFree(reader, items);
        return index;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, FormatName, FormatVersion);
        IndexFile.WriteShape(writer, this);
        writer.Write(this.Options.Links);
        writer.Write(this.Options.EfConstruction);
        writer.Write(this.Options.WalkByBytes ? 1 : 0);
        writer.Write(this.Options.Seed);
        writer.Write(this.EfSearch);
        writer.Write(this._drawn);
        IndexFile.WriteItems(writer, this.Table.Items(this._graph.Slots));
        IndexFile.WriteRows(writer, this.Table, this._graph.Slots);
        this._graph.Write(writer);
        writer.Write(this._free.Count);
        writer.WriteArray<int>(this._free.Reverse().ToArray());
    }

    public override bool Remove(int item)
    {
        if (!this.Table.TryFind(item, out var slot)) return false;
        this.Table.Forget(slot);
        if (this.Signposts > SignpostShare * (this._graph.Slots - this._free.Count)) this.Repair(threads: 1);
        return true;
    }

    private protected override void Write(ReadOnlySpan<int> items, ReadOnlySpan<float> vectors, int threads, CancellationToken cancellation)
    {
        foreach (var item in items)
        {
            if (this.Table.TryFind(item, out var slot)) this.Table.Forget(slot);
        }

        if (this.Signposts > SignpostShare * (this._graph.Slots - this._free.Count)) this.Repair(threads);
        var linked = this._graph.Slots - this._free.Count;
        var slots = this.Place(items, vectors);
        var done = 0;
        try
        {
            this._linker.Link(slots, linked, threads, cancellation, ref done);
        }
        finally
        {
            foreach (var slot in slots.AsSpan(done))
            {
                this.Table.Forget(slot);
                this._graph.TakeOut(slot);
                this._free.Push(slot);
            }
        }
    }

    private protected override void Find(ReadOnlySpan<SearchScratch> group, int places, ItemFilter filter)
    {
        for (var i = 0; i < group.Length; i++)
        {
            if (!this.TryWalk(group[i], places, filter)) Scan.Find(this.Table, this._graph.Slots, group.Slice(i, 1), places, filter);
        }
    }

    /// <returns>False where only a scan can tell, or tells sooner.</returns>
    private bool TryWalk(SearchScratch scratch, int places, ItemFilter filter)
    {
        var ef = Math.Max(this._efSearch, places);
        var most = Math.Min(filter.Set?.Count ?? int.MaxValue, this.Count);
        if (this.Count <= (long)ef * SlotsPerCandidate || most == 0) return false;

        var start = this._graph.Descend(scratch, 1);
        if (filter.AllowsAll)
        {
            // As many more candidates as signposts are expected among them.
            var width = ef + (int)(((long)ef * this.Signposts + this.Count - 1) / this.Count);
            if (this._graph.Walk(scratch, start, 0, width) < width) return false;
            if (this.Collect(scratch, scratch.Candidates.AsSpan(0, width), 1, places)) return true;
        }

        // Where one in n is allowed, a walk scores some n · ef · links slots; a scan, all that are allowed.
        if ((double)most * most < (double)ef * this.Options.Links * this.Count) return false;
        return this._graph.WalkAllowed(scratch, start, ef, filter, Math.Min(most, this.Count / 4)) && this.Collect(scratch, scratch.Nearest.Keys, 0, places);
    }

    /// <summary>Scores exactly what a walk found, signposts left out, and keeps the nearest.</summary>
    /// <param name="shift">Of the slots in the keys.</param>
    /// <returns>False where there are fewer than places.</returns>
    private bool Collect(SearchScratch scratch, ReadOnlySpan<ulong> keys, int shift, int places)
    {
        var list = scratch.List(keys.Length);
        var count = 0;
        foreach (var key in keys)
        {
            var slot = (int)((uint)key >> shift);
            if (this.Table.ItemOf(slot) >= 0) list[count++] = slot;
        }

        if (count < places) return false;
        scratch.Nearest.Clear(places);
        Scan.Offer(this.Table, list[..count], scratch);
        return true;
    }

    private int[] Place(ReadOnlySpan<int> items, ReadOnlySpan<float> vectors)
    {
        var slots = new int[items.Length];
        var scratch = this.Pool.Rent();
        var fresh = this._graph.Slots + Math.Max(0, items.Length - this._free.Count);
        if (fresh > this.Table.Room) this.Table.Grow(Math.Max(fresh, (int)Math.Min(Array.MaxLength, this.Table.Room * 3L / 2)));
        for (var i = 0; i < slots.Length; i++)
        {
            if (!this._free.TryPop(out slots[i])) slots[i] = this._graph.Slots;
            this._graph.Grow(slots[i] + 1);
            var draw = 1 - new RandomStream(this.Options.Seed, this._drawn++).UniformDouble();
            this._graph.Place(slots[i], Math.Min(HnswGraph.MostLevels - 1, (int)(-Math.Log(draw) / Math.Log(this.Options.Links))));
            this.Table.Put(slots[i], items[i], vectors.Slice(i * this.Dimensions, this.Dimensions), scratch.Query);
        }

        this.Pool.Return(scratch);
        return slots;
    }

    private void Repair(int threads)
    {
        var isGone = new bool[this._graph.Slots];
        for (var slot = 0; slot < isGone.Length; slot++) isGone[slot] = this._graph.Level(slot) >= 0 && this.Table.ItemOf(slot) < 0;
        this._linker.TakeOut(isGone, threads);
        for (var slot = isGone.Length - 1; slot >= 0; slot--)
        {
            if (isGone[slot]) this._free.Push(slot);
        }
    }

    private void ReadFree(ModelReader reader, int[] items)
    {
        var free = reader.ReadArray<int>("the free places", reader.ReadInt32("the number of free places", 0, items.Length));
        var isFree = new bool[items.Length];
        foreach (var slot in free)
        {
            if ((uint)slot >= (uint)items.Length || isFree[slot] || this._graph.Level(slot) >= 0) throw reader.Broken($"place {slot} is said to be free");
            isFree[slot] = true;
            this._free.Push(slot);
        }

        for (var slot = 0; slot < items.Length; slot++)
        {
            if (isFree[slot] != this._graph.Level(slot) < 0 || (isFree[slot] && items[slot] >= 0)) throw reader.Broken($"place {slot} is neither free nor in the graph");
        }
    }
}
