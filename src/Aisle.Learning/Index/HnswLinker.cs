using Aisle.Learning.Kernels;

namespace Aisle.Learning.Index;

/// <summary>
/// Changes the links of a <see cref="HnswGraph"/>. New slots are linked in batches: each of a batch looks for its neighbours in the graph as it was
/// before the batch, in parallel; then the neighbours take up their links back, each neighbour by itself. So the graph does not depend on
/// the thread count. What is near within a batch of one fiftieth of the graph is missed; it is met again through the neighbours.
/// </summary>
internal sealed unsafe class HnswLinker
{
    private const int BatchShare = 50;
    private const int LargestBatch = 8_192;

    private readonly VectorTable _table;
    private readonly HnswGraph _graph;
    private readonly int _efConstruction;
    private readonly ScratchPool _pool;

    public HnswLinker(VectorTable table, HnswGraph graph, int efConstruction, ScratchPool pool)
    {
        this._table = table;
        this._graph = graph;
        this._efConstruction = efConstruction;
        this._pool = pool;
    }

    /// <summary>Links slots that hold vectors and levels.</summary>
    /// <param name="linked">Slots that stand in the graph already.</param>
    /// <param name="done">How many of the slots are linked, also where an exception ends it.</param>
    public void Link(int[] slots, int linked, int threads, CancellationToken cancellation, ref int done)
    {
        while (done < slots.Length)
        {
            if (this._graph.Entry < 0)
            {
                this._graph.Entry = slots[done++];
                continue;
            }

            var batch = Math.Min(slots.Length - done, Math.Clamp((linked + done) / BatchShare, 1, LargestBatch));
            this.LinkBatch(slots.AsMemory(done, batch), threads, cancellation);
            done += batch;
        }
    }

    /// <summary>
    /// Takes slots out: who had a link to one of them chooses anew among its other links and the links of those that go (as in FreshDiskANN,
    /// Singh et al. 2021). Slots to or from which no link leads any longer are linked again.
    /// </summary>
    /// <param name="isGone">By slot; such slots stand in the graph until now.</param>
    public void TakeOut(bool[] isGone, int threads)
    {
        ParallelRows.Run(threads, this._graph.Slots, 256, (_, first, end) =>
        {
            var scratch = this._pool.Rent();
            for (var slot = first; slot < end; slot++)
            {
                if (isGone[slot]) continue;
                for (var level = this._graph.Level(slot); level >= 0; level--) this.Bypass(slot, level, isGone, scratch);
            }

            this._pool.Return(scratch);
        }, CancellationToken.None);

        for (var slot = 0; slot < this._graph.Slots; slot++)
        {
            if (isGone[slot]) this._graph.TakeOut(slot);
        }

        this._graph.Entry = this.HighestWithLinks();
        var orphans = this.Orphans();
        if (this._graph.Entry < 0) this._graph.Entry = orphans.Length > 0 ? orphans[^1] : -1;
        var done = 0;
        this.Link([.. orphans.Where(slot => slot != this._graph.Entry)], this._graph.Slots - orphans.Length, threads, CancellationToken.None, ref done);
    }

    private void Bypass(int slot, int level, bool[] isGone, SearchScratch scratch)
    {
        var links = this._graph.LinksOf(slot, level);
        var used = Used(links);
        var gone = 0;
        foreach (var link in links[..used]) gone += isGone[link] ? 1 : 0;
        if (gone == 0) return;

        var list = scratch.List(used + (gone * links.Length));
        var count = 0;
        var stamp = scratch.BeginVisits(this._graph.Slots);
        var stamps = scratch.Stamps;
        stamps[slot] = stamp;
        foreach (var link in links[..used])
        {
            if (!isGone[link])
            {
                if (stamps[link] != stamp) list[count++] = link;
                stamps[link] = stamp;
                continue;
            }

            foreach (var next in this._graph.LinksOf(link, level))
            {
                if (next < 0) break;
                if (isGone[next] || stamps[next] == stamp) continue;
                stamps[next] = stamp;
                list[count++] = next;
            }
        }

        this.Select(scratch, list[..count], links, slot);
    }

    private int HighestWithLinks()
    {
        var best = -1;
        for (var slot = 0; slot < this._graph.Slots; slot++)
        {
            if (this._graph.Level(slot) >= 0 && this._graph.LinksOf(slot, 0)[0] >= 0 && (best < 0 || this._graph.Level(slot) > this._graph.Level(best))) best = slot;
        }

        return best;
    }

    /// <summary>Slots to or from which no link leads in the lowest layer.</summary>
    private int[] Orphans()
    {
        var hasLink = new bool[this._graph.Slots];
        for (var slot = 0; slot < hasLink.Length; slot++)
        {
            if (this._graph.Level(slot) < 0 || this._graph.LinksOf(slot, 0)[0] < 0) continue;
            foreach (var link in this._graph.LinksOf(slot, 0))
            {
                if (link < 0) break;
                hasLink[link] = true;
            }
        }

        return [.. Enumerable.Range(0, hasLink.Length).Where(slot => this._graph.Level(slot) >= 0 && (!hasLink[slot] || this._graph.LinksOf(slot, 0)[0] < 0))];
    }

