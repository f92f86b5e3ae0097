using System.Collections.Concurrent;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>
/// The items most similar to those that were asked about lately. A model's answer does not change while it serves, and most questions are about few items;
/// the oldest answers are forgotten when there are more than the capacity.
/// </summary>
/// <param name="capacity">Answers kept; each takes 3.2 kB when it is full, so that 20,000 take 64 MB.</param>
internal sealed class NeighbourLists(IModel model, int capacity = 20_000)
{
    /// <summary>Of an answer: as many as the largest usual pool and what rules may drop of it.</summary>
    public const int Length = 400;

    private readonly ConcurrentDictionary<int, NeighbourList> _lists = new();
    private readonly ConcurrentQueue<int> _order = new();

    /// <summary>Answers that are kept now.</summary>
    public int Count => this._lists.Count;

    /// <summary>The items most similar to one, nearest first.</summary>
    /// <returns>How many places were filled.</returns>
    public int Rank(int item, Span<int> items, Span<float> scores)
    {
        if (!this._lists.TryGetValue(item, out var list))
        {
            list = this.Find(item, Length);
            if (this._lists.TryAdd(item, list)) this._order.Enqueue(item);
            while (this._lists.Count > capacity && this._order.TryDequeue(out var oldest)) this._lists.TryRemove(oldest, out _);
        }

        // A list that is full may go on.
        if (items.Length > Length && list.Items.Length == Length) list = this.Find(item, items.Length);
        var count = Math.Min(items.Length, list.Items.Length);
        list.Items.AsSpan(0, count).CopyTo(items);
        list.Scores.AsSpan(0, count).CopyTo(scores);
        return count;
    }

    private NeighbourList Find(int item, int length)
    {
        var scores = new float[model.Items];
        model.ScoreSimilar(item, scores);
        var items = new int[Math.Min(length, scores.Length)];
        var values = new float[items.Length];
        var count = TopK.Select(scores, items, values);
        return new NeighbourList(items[..count], values[..count]);
    }

    /// <param name="Items">By the model's index, nearest first.</param>
    private sealed record NeighbourList(int[] Items, float[] Scores);
}
