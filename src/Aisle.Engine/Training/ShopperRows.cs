using System.Runtime.InteropServices;

namespace Aisle.Engine.Training;

/// <summary>An event as training reads it.</summary>
/// <param name="Time">Unix seconds.</param>
/// <param name="Points">See <see cref="Events.InteractionStrength.Of"/>.</param>
/// <param name="Shopper">Within the group of shoppers that is put in order at a time.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct ShopperRow(long Time, int Item, float Points, ushort Shopper, byte Kind);

/// <summary>
/// Takes events as they come, all shoppers mixed, and hands them out by shopper and time. Shoppers are numbered as they come, and a few thousand
/// with neighbouring numbers are a group: a group's events lie in blocks of their own, so that one pass writes them, and one group at a time is put in
/// order. Beside the blocks, memory grows with groups and blocks, not with events.
/// </summary>
internal sealed class ShopperRows(IColumnSpace space)
{
    private const int GroupSize = 4096;
    private const int BlockRows = 1024;
    private const int FirstSlab = 256;
    private const int LargestSlab = 1 << 14;

    /// <summary>Many blocks each, so that there are few columns however many events there are.</summary>
    private readonly List<Memory<ShopperRow>> _slabs = [];
    private readonly List<Group> _groups = [];
    private int _freeBlocks;

    public int Count { get; private set; }

    public void Add(int shopper, long time, int item, float points, byte kind)
    {
        var group = shopper / GroupSize;
        while (this._groups.Count <= group) this._groups.Add(new Group());
        var rows = this._groups[group];
        if (rows.Count % BlockRows == 0) rows.Blocks.Add(this.NextBlock());
        rows.Blocks[^1].Span[rows.Count % BlockRows] = new ShopperRow(time, item, points, (ushort)(shopper % GroupSize), kind);
        rows.Count++;
        this.Count++;
    }

    /// <summary>Calls for each shopper in turn with the shopper's rows by time, those of one moment as they came.</summary>
    public void InOrder(int shoppers, Action<int, ReadOnlySpan<ShopperRow>> take)
    {
        var starts = new int[GroupSize + 1];
        ShopperRow[] sorted = [];
        for (var shopper = 0; shopper < shoppers; shopper++)
        {
            if (shopper % GroupSize == 0) sorted = Sort(this._groups.Count > shopper / GroupSize ? this._groups[shopper / GroupSize] : new Group(), starts, sorted);
            var within = shopper % GroupSize;
            take(shopper, sorted.AsSpan(starts[within]..starts[within + 1]));
        }
    }

    /// <summary>Counts by shopper, places each row behind the shopper's earlier ones, then puts the few rows that are not in time in order.</summary>
    private static ShopperRow[] Sort(Group group, int[] starts, ShopperRow[] room)
    {
        if (room.Length < group.Count) room = new ShopperRow[group.Count];
        Array.Clear(starts);
        foreach (var row in group.Rows()) starts[row.Shopper + 1]++;
        for (var shopper = 0; shopper < GroupSize; shopper++) starts[shopper + 1] += starts[shopper];
        var next = starts[..GroupSize];
        foreach (var row in group.Rows()) room[next[row.Shopper]++] = row;
        for (var shopper = 0; shopper < GroupSize; shopper++) SortByTime(room.AsSpan(starts[shopper]..starts[shopper + 1]));
        return room;
    }

    private static void SortByTime(Span<ShopperRow> rows)
    {
        var isSorted = true;
        for (var i = 1; i < rows.Length && isSorted; i++) isSorted = rows[i - 1].Time <= rows[i].Time;
        if (isSorted) return;
        var order = new (long Time, int Place)[rows.Length];
        for (var i = 0; i < order.Length; i++) order[i] = (rows[i].Time, i);
        Array.Sort(order);
        var before = rows.ToArray();
        for (var i = 0; i < order.Length; i++) rows[i] = before[order[i].Place];
    }

    private Memory<ShopperRow> NextBlock()
    {
        if (this._freeBlocks == 0)
        {
            this._freeBlocks = this._slabs.Count == 0 ? FirstSlab : Math.Min(LargestSlab, this._slabs[^1].Length / BlockRows * 2);
            this._slabs.Add(space.New<ShopperRow>(this._freeBlocks * BlockRows));
        }

        this._freeBlocks--;
        return this._slabs[^1].Slice(this._freeBlocks * BlockRows, BlockRows);
    }

    private sealed class Group
    {
        public List<Memory<ShopperRow>> Blocks { get; } = [];

        public int Count { get; set; }

        public IEnumerable<ShopperRow> Rows()
        {
            for (var row = 0; row < this.Count; row++) yield return this.Blocks[row / BlockRows].Span[row % BlockRows];
        }
    }
}
