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
    public static int KindsIn(Sequences events)
    {
        var kinds = 0;
        foreach (var kind in events.AllKinds) kinds = Math.Max(kinds, kind + 1);
        return kinds;
    }

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

    /// <summary>What is learned from some windows: at each event the next.</summary>
    public static BehaviourBatch Of(SequenceWindows windows, int[] examples)
    {
        var events = windows.Sequences;
        var starts = windows.StartsOf(examples);
        var count = starts[^1];
        var kinds = events.HasKinds ? count : 0;
        var batch = new BehaviourBatch(new int[count], new int[kinds], new int[count], starts, new int[count], new int[kinds]);
        for (var i = 0; i < examples.Length; i++)
        {
            var (user, first, end) = windows.PlaceOf(examples[i]);
            var items = events.ItemsOf(user)[first..end];
            items[..^1].CopyTo(batch.Items.AsSpan(starts[i]));
            items[1..].CopyTo(batch.Targets.AsSpan(starts[i]));
            for (var place = 0; place < items.Length - 1; place++)
            {
                var at = starts[i] + place;
                if (kinds > 0)
                {
                    batch.Kinds[at] = events.KindsOf(user)[first + place];
                    batch.TargetKinds[at] = events.KindsOf(user)[first + place + 1];
                }

                if (events.HasTimes && first + place > 0) batch.Gaps[at] = GapOf(events.TimesOf(user)[first + place] - events.TimesOf(user)[first + place - 1]);
            }
        }

        return batch;
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
