using System.Numerics;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Sequences of events one after another: what is read of each, and the item and kind of the event after it.</summary>
/// <param name="Kinds">Beside the items; empty where kinds are unknown.</param>
/// <param name="Gaps">Beside the items: <see cref="GapOf"/>.</param>
/// <param name="Starts">Sequence s is places Starts[s] … Starts[s + 1).</param>
/// <param name="TargetKinds">Of the events on the targets; empty where kinds are unknown.</param>
internal sealed record BehaviourBatch(int[] Items, int[] Kinds, int[] Gaps, int[] Starts, int[] Targets, int[] TargetKinds)
{
    /// <summary>Gaps are told apart by their order of magnitude: unknown, then the powers of two in minutes, up to two years.</summary>
    public const int GapCount = 22;

    /// <summary>Places that are asked what comes, ascending, with the targets beside them; null for all.</summary>
    public int[]? Asked { get; init; }

    /// <param name="seconds">Since the event before; negative where that is unknown.</param>
    public static int GapOf(double seconds) => seconds < 0 ? 0 : Math.Min(GapCount - 1, 1 + BitOperations.Log2((uint)Math.Min(int.MaxValue, (seconds / 60) + 1)));

    /// <summary>Kinds are 0 … this − 1.</summary>
    public static int KindsIn(Sequences events) => events.AllKinds.IsEmpty ? 0 : events.AllKinds.ToArray().Max() + 1;

    /// <summary>What is read of a history: the last events, at most so many. Kinds that training did not have are read as unknown.</summary>
    public static BehaviourBatch Of(History history, int length, int kinds)
    {
        var count = Math.Min(length, history.Items.Length);
        var first = history.Items.Length - count;
        var gaps = new int[count];
        for (var i = 0; i < count && !history.Ages.IsEmpty; i++)
            gaps[i] = first + i == 0 ? 0 : GapOf(Math.Max(0, history.Ages[first + i - 1] - history.Ages[first + i]) * 86_400.0);
        return new BehaviourBatch(history.Items[first..].ToArray(), KindRows(history.Kinds, first, count, kinds), gaps, [0, count], [], []);
    }

    /// <summary>−1 stands for a kind that is unknown.</summary>
    private static int[] KindRows(ReadOnlySpan<byte> given, int first, int count, int kinds)
    {
        if (kinds == 0) return [];
        var rows = new int[count];
        for (var i = 0; i < count; i++) rows[i] = given.IsEmpty || given[first + i] >= kinds ? -1 : given[first + i];
        return rows;
    }
}

/// <summary>The examples of a training: each row of events cut from its end into windows, as <see cref="SequenceWindows"/> does for items alone.</summary>
internal sealed class BehaviourWindows
{
    private readonly Sequences _events;
    private readonly List<(int User, int First, int End)> _windows = [];

    private readonly HeldOutEvents _held;

    /// <summary>By user, made when first needed.</summary>
    private readonly int[]?[] _newPlaces;

    private BehaviourWindows(Sequences events, HeldOutEvents held)
    {
        this._events = events;
        this._held = held;
        this._newPlaces = new int[]?[events.Users];
    }

    public int Count => this._windows.Count;

    /// <summary>Events that a window reads.</summary>
    public double MeanLength => this._windows.Count == 0 ? 0 : this._windows.Average(window => (double)(window.End - window.First - 1));

    public static BehaviourWindows Of(Sequences events, int length, HeldOutEvents held)
    {
        var windows = new BehaviourWindows(events, held);
        for (var user = 0; user < events.Users; user++)
        {
            var end = events.CountOf(user) - (held.Contains(user) ? 1 : 0);
            for (; end >= 2; end -= length) windows._windows.Add((user, Math.Max(0, end - length - 1), end));
        }

        return windows;
    }

    public BehaviourBatch Batch(int[] examples)
    {
        var starts = new int[examples.Length + 1];
        for (var i = 0; i < examples.Length; i++) starts[i + 1] = starts[i] + this._windows[examples[i]].End - this._windows[examples[i]].First - 1;
        var count = starts[^1];
        var kinds = this._events.HasKinds ? count : 0;
        var batch = new BehaviourBatch(new int[count], new int[kinds], new int[count], starts, new int[count], new int[kinds]);
        for (var i = 0; i < examples.Length; i++)
        {
            var (user, first, end) = this._windows[examples[i]];
            var items = this._events.ItemsOf(user)[first..end];
            items[..^1].CopyTo(batch.Items.AsSpan(starts[i]));
            items[1..].CopyTo(batch.Targets.AsSpan(starts[i]));
            for (var place = 0; place < items.Length - 1; place++)
            {
                var at = starts[i] + place;
                if (kinds > 0)
                {
                    batch.Kinds[at] = this._events.KindsOf(user)[first + place];
                    batch.TargetKinds[at] = this._events.KindsOf(user)[first + place + 1];
                }

                if (this._events.HasTimes && first + place > 0)
                    batch.Gaps[at] = BehaviourBatch.GapOf(this._events.TimesOf(user)[first + place] - this._events.TimesOf(user)[first + place - 1]);
            }
        }

        return batch;
    }

    /// <summary>As the other, but each place is asked for one of the next items that the shopper had not touched before, drawn by chance.</summary>
    /// <param name="ahead">Of how many.</param>
    public BehaviourBatch Batch(int[] examples, int ahead, int seed, long step)
    {
        var batch = this.Batch(examples);
        List<int> asked = [], targets = [], kinds = [];
        for (var i = 0; i < examples.Length; i++)
        {
            var (user, first, end) = this._windows[examples[i]];
            var random = new RandomStream(seed, unchecked((int)step), examples[i]);
            var news = this.NewPlaces(user);
            var next = 0;
            for (var place = first; place < end - 1; place++)
            {
                while (next < news.Length && news[next] <= place) next++;
                var count = Math.Min(ahead, news.Length - next);
                if (count == 0) continue;
                var drawn = news[next + random.Below(count)];
                asked.Add(batch.Starts[i] + place - first);
                targets.Add(this._events.ItemsOf(user)[drawn]);
                if (this._events.HasKinds) kinds.Add(this._events.KindsOf(user)[drawn]);
            }
        }

        // Steps in which nobody goes on to anything new learn the next event.
        return asked.Count == 0 ? batch : batch with { Targets = [.. targets], TargetKinds = [.. kinds], Asked = [.. asked] };
    }

    /// <summary>Places of a user's events on items that stand in no earlier one, ascending, but for what is held out.</summary>
    private ReadOnlySpan<int> NewPlaces(int user)
    {
        if (this._newPlaces[user] is { } known) return known;
        var (seen, places) = (new HashSet<int>(), new List<int>());
        var items = this._events.ItemsOf(user)[..(this._events.CountOf(user) - (this._held.Contains(user) ? 1 : 0))];
        for (var place = 0; place < items.Length; place++)
        {
            if (seen.Add(items[place])) places.Add(place);
        }

        return this._newPlaces[user] = [.. places];
    }
}
