using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Aisle.Learning.Models;

namespace Aisle.Learning.Index;

/// <summary>
/// The links of a hierarchical navigable small world (Malkov, Yashunin 2018) and the walks along them. A slot stands in the layers 0 to its level;
/// a slot's links within a layer end at the first −1.
/// </summary>
internal sealed unsafe class HnswGraph
{
    /// <summary>2⁻⁶⁴ is the least that a drawn number can be; with 4 links or more its level stays below.</summary>
    public const int MostLevels = 48;

    /// <summary>In place of a level: the slot is in no layer.</summary>
    public const sbyte Unlinked = -1;

    private readonly VectorTable _table;
    private readonly AlignedRows<int> _lowest;
    private int[]?[] _upper = [];
    private sbyte[] _levels = [];

    public HnswGraph(VectorTable table, int links)
    {
        this._table = table;
        this.Links = links;
        this._lowest = new AlignedRows<int>(2 * links);
    }

    public int Links { get; }

    /// <summary>Slots in use or once used.</summary>
    public int Slots { get; private set; }

    /// <summary>A slot of the highest layer, where every walk begins; −1 in an empty graph.</summary>
    public int Entry { get; set; } = -1;

    public int Level(int slot) => this._levels[slot];

    public int TopLevel => this.Entry < 0 ? -1 : this._levels[this.Entry];

    /// <summary>Places for links in a layer: unused ones hold −1.</summary>
    public Span<int> LinksOf(int slot, int level) =>
        level == 0 ? this._lowest[slot] : this._upper[slot].AsSpan((level - 1) * this.Links, this.Links);

    public void Grow(int slots)
    {
        if (slots > this._lowest.Room)
        {
            var room = (int)Math.Min(Array.MaxLength, Math.Max(slots, this._lowest.Room * 3L / 2));
            this._lowest.Grow(room);
            Array.Resize(ref this._upper, room);
            Array.Resize(ref this._levels, room);
        }

        for (; this.Slots < slots; this.Slots++) this._levels[this.Slots] = Unlinked;
    }

    /// <summary>Makes room for a slot's links, none of which there are yet.</summary>
    public void Place(int slot, int level)
    {
        this._levels[slot] = (sbyte)level;
        this._lowest[slot].Fill(-1);
        this._upper[slot] = null;
        if (level > 0) (this._upper[slot] = new int[level * this.Links]).AsSpan().Fill(-1);
    }

    public void TakeOut(int slot)
    {
        this._levels[slot] = Unlinked;
        this._upper[slot] = null;
    }

    /// <summary>Goes to the slot nearest to the query in each layer from the highest to <paramref name="lowest"/>, one step at a time.</summary>
    public int Descend(SearchScratch scratch, int lowest)
    {
        var best = this.Entry;
        var list = scratch.Slots.Pointer;
        var scores = scratch.Scores.Pointer;
        list[0] = best;
        this._table.Score(scratch.Query, list, 1, scores);
        var bestKey = NearestKey.Of(scores[0], (uint)best);
        for (var level = this.TopLevel; level >= lowest; level--)
        {
            for (var hasMoved = true; hasMoved;)
            {
                hasMoved = false;
                var count = 0;
                foreach (var link in this.LinksOf(best, level))
                {
                    if (link < 0) break;
                    this._table.Prefetch(link);
                    list[count++] = link;
                }

                this._table.Score(scratch.Query, list, count, scores);
                for (var i = 0; i < count; i++)
                {
                    var key = NearestKey.Of(scores[i], (uint)list[i]);
                    if (key >= bestKey) continue;
                    (best, bestKey, hasMoved) = (list[i], key, true);
                }
            }
        }

        return best;
    }

    /// <summary>
    /// From a slot on, always along the links of the nearest candidate that was not yet looked at, until there is none among the nearest
    /// <paramref name="ef"/>. Leaves them in <see cref="SearchScratch.Candidates"/>, nearest first; <see cref="SlotOf"/> reads them.
    /// </summary>
    /// <returns>How many there are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Walk(SearchScratch scratch, int start, int level, int ef)
    {
        scratch.MakeRoom(ef + 1);
        var stamp = scratch.BeginVisits(this.Slots);
        var stamps = scratch.Stamps;
        var list = scratch.Slots.Pointer;
        var scores = scratch.Scores.Pointer;
        fixed (ulong* pool = scratch.Candidates)
        {
            list[0] = start;
            stamps[start] = stamp;
            this._table.Score(scratch.Query, list, 1, scores);
            pool[0] = CandidateKey(scores[0], start);
            var filled = 1;
            for (var at = 0; at < filled;)
            {
                if ((pool[at] & 1) != 0)
                {
                    at++;
                    continue;
                }

                var slot = SlotOf(pool[at]);
                pool[at] |= 1;
                var count = this.Unvisited(slot, level, stamps, stamp, list);
                this._table.Score(scratch.Query, list, count, scores);
                var first = at + 1;
                for (var i = 0; i < count; i++)
                {
                    var key = CandidateKey(scores[i], list[i]);
                    if (filled == ef && key > pool[filled - 1]) continue;
                    var place = Place(pool, filled, key);
                    var moved = Math.Min(filled, ef - 1) - place;
                    if (moved > 0) Buffer.MemoryCopy(pool + place, pool + place + 1, moved * sizeof(ulong), moved * sizeof(ulong));
                    pool[place] = key;
                    if (filled < ef) filled++;
                    if (place < first) first = place;
                    if (level == 0 && Sse.IsSupported)
                    {
                        // It may be the next to be looked at.
                        var links = this._lowest.Pointer + ((nint)list[i] * this._lowest.Stride);
                        Sse.Prefetch0(links);
                        Sse.Prefetch0(links + 16);
                    }
                }

                at = first;
            }

            return filled;
        }
    }

