using System.Numerics;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Remembers what was computed, so that the gradient of a loss can be passed back through it (reverse-mode differentiation). One tape is
/// used for step after step; the memory of a step's tensors is used again by the next, so a tensor lives until <see cref="Begin"/>.
/// </summary>
internal sealed class Tape
{
    /// <summary>Numbers that one thread takes at a time in operations on single numbers.</summary>
    private const int Grain = 16_384;

    private readonly List<Action> _backward = [];
    private readonly Dictionary<int, Stack<AlignedFloats>> _free = [];
    private readonly List<(int Size, AlignedFloats Buffer)> _taken = [];
    private readonly int _seed;
    private int _operation;

    /// <param name="threads">Worker threads; results do not depend on it.</param>
    /// <param name="seed">Of everything random on the tape.</param>
    /// <param name="isTraining">False: nothing is remembered and nothing is dropped.</param>
    public Tape(int threads, int seed = 1, bool isTraining = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.Threads = threads;
        this._seed = seed;
        this.IsTraining = isTraining;
    }

    public int Threads { get; }

    public bool IsTraining { get; set; }

    /// <summary>The step that the random numbers belong to.</summary>
    public long Step { get; private set; }

    /// <summary>Rows of each example of the batch that stands before this tape's own: other processes work on those. Noise is drawn by place in the whole batch, so that it does not depend on who works on it.</summary>
    public IReadOnlyList<int> RowsBefore { get; private set; } = [];

    /// <summary>The sum of <see cref="RowsBefore"/>.</summary>
    public long FirstRow { get; private set; }

    /// <summary>Forgets the last step: its tensors must not be used any more.</summary>
    /// <param name="rowsBefore">See <see cref="RowsBefore"/>; null for none.</param>
    public void Begin(long step, IReadOnlyList<int>? rowsBefore = null)
    {
        this.RowsBefore = rowsBefore ?? [];
        this.FirstRow = this.RowsBefore.Sum(rows => (long)rows);
        foreach (var (size, buffer) in this._taken)
        {
            if (!this._free.TryGetValue(size, out var stack)) this._free[size] = stack = [];
            stack.Push(buffer);
        }

        this._taken.Clear();
        this._backward.Clear();
        this._operation = 0;
        this.Step = step;
    }

    /// <summary>A tensor whose numbers are undefined until they are written.</summary>
    public Tensor New(int rows, int columns, bool needsGradient) =>
        new(rows, columns, this.Take((long)rows * columns), needsGradient && this.IsTraining, this.Take);

    /// <summary>A tensor that nothing is learned from or about.</summary>
    public Tensor Constant(int rows, int columns, ReadOnlySpan<float> values)
    {
        var tensor = this.New(rows, columns, needsGradient: false);
        values.CopyTo(tensor.Values);
        return tensor;
    }

    /// <summary>Numbers for the use of an operation, until the next step.</summary>
    public AlignedFloats Scratch(long length) => this.Take(length);

    /// <summary>Notes how an operation passes its result's gradient back to what it was computed from. Operations call it only when something needs that.</summary>
    public void OnBackward(Tensor result, Action passBack)
    {
        if (!result.NeedsGradient) return;
        this._backward.Add(() =>
        {
            if (result.HasGradient) passBack();
        });
    }

    /// <summary>Passes the gradient of a 1 × 1 loss back to every parameter that it depends on.</summary>
    public void Backward(Tensor loss)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(loss.Length, 1);
        loss.Gradient[0] = 1f;
        for (var i = this._backward.Count - 1; i >= 0; i--) this._backward[i]();
    }

    /// <summary>A key for the noise of one operation: seed, step and the operation's place on the tape.</summary>
    public uint NextKey() => (uint)new RandomStream(this._seed, unchecked((int)this.Step), this._operation++).Next();

    /// <summary>Shares out work on single numbers: <paramref name="work"/>(first, count).</summary>
    public void ForEach(int length, Action<int, int> work) => this.ForRows(length, 1, work);

    /// <summary>Shares out work on rows: <paramref name="work"/>(first row, rows).</summary>
    public void ForRows(int rows, int columns, Action<int, int> work) => ParallelRows.Run(
        this.Threads,
        rows,
        Math.Max(1, Grain / Math.Max(1, columns)),
        (_, first, end) => work(first, end - first),
        CancellationToken.None);

    private AlignedFloats Take(long length)
    {
        // Four sizes to a power of two: batches differ a little from step to step, and their memory should fit the next.
        var exponent = Math.Max(6, BitOperations.Log2((ulong)Math.Max(1, length)));
        var quarter = 1L << (exponent - 2);
        var room = (length + quarter - 1) / quarter * quarter;
        var size = checked((int)Math.Max(64, room));
        var buffer = this._free.TryGetValue(size, out var stack) && stack.TryPop(out var old) ? old : new AlignedFloats(size, cleared: false);
        this._taken.Add((size, buffer));
        return buffer;
    }
}
