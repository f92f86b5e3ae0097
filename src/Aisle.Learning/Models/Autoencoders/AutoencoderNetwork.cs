using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What the numbers of a parameter are before anything is learned.</summary>
internal enum ParameterStart
{
    /// <summary>Normal with variance 2 / (rows + columns) (Glorot, Bengio 2010); a table counts as one row, because histories come with length 1, however many items there are.</summary>
    Random,

    /// <summary>Normal with variance 1 / (2 · columns), however many rows: items tell codes apart from the start, so that an encoder can learn before its decoder does.</summary>
    RandomRows,

    Zero,

    One,
}

/// <summary>Makes a network's parameters, in the order in which they are saved: drawn, copied or read.</summary>
/// <param name="isTable">Whether rows are learned only as they are asked for.</param>
internal delegate Parameter ParameterMaker(string name, int rows, int columns, ParameterStart start = ParameterStart.Random, bool isTable = false);

/// <summary>Sizes of an autoencoder. A hidden size of 0 means that there is no such layer.</summary>
/// <param name="Hidden">Of the encoder.</param>
/// <param name="Factors">Of the code between encoder and decoder.</param>
/// <param name="DecoderHidden">Between the code and the items.</param>
internal readonly record struct AutoencoderShape(int Items, int Hidden, int Factors, int DecoderHidden)
{
    public const int Largest = 4096;

    public int OutputDepth => this.DecoderHidden > 0 ? this.DecoderHidden : this.Factors;

    public void Save(ModelWriter writer)
    {
        writer.Write(this.Hidden);
        writer.Write(this.Factors);
        writer.Write(this.DecoderHidden);
    }

    public static AutoencoderShape Load(ModelReader reader, int items) => new(
        items,
        reader.ReadInt32("the size of the encoder's hidden layer", 0, Largest),
        reader.ReadInt32("the number of factors", 1, Largest),
        reader.ReadInt32("the size of the decoder's hidden layer", 0, Largest));
}

/// <summary>Turns histories into the rows that the output layer compares with every item.</summary>
internal abstract class AutoencoderNetwork
{
    private readonly List<Parameter> _parameters = [];
    private readonly ParameterMaker _make;

    /// <remarks>The output layer's parameters come first.</remarks>
    protected AutoencoderNetwork(AutoencoderShape shape, ParameterStart outputStart, ParameterMaker make)
    {
        this.Shape = shape;
        this._make = make;
        this.Output = this.Make("output", shape.Items, shape.OutputDepth, outputStart);
        this.OutputBias = this.Make("output bias", 1, shape.Items, ParameterStart.Zero);
    }

    public AutoencoderShape Shape { get; }

    /// <summary>Items × depth.</summary>
    public Parameter Output { get; }

    /// <summary>1 × items.</summary>
    public Parameter OutputBias { get; }

    public IReadOnlyList<Parameter> Parameters => this._parameters;

    /// <summary>Bags × depth of the output layer, without chance.</summary>
    /// <param name="histories">Normalised.</param>
    public abstract Tensor Encode(Tape tape, WeightedBags histories);

    /// <summary>A network of the same numbers, without what training needed beside them.</summary>
    public abstract AutoencoderNetwork Copy();

    public void Save(ModelWriter writer)
    {
        this.Shape.Save(writer);
        foreach (var parameter in this._parameters) writer.WriteArray<float>(parameter.Values);
    }

    public static ParameterMaker Drawn(int seed)
    {
        var count = 0;
        return (name, rows, columns, start, isTable) =>
        {
            var parameter = new Parameter(name, rows, columns, isTable);
            var random = new RandomStream(seed, count++, StartStream);
            var scale = MathF.Sqrt(start == ParameterStart.RandomRows ? 0.5f / columns : 2f / ((isTable ? 1 : rows) + columns));
            foreach (ref var value in parameter.Values)
                value = start switch { ParameterStart.Zero => 0f, ParameterStart.One => 1f, _ => scale * random.Normal() };
            return parameter;
        };
    }

    /// <summary>Reads what <see cref="Save"/> wrote, sizes apart.</summary>
    public static ParameterMaker Saved(ModelReader reader) => (name, rows, columns, _, isTable) =>
    {
        if ((long)rows * columns > AlignedFloats.MaxLength) throw reader.Broken($"{name} ({rows} × {columns}) does not fit in memory");
        var values = reader.ReadFiniteArray(name, (long)rows * columns);
        var parameter = new Parameter(name, rows, columns, isTable);
        values.CopyTo(parameter.Values);
        return parameter;
    };

    protected Parameter Make(string name, int rows, int columns, ParameterStart start = ParameterStart.Random, bool isTable = false)
    {
        var parameter = this._make(name, rows, columns, start, isTable);
        this._parameters.Add(parameter);
        return parameter;
    }

    protected ParameterMaker Copied()
    {
        var next = 0;
        return (name, rows, columns, _, isTable) =>
        {
            var parameter = new Parameter(name, rows, columns, isTable);
            this._parameters[next++].Values.CopyTo(parameter.Values);
            return parameter;
        };
    }

    /// <summary>Tells the starts of parameters from other random numbers of the same seed.</summary>
    private const int StartStream = 0x4145;
}
