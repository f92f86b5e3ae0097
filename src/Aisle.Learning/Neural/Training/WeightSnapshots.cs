using System.Runtime.InteropServices;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>The weights at their best validation, and their running average over steps (Polyak averaging), beside the weights themselves.</summary>
internal sealed class WeightSnapshots(IReadOnlyList<Parameter> parameters, double averageDecay)
{
    private readonly float[][]? _averages = averageDecay > 0 ? [.. parameters.Select(parameter => new float[parameter.Length])] : null;
    private float[][]? _best;
    private long _averaged;

    /// <summary>average = decay · average + (1 − decay) · weights; in the first steps the decay is smaller, so that the start is forgotten.</summary>
    public void Average()
    {
        if (this._averages is null) return;
        var decay = (float)Math.Min(averageDecay, (this._averaged + 1.0) / (this._averaged + 10.0));
        this._averaged++;
        for (var i = 0; i < parameters.Count; i++)
        {
            var average = this._averages[i].AsSpan();
            Vectors.AddScaled((1 - decay) / decay, parameters[i].Values, average);
            foreach (ref var value in average) value *= decay;
        }
    }

    /// <summary>The averages take the place of the weights, and the weights of the averages; twice is as before.</summary>
    public void SwapAverages()
    {
        if (this._averages is null) return;
        for (var i = 0; i < parameters.Count; i++)
        {
            var kept = parameters[i].Values.ToArray();
            this._averages[i].CopyTo(parameters[i].Values);
            this._averages[i] = kept;
        }
    }

    public void UseAverages() => this.SwapAverages();

    public void KeepBest() => this._best = [.. parameters.Select(parameter => parameter.Values.ToArray())];

    public void UseBest()
    {
        for (var i = 0; i < parameters.Count && this._best is not null; i++) this._best[i].CopyTo(parameters[i].Values);
    }

    public void Save(BinaryWriter writer)
    {
        foreach (var parameter in parameters) writer.Write(MemoryMarshal.AsBytes(parameter.Values));
        writer.Write(this._averaged);
        foreach (var average in this._averages ?? []) writer.Write(MemoryMarshal.AsBytes(average.AsSpan()));
        writer.Write(this._best is not null);
        foreach (var best in this._best ?? []) writer.Write(MemoryMarshal.AsBytes(best.AsSpan()));
    }

    public void Load(BinaryReader reader)
    {
        foreach (var parameter in parameters) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(parameter.Values));
        this._averaged = reader.ReadInt64();
        foreach (var average in this._averages ?? []) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(average.AsSpan()));
        this._best = reader.ReadBoolean() ? [.. parameters.Select(parameter => new float[parameter.Length])] : null;
        foreach (var best in this._best ?? []) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(best.AsSpan()));
    }
}
