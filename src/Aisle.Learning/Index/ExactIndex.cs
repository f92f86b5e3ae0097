using System.Numerics;
using Aisle.Learning.Models;

namespace Aisle.Learning.Index;

/// <summary>
/// Compares a query with every vector: always right, and faster than a graph where there are few (docs/nearest-neighbours.md says how few).
/// With bytes instead of floats it takes a quarter of the memory; each number of a vector is then off by at most 1/254 of its largest magnitude,
/// so a product by at most ‖x‖∞ ‖q‖₁ / 254, a cosine by √dimensions / 254, and typically by a tenth of that.
/// </summary>
public sealed unsafe class ExactIndex : VectorIndex
{
    private const string FormatName = "exact-index";
    private const int FormatVersion = 1;

    private int _slots;

    /// <param name="dimensions">1 to <see cref="VectorIndex.MaxDimensions"/>.</param>
    /// <param name="asBytes">Keeps vectors as bytes with a step each.</param>
    public ExactIndex(VectorMeasure measure, int dimensions, bool asBytes = false)
        : base(measure, dimensions, !asBytes, asBytes)
    {
    }

    public bool AsBytes => !this.Table.HasFloats;

    private protected override int QueriesAtOnce => 16;

    public static ExactIndex Load(Stream stream)
    {
        using var reader = new ModelReader(stream, FormatName, FormatVersion);
        var (measure, dimensions) = IndexFile.ReadShape(reader);
        var index = new ExactIndex(measure, dimensions, reader.ReadInt32("whether vectors are bytes", 0, 1) == 1);
        var items = IndexFile.ReadItems(reader, IndexFile.Unused);
        if (items.Contains(IndexFile.Unused)) throw reader.Broken("a vector belongs to no item");
        if (index.AsBytes) IndexFile.ReadCodes(reader, index.Table, items);
        else IndexFile.ReadRows(reader, index.Table, items);
        index._slots = items.Length;
        return index;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, FormatName, FormatVersion);
        IndexFile.WriteShape(writer, this);
        writer.Write(this.AsBytes ? 1 : 0);
        IndexFile.WriteItems(writer, this.Table.Items(this._slots));
        if (this.AsBytes) IndexFile.WriteCodes(writer, this.Table, this._slots);
        else IndexFile.WriteRows(writer, this.Table, this._slots);
    }

    public override bool Remove(int item)
    {
        if (!this.Table.TryFind(item, out var slot)) return false;
        this.Table.Forget(slot);
        if (slot != --this._slots) this.Table.Move(this._slots, slot);
        return true;
    }

    private protected override void Write(ReadOnlySpan<int> items, ReadOnlySpan<float> vectors, int threads, CancellationToken cancellation)
    {
        if (this._slots + items.Length > this.Table.Room) this.Table.Grow(Math.Max(this._slots + items.Length, (int)Math.Min(Array.MaxLength, this.Table.Room * 3L / 2)));
        var scratch = this.Pool.Rent();
        for (var i = 0; i < items.Length; i++)
        {
            if (i % SearchScratch.Block == 0) cancellation.ThrowIfCancellationRequested();
            if (this.Table.TryFind(items[i], out var slot)) this.Table.Forget(slot);
            else slot = this._slots++;
            this.Table.Put(slot, items[i], vectors.Slice(i * this.Dimensions, this.Dimensions), scratch.Query);
        }

        this.Pool.Return(scratch);
    }

    private protected override void Find(ReadOnlySpan<SearchScratch> group, int places, ItemFilter filter) => Scan.Find(this.Table, this._slots, group, places, filter);
}

/// <summary>Scores all slots, a block at a time for each query of a group.</summary>
internal static unsafe class Scan
{
    /// <summary>Looking an item's slot up costs as much as passing so many slots by.</summary>
    private const int LookUpCost = 8;

    public static void Find(VectorTable table, int slots, ReadOnlySpan<SearchScratch> group, int places, ItemFilter filter)
    {
        foreach (var scratch in group) scratch.Nearest.Clear(places);
        var list = group[0].Slots.Pointer;
        if (filter.Set is { } set && set.Count < slots / LookUpCost)
        {
            var count = 0;
            for (var item = set.Next(0); item >= 0; item = set.Next(item + 1))
            {
                if (table.TryFind(item, out var slot)) list[count++] = slot;
                if (count < SearchScratch.Block) continue;
                Offer(table, list, count, group);
                count = 0;
            }

            Offer(table, list, count, group);
            return;
        }

        if (filter.AllowsAll && table.Count == slots)
        {
            FindAmongAll(table, slots, group);
            return;
        }

        for (var next = 0; next < slots;)
        {
            var count = 0;
            for (; next < slots && count < SearchScratch.Block; next++)
            {
                var item = table.ItemOf(next);
                if (item >= 0 && filter.Allows(item)) list[count++] = next;
            }

            Offer(table, list, count, group);
        }
    }

    /// <summary>Blocks of vectors that are too short to come near are passed by: where long ones stand first, those are nearly all.</summary>
    private static void FindAmongAll(VectorTable table, int slots, ReadOnlySpan<SearchScratch> group)
    {
        var list = group[0].Slots.Pointer;
        for (var first = 0; first < slots; first += SearchScratch.Block)
        {
            var count = Math.Min(SearchScratch.Block, slots - first);
            var listed = false;
            for (var i = 0; i < group.Length; i++)
            {
                var nearest = group[i].Nearest;
                if (nearest.IsFull && !table.MayReach(group[i].Query, first, NearestKey.ScoreOf(nearest.Bound))) continue;
                if (!listed)
                    for (var slot = 0; slot < count; slot++) list[slot] = first + slot;
                listed = true;
                Offer(table, list, count, group.Slice(i, 1));
            }
        }
    }

    /// <summary>Scores the listed slots, by floats where there are floats, and keeps the nearest.</summary>
    public static void Offer(VectorTable table, ReadOnlySpan<int> list, SearchScratch scratch)
    {
        fixed (int* slots = list)
        {
            for (var first = 0; first < list.Length; first += SearchScratch.Block)
                Offer(table, slots + first, Math.Min(SearchScratch.Block, list.Length - first), new ReadOnlySpan<SearchScratch>(ref scratch));
        }
    }

    private static void Offer(VectorTable table, int* list, int count, ReadOnlySpan<SearchScratch> group)
    {
        foreach (var scratch in group)
        {
            var scores = scratch.Scores.Pointer;
            if (table.HasFloats) table.ScoreExactly(scratch.Query, list, count, scores);
            else table.Score(scratch.Query, list, count, scores);
            var nearest = scratch.Nearest;
            var bound = nearest.IsFull ? NearestKey.ScoreOf(nearest.Bound) : float.NegativeInfinity;
            for (var i = 0; i < count; i++)
            {
                // Nearly nothing comes near the bound: whole vectors of scores are passed by.
                while (i <= count - Vector<float>.Count && !Vector.GreaterThanOrEqualAny(*(Vector<float>*)(scores + i), new Vector<float>(bound))) i += Vector<float>.Count;
                if (i == count) break;
                if (scores[i] < bound) continue;
                nearest.Offer(NearestKey.Of(scores[i], (uint)table.ItemOf(list[i])));
                if (nearest.IsFull) bound = NearestKey.ScoreOf(nearest.Bound);
            }
        }
    }
}