    private void LinkBatch(ReadOnlyMemory<int> batch, int threads, CancellationToken cancellation)
    {
        ParallelRows.Run(threads, batch.Length, 4, (_, first, end) =>
        {
            var scratch = this._pool.Rent();
            for (var i = first; i < end; i++) this.ChooseLinks(batch.Span[i], scratch);
            this._pool.Return(scratch);
        }, cancellation);

        // From here on the batch must be finished: half of a link is worse than none.
        for (var level = this._graph.TopLevel; level >= 0; level--) this.LinkBack(batch.Span, level, threads);
        foreach (var slot in batch.Span)
        {
            if (this._graph.Level(slot) > this._graph.TopLevel) this._graph.Entry = slot;
        }
    }

    /// <summary>A slot's own links in all its layers; nobody sees them yet.</summary>
    private void ChooseLinks(int slot, SearchScratch scratch)
    {
        this._table.PrepareRow(slot, scratch.Query);
        var level = this._graph.Level(slot);
        var at = this._graph.Descend(scratch, level + 1);
        for (var layer = Math.Min(level, this._graph.TopLevel); layer >= 0; layer--)
        {
            var found = this._graph.Walk(scratch, at, layer, this._efConstruction);
            at = HnswGraph.SlotOf(scratch.Candidates[0]);
            var list = scratch.List(found);
            for (var i = 0; i < found; i++) list[i] = HnswGraph.SlotOf(scratch.Candidates[i]);
            var links = this._graph.LinksOf(slot, layer);
            this.Select(scratch, list, links[..this._graph.Links], slot);
        }
    }

    private void LinkBack(ReadOnlySpan<int> batch, int level, int threads)
    {
        var pairs = new List<ulong>();
        foreach (var slot in batch)
        {
            if (this._graph.Level(slot) < level) continue;
            foreach (var link in this._graph.LinksOf(slot, level))
            {
                if (link < 0) break;
                pairs.Add(((ulong)(uint)link << 32) | (uint)slot);
            }
        }

        pairs.Sort();
        var starts = new List<int>();
        for (var i = 0; i < pairs.Count; i++)
        {
            if (i == 0 || pairs[i] >> 32 != pairs[i - 1] >> 32) starts.Add(i);
        }

        starts.Add(pairs.Count);
        ParallelRows.Run(threads, starts.Count - 1, 16, (_, first, end) =>
        {
            var scratch = this._pool.Rent();
            for (var i = first; i < end; i++) this.TakeLinks((int)(pairs[starts[i]] >> 32), pairs, starts[i], starts[i + 1], level, scratch);
            this._pool.Return(scratch);
        }, CancellationToken.None);
    }

    /// <summary>Adds links to a slot; where there are more than places, they are chosen anew.</summary>
    private void TakeLinks(int slot, List<ulong> pairs, int first, int end, int level, SearchScratch scratch)
    {
        var links = this._graph.LinksOf(slot, level);
        var used = Used(links);
        var list = scratch.List(used + end - first);
        links[..used].CopyTo(list);
        var count = used;
        for (var i = first; i < end; i++)
        {
            var source = (int)(uint)pairs[i];
            if (!links.Contains(source)) list[count++] = source;
        }

        if (count <= links.Length) list[..count].CopyTo(links);
        else this.Select(scratch, list[..count], links, slot);
    }

    private static int Used(ReadOnlySpan<int> links)
    {
        var end = links.IndexOf(-1);
        return end < 0 ? links.Length : end;
    }

    /// <summary>
    /// The paper's heuristic: from near to far, a candidate becomes a link unless it is nearer to a link than to the slot. So links go in
    /// different directions.
    /// </summary>
    private void Select(SearchScratch scratch, Span<int> list, Span<int> links, int slot)
    {
        scratch.MakeRoom(list.Length);
        var keys = scratch.Candidates.AsSpan(0, list.Length);
        var scores = scratch.Scores.Pointer;
        fixed (int* slots = list)
        {
            for (var first = 0; first < list.Length; first += SearchScratch.Block)
            {
                var part = Math.Min(SearchScratch.Block, list.Length - first);
                this._table.ScoreExactly(slot, slots + first, part, scores);
                for (var i = 0; i < part; i++) keys[first + i] = NearestKey.Of(scores[i], (uint)slots[first + i]);
            }
        }

        keys.Sort();
        links.Fill(-1);
        var count = 0;
        fixed (int* chosen = links)
        {
            foreach (var key in keys)
            {
                if (count == links.Length) break;
                var candidate = (int)(uint)key;
                if (candidate == slot) continue;
                if (!this.IsNearerToOne(scratch, candidate, chosen, count, NearestKey.ScoreOf(key))) chosen[count++] = candidate;
            }
        }
    }

    private bool IsNearerToOne(SearchScratch scratch, int candidate, int* chosen, int count, float score)
    {
        const int AtOnce = 4;
        var scores = scratch.Scores.Pointer;
        for (var first = 0; first < count; first += AtOnce)
        {
            var part = Math.Min(AtOnce, count - first);
            this._table.ScoreExactly(candidate, chosen + first, part, scores);
            for (var i = 0; i < part; i++)
            {
                if (scores[i] > score) return true;
            }
        }

        return false;
    }
}
