using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Sequences of a batch one after another.</summary>
/// <param name="Items">What is read; −1 for a masked event.</param>
/// <param name="Targets">What each row that is asked should have answered.</param>
/// <param name="Asked">Rows of <paramref name="Items"/> beside the targets; null: all of them.</param>
internal sealed record SequenceBatch(int[] Items, int[] Starts, int[] Targets, int[]? Asked = null);

/// <summary>
/// The examples of a training: each sequence cut from its end into windows of a length, so that a long one is learned from as a whole and
/// what is recent is read as it will be when it is asked for.
/// </summary>
internal sealed class SequenceWindows
{
    private readonly List<(int User, int First, int End)> _windows = [];

    private SequenceWindows(Sequences sequences) => this.Sequences = sequences;

    public Sequences Sequences { get; }

    public int Count => this._windows.Count;

    /// <summary>Events that a window reads.</summary>
    public double MeanLength => this._windows.Count == 0 ? 0 : this._windows.Average(window => (double)(window.End - window.First - 1));

    /// <param name="held">Users whose last event is left out.</param>
    public static SequenceWindows Of(Sequences sequences, int length, HeldOutEvents held)
    {
        var windows = new SequenceWindows(sequences);
        for (var user = 0; user < sequences.Users; user++)
        {
            // A window's last event is only ever a target, and the first of the one after it.
            var end = sequences.CountOf(user) - (held.Contains(user) ? 1 : 0);
            for (; end >= 2; end -= length) windows._windows.Add((user, Math.Max(0, end - length - 1), end));
        }

        return windows;
    }

    /// <summary>Where a window lies in a user's sequence; its end is beyond its last event.</summary>
    public (int User, int First, int End) PlaceOf(int example) => this._windows[example];

    /// <summary>Events of a window, the last of them included.</summary>
    public ReadOnlySpan<int> EventsOf(int example)
    {
        var (user, first, end) = this._windows[example];
        return this.Sequences.ItemsOf(user)[first..end];
    }

    /// <summary>Events that an example asks for.</summary>
    public int RowsOf(int example) => this._windows[example].End - this._windows[example].First - 1;

    /// <summary>Where the rows of each example begin when they lie one after another, and where the last ends.</summary>
    public int[] StartsOf(int[] examples)
    {
        var starts = new int[examples.Length + 1];
        for (var i = 0; i < examples.Length; i++) starts[i + 1] = starts[i] + this.RowsOf(examples[i]);
        return starts;
    }

    /// <summary>At each event the next.</summary>
    public SequenceBatch Batch(int[] examples)
    {
        var starts = this.StartsOf(examples);
        int[] items = new int[starts[^1]], targets = new int[starts[^1]];
        for (var i = 0; i < examples.Length; i++)
        {
            var events = this.EventsOf(examples[i]);
            events[..^1].CopyTo(items.AsSpan(starts[i]));
            events[1..].CopyTo(targets.AsSpan(starts[i]));
        }

        return new SequenceBatch(items, starts, targets);
    }
}
