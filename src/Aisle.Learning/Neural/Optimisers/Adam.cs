using System.Runtime.InteropServices;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Adam (Kingma, Ba 2015), with weight decay apart from the gradient (Loshchilov, Hutter 2019). Of tables only the rows that were touched
/// move; what an untouched row remembers stays as it was (lazy Adam).
/// </summary>
/// <param name="weightDecay">λ; parameters of one row (biases, gains) do not decay.</param>
internal sealed class Adam(IReadOnlyList<Parameter> parameters, int threads, double firstDecay = 0.9, double secondDecay = 0.999, double weightDecay = 0, double epsilon = 1e-8) : IOptimiser
{
    private const int Grain = 16_384;

    private readonly AlignedFloats[] _first = [.. parameters.Select(parameter => new AlignedFloats(parameter.Length))];
    private readonly AlignedFloats[] _second = [.. parameters.Select(parameter => new AlignedFloats(parameter.Length))];

    public IReadOnlyList<Parameter> Parameters { get; } = parameters;

    public long Steps { get; private set; }

    public void Apply(double rate, double largestNorm = double.PositiveInfinity)
    {
        var norm = GradientNorm.Of(this.Parameters);
        if (!double.IsFinite(norm)) throw new InvalidDataException("Training left the range of numbers: a gradient is not finite. Use a smaller learning rate or clip gradients.");
        this.Steps++;
        for (var i = 0; i < this.Parameters.Count; i++)
        {
            var parameter = this.Parameters[i];
            if (!parameter.HasGradient) continue;
            var factors = new AdamFactors(
                (float)(rate / (1 - Math.Pow(firstDecay, this.Steps))),
                (float)firstDecay,
                (float)secondDecay,
                (float)(1 / (1 - Math.Pow(secondDecay, this.Steps))),
                (float)epsilon,
                norm > largestNorm ? (float)(largestNorm / norm) : 1f,
                parameter.Rows > 1 ? (float)(rate * weightDecay) : 0f);
            this.Move(parameter, this._first[i], this._second[i], factors);
            parameter.ClearGradient();
        }
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(this.Steps);
        foreach (var memory in this._first.Concat(this._second)) writer.Write(MemoryMarshal.AsBytes<float>(memory.Span));
    }

    public void Load(BinaryReader reader)
    {
        this.Steps = reader.ReadInt64();
        foreach (var memory in this._first.Concat(this._second)) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(memory.Span));
    }

    private void Move(Parameter parameter, AlignedFloats first, AlignedFloats second, AdamFactors factors)
    {
        if (parameter.IsWhole)
        {
            var gradient = parameter.Gradient;
            _ = gradient;
            ParallelRows.Run(
                threads,
                parameter.Length,
                Grain,
                (_, from, end) => AdamStep.Apply(
                    parameter.Values[from..end], parameter.Gradient[from..end], first.Span[from..end], second.Span[from..end], factors),
                CancellationToken.None);
            return;
        }

        var columns = parameter.Columns;
        var touched = parameter.TouchGradient([]);
        foreach (var row in parameter.Touched)
        {
            var at = row * columns;
            AdamStep.Apply(parameter.Row(row), touched.Slice(at, columns), first.Span.Slice(at, columns), second.Span.Slice(at, columns), factors);
        }
    }
}
