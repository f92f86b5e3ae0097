using System.Collections.Concurrent;

namespace Aisle.Engine.Recommending;

/// <summary>The lists served last, so that a list can go on where another ended. The oldest are forgotten when there are more than the capacity.</summary>
public sealed class ServedLists(int capacity = 50_000)
{
    private readonly ConcurrentDictionary<string, int[]> _lists = new();
    private readonly ConcurrentQueue<string> _order = new();

    /// <summary>Catalogue indexes that a list showed, with those of the lists that it went on from; null where it is not known any more.</summary>
    internal IReadOnlyList<int>? ShownBy(string list) => this._lists.GetValueOrDefault(list);

    internal void Add(string list, int[] shown)
    {
        this._lists[list] = shown;
        this._order.Enqueue(list);
        while (this._lists.Count > capacity && this._order.TryDequeue(out var oldest)) this._lists.TryRemove(oldest, out _);
    }
}
