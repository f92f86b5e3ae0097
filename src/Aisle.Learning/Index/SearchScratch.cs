using System.Runtime.CompilerServices;

namespace Aisle.Learning.Index;

/// <summary>The memory of one search, used again by later ones.</summary>
internal sealed unsafe class SearchScratch
{
    /// <summary>Slots that are scored at a time in a scan: their vectors stay in the second-level cache while several queries meet them.</summary>
    public const int Block = 1024;

    private const int CacheLine = 64;

    private byte[] _stamps = [];
    private int[] _list = [];
    private byte _stamp;

    public SearchScratch()
    {
        this.Slots.Grow(1);
        this.Scores.Grow(1);
    }

    public QueryVector Query { get; } = new();

    /// <summary>What was found.</summary>
    public NearestList Nearest { get; } = new();

    /// <summary>Slots about to be scored.</summary>
    public AlignedRows<int> Slots { get; } = new(Block);

    public AlignedRows<float> Scores { get; } = new(Block);

    /// <summary>The walk's candidates, nearest first.</summary>
    public ulong[] Candidates { get; private set; } = [];

    /// <summary>Candidates of a walk with a filter, as a heap.</summary>
    public PriorityQueue<int, ulong> Frontier { get; } = new();

    /// <summary>Begins a new set of visited slots.</summary>
    /// <returns>What marks a slot as visited.</returns>
    public byte BeginVisits(int slots)
    {
        if (this._stamps.Length < slots) (this._stamps, this._stamp) = (GC.AllocateArray<byte>(slots + (slots / 4) + CacheLine, pinned: true), 0);
        if (this._stamp == byte.MaxValue)
        {
            Array.Clear(this._stamps);
            this._stamp = 0;
        }

        return ++this._stamp;
    }

    public byte* Stamps => (byte*)Unsafe.AsPointer(ref this._stamps[0]);

    /// <summary>Room for so many slots, longer than <see cref="Slots"/> may be.</summary>
    public Span<int> List(int count)
    {
        if (this._list.Length < count) Array.Resize(ref this._list, Math.Max(count, 2 * this._list.Length));
        return this._list.AsSpan(0, count);
    }

    public void MakeRoom(int candidates)
    {
        if (this.Candidates.Length < candidates) this.Candidates = new ulong[candidates];
    }
}

/// <summary>Scratch memory that lies idle. More searches at a time than there are places allocate theirs each time.</summary>
internal sealed class ScratchPool
{
    private readonly SearchScratch?[] _idle = new SearchScratch?[Math.Max(16, 2 * Environment.ProcessorCount)];

    public SearchScratch Rent()
    {
        for (var i = 0; i < this._idle.Length; i++)
        {
            if (this._idle[i] is not null && Interlocked.Exchange(ref this._idle[i], null) is { } scratch) return scratch;
        }

        return new SearchScratch();
    }

    public void Return(SearchScratch scratch)
    {
        for (var i = 0; i < this._idle.Length; i++)
        {
            if (this._idle[i] is null && Interlocked.CompareExchange(ref this._idle[i], scratch, null) is null) return;
        }
    }
}