    /// <summary>
    /// As <see cref="Walk"/> in the lowest layer, through all slots, but keeping only what is allowed: it goes on until no candidate is nearer than the
    /// farthest of <paramref name="ef"/> kept in <see cref="SearchScratch.Nearest"/> (keys made of slots).
    /// </summary>
    /// <returns>False where it was given up after scoring <paramref name="budget"/> slots.</returns>
    public bool WalkAllowed(SearchScratch scratch, int start, int ef, ItemFilter filter, long budget)
    {
        var stamp = scratch.BeginVisits(this.Slots);
        var stamps = scratch.Stamps;
        var list = scratch.Slots.Pointer;
        var scores = scratch.Scores.Pointer;
        var (nearest, frontier) = (scratch.Nearest, scratch.Frontier);
        nearest.Clear(ef);
        frontier.Clear();
        stamps[start] = stamp;
        list[0] = start;
        for (var count = 1; ;)
        {
            this._table.Score(scratch.Query, list, count, scores);
            budget -= count;
            for (var i = 0; i < count; i++)
            {
                var key = NearestKey.Of(scores[i], (uint)list[i]);
                if (key > nearest.Bound) continue;
                frontier.Enqueue(list[i], key);
                var item = this._table.ItemOf(list[i]);
                if (item >= 0 && filter.Allows(item)) nearest.Offer(key);
            }

            if (!frontier.TryDequeue(out var next, out var nextKey) || (nearest.IsFull && nextKey > nearest.Bound)) return true;
            if (budget <= 0) return false;
            count = this.Unvisited(next, 0, stamps, stamp, list);
        }
    }

    public void Write(ModelWriter writer)
    {
        writer.Write(this.Entry);
        writer.WriteArray<sbyte>(this._levels.AsSpan(0, this.Slots));
        writer.WriteLength((long)this.Slots * this._lowest.Stride);
        for (var slot = 0; slot < this.Slots; slot++) writer.WriteValues<int>(this._lowest[slot]);
        writer.WriteLength(this.UpperLinks());
        for (var slot = 0; slot < this.Slots; slot++) writer.WriteValues<int>(this._upper[slot]);
    }

    /// <summary>Into an empty graph; refuses links that lead nowhere.</summary>
    public void Read(ModelReader reader, int slots)
    {
        var entry = reader.ReadInt32("the slot where walks begin", -1, slots - 1);
        var levels = reader.ReadArray<sbyte>("the levels", slots);
        if (levels.AsSpan().ContainsAnyExceptInRange(Unlinked, (sbyte)(MostLevels - 1))) throw reader.Broken($"a level is not between {Unlinked} and {MostLevels - 1}");
        var lowest = reader.ReadArray<int>("the links of the lowest layer", (long)slots * this._lowest.Stride);
        this.Grow(slots);
        levels.CopyTo(this._levels, 0);
        lowest.CopyTo(this._lowest.First(slots));
        var upper = reader.ReadArray<int>("the links of the other layers", this.UpperLinks());
        var next = 0;
        for (var slot = 0; slot < slots; slot++)
        {
            if (levels[slot] > 0) this._upper[slot] = upper[next..(next += levels[slot] * this.Links)];
            for (var level = 0; level <= levels[slot]; level++) this.Check(reader, slot, level);
        }

        if (entry < 0 ? levels.AsSpan().ContainsAnyExcept(Unlinked) : levels[entry] < 0 || levels[entry] < levels.Max()) throw reader.Broken($"walks begin at slot {entry}, which is not in the highest layer");
        this.Entry = entry;
    }

    public static int SlotOf(ulong candidate) => (int)((uint)candidate >> 1);

    /// <summary>The lowest bit says whether a candidate was looked at; so slots have 31.</summary>
    private static ulong CandidateKey(float score, int slot) => NearestKey.Of(score, (uint)slot << 1);

    private long UpperLinks()
    {
        var count = 0L;
        for (var slot = 0; slot < this.Slots; slot++) count += Math.Max(0, (int)this._levels[slot]) * this.Links;
        return count;
    }

    private void Check(ModelReader reader, int slot, int level)
    {
        var isAtEnd = false;
        foreach (var link in this.LinksOf(slot, level))
        {
            isAtEnd |= link == -1;
            if (link == -1) continue;
            if (isAtEnd || (uint)link >= (uint)this.Slots || link == slot || this._levels[link] < level) throw reader.Broken($"slot {slot} has a link to {link} in layer {level}");
        }
    }

    /// <summary>How many of the candidates come before the key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(ulong* pool, int filled, ulong key)
    {
        var (low, count) = (0, filled);
        while (count > 0)
        {
            var half = count / 2;
            var isAfter = pool[low + half] < key;
            low = isAfter ? low + half + 1 : low;
            count = isAfter ? count - half - 1 : half;
        }

        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Unvisited(int slot, int level, byte* stamps, byte stamp, int* list)
    {
        var count = 0;
        foreach (var link in this.LinksOf(slot, level))
        {
            if (link < 0) break;
            if (stamps[link] == stamp) continue;
            stamps[link] = stamp;
            list[count++] = link;
            this._table.Prefetch(link);
        }

        return count;
    }
}
