using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>The last event of some sequences, kept from training so that it can be asked for.</summary>
internal sealed class HeldOutEvents
{
    private const int Most = 5_000;

    private const int Batch = 256;

    private const int ListLength = 10;

    private readonly HashSet<int> _isHeld;
    private readonly int[] _users;

    private HeldOutEvents(int[] users)
    {
        this._users = users;
        this._isHeld = [.. users];
    }

    public static HeldOutEvents None { get; } = new([]);

    public int Count => this._users.Length;

    /// <summary>Up to 5,000 users with three events or more.</summary>
    public static HeldOutEvents Draw(Sequences sequences, int seed)
    {
        int[] able = [.. Enumerable.Range(0, sequences.Users).Where(user => sequences.CountOf(user) >= 3)];
        var random = new RandomStream(seed, 0x48454C44);
        random.Shuffle(able);
        return new HeldOutEvents([.. able.Take(Most).Order()]);
    }

    public bool Contains(int user) => this._isHeld.Contains(user);

    /// <summary>NDCG@10 of the held events among all items; those that were there before are no candidates, unless they are what is asked for.</summary>
    public double Quality(ISequenceEncoder encoder, ItemScoring scoring, Sequences sequences, FitContext context)
    {
        var table = scoring.Items(new Tape(context.Threads, isTraining: false), encoder.Items);
        var packed = PackedMatrix.FromColumns(table.Values, table.Columns, table.Rows, table.Columns);
        var gains = new double[this._users.Length];
        ParallelRows.Run(
            context.Threads,
            this._users.Length,
            Batch,
            (_, first, end) =>
            {
                var starts = new int[end - first + 1];
                var items = new List<int>();
                for (var i = first; i < end; i++)
                {
                    var events = sequences.ItemsOf(this._users[i])[..^1];
                    items.AddRange(events[Math.Max(0, events.Length - encoder.Shape.Length)..]);
                    starts[i - first + 1] = items.Count;
                }

                var tape = new Tape(threads: 1, isTraining: false);
                var states = encoder.Next(tape, [.. items], starts);
                var scores = new float[encoder.Shape.Items];
                for (var i = first; i < end; i++)
                {
                    Gemm.Multiply(states.Row(i - first), 1, states.Columns, packed, scores);
                    gains[i] = Gain(scores, sequences.ItemsOf(this._users[i]));
                }
            },
            context.Cancellation);
        return gains.Average();
    }

    /// <summary>As the other, asking a model for each history as it would be asked in use.</summary>
    public double Quality(IModel model, Sequences sequences, FitContext context)
    {
        var gains = new double[this._users.Length];
        ParallelRows.Run(
            context.Threads,
            this._users.Length,
            Batch,
            (_, first, end) =>
            {
                var scores = new float[model.Items];
                for (var i = first; i < end; i++)
                {
                    var user = this._users[i];
                    var kinds = sequences.HasKinds ? sequences.KindsOf(user)[..^1] : default;
                    model.ScoreHistory(new History(sequences.ItemsOf(user)[..^1], default, AgesBefore(sequences.TimesOf(user)), kinds), scores);
                    gains[i] = Gain(scores, sequences.ItemsOf(user));
                }
            },
            context.Cancellation);
        return gains.Average();
    }

    /// <summary>In days, of all events but the last, at the time of the last.</summary>
    private static float[] AgesBefore(ReadOnlySpan<long> times)
    {
        if (times.IsEmpty) return [];
        var ages = new float[times.Length - 1];
        for (var i = 0; i < ages.Length; i++) ages[i] = (times[^1] - times[i]) / 86_400f;
        return ages;
    }

    private static double Gain(float[] scores, ReadOnlySpan<int> events)
    {
        var wanted = scores[events[^1]];
        foreach (var item in events[..^1]) scores[item] = float.NegativeInfinity;
        var rank = 0;
        foreach (var score in scores)
        {
            if (score > wanted) rank++;
        }

        return rank < ListLength ? 1 / Math.Log2(rank + 2) : 0;
    }
}
