using System.Runtime.InteropServices;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Moves parameters against their gradients. Of tables only the rows that were touched move, and what is remembered of an untouched row stays as it was, unless the table moves as a whole.
/// </summary>
/// <param name="memories">Numbers that are remembered of each weight.</param>
internal abstract class Optimiser(IReadOnlyList<Parameter> parameters, int threads, int memories)
{
    private const int Grain = 16_384;

    private readonly AlignedFloats[][] _memories =
        [.. Enumerable.Range(0, memories).Select(_ => parameters.Select(parameter => new AlignedFloats(parameter.Length)).ToArray())];

    /// <summary>Moves the weights from … end of one parameter.</summary>
    /// <param name="gradients">Of these weights.</param>
    protected delegate void Move(int from, int end, ReadOnlySpan<float> gradients);

    public IReadOnlyList<Parameter> Parameters { get; } = parameters;

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>One step, after which the gradients are cleared.</summary>
    /// <param name="rate">Learning rate of this step.</param>
    /// <param name="largestNorm">Gradients whose norm over all parameters is larger are scaled down to it; infinite for no limit.</param>
    /// <exception cref="InvalidDataException">The gradients are not numbers any more.</exception>
    public void Apply(double rate, double largestNorm = double.PositiveInfinity)
    {
        var norm = GradientNorm.Of(this.Parameters);
        if (!double.IsFinite(norm)) throw new InvalidDataException("Training left the range of numbers: a gradient is not finite. Use a smaller learning rate or clip gradients.");
        this.Steps++;
        for (var i = 0; i < this.Parameters.Count; i++)
        {
            var parameter = this.Parameters[i];
            if (!parameter.HasGradient) continue;
            Run(parameter, this.MoveOf(i, rate, norm > largestNorm ? (float)(largestNorm / norm) : 1f), threads);
            parameter.ClearGradient();
        }
    }

    /// <summary>What is remembered of each weight, for checkpoints; and the steps.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(this.Steps);
        foreach (var memory in this._memories.SelectMany(memory => memory)) writer.Write(MemoryMarshal.AsBytes<float>(memory.Span));
    }

    public void Load(BinaryReader reader)
    {
        this.Steps = reader.ReadInt64();
        foreach (var memory in this._memories.SelectMany(memory => memory)) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(memory.Span));
    }

    /// <param name="parameter">Its place among <see cref="Parameters"/>.</param>
    /// <param name="gradientScale">What the gradients are multiplied by (clipping).</param>
    protected abstract Move MoveOf(int parameter, double rate, float gradientScale);

    protected Span<float> Memory(int memory, int parameter) => this._memories[memory][parameter].Span;

    private static void Run(Parameter parameter, Move move, int threads)
    {
        var touched = parameter.TouchGradient([]);
        if (parameter.IsWhole || parameter.MovesWhole)
        {
            ParallelRows.Run(threads, parameter.Length, Grain, (_, from, end) => move(from, end, parameter.TouchGradient([])[from..end]), CancellationToken.None);
            return;
        }

        var columns = parameter.Columns;
        foreach (var row in parameter.Touched) move(row * columns, (row + 1) * columns, touched.Slice(row * columns, columns));
    }
}
