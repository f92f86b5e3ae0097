using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <param name="Length">Events that are read.</param>
internal sealed record GatedShape(int Items, int Dimensions, int Layers, int Length, float DropRate) : ISequenceShape
{
    public const int MostLayers = 8;

    public long LeastNumbers => ((long)this.Items * this.Dimensions) + (6L * this.Layers * this.Dimensions * this.Dimensions);

    public static GatedShape Read(ModelReader reader, int items) => new(
        items,
        reader.ReadInt32("dimensions", 4, 1024),
        reader.ReadInt32("layers", 1, MostLayers),
        reader.ReadInt32("length", 2, 1024),
        reader.ReadSingle("the drop rate", 0, 0.9f));

    public void Write(ModelWriter writer)
    {
        foreach (var number in (int[])[this.Dimensions, this.Layers, this.Length]) writer.Write(number);
        writer.Write(this.DropRate);
    }

    public ISequenceEncoder Encoder(int seed) => new GatedEncoder(this, seed);
}

/// <summary>Embeddings of items, read by layers of gated recurrent units.</summary>
internal sealed class GatedEncoder : ISequenceEncoder
{
    private readonly GatedShape _shape;
    private readonly GatedLayer[] _layers;
    private readonly NormLayer _norm;

    public GatedEncoder(GatedShape shape, int seed)
    {
        this._shape = shape;
        var random = new RandomStream(seed);
        this.Items = new Parameter("items", shape.Items, shape.Dimensions, isTable: true);
        foreach (ref var value in this.Items.Values) value = 0.02f * random.Normal();
        this._layers = new GatedLayer[shape.Layers];
        for (var i = 0; i < this._layers.Length; i++) this._layers[i] = new GatedLayer($"layer{i}", shape.Dimensions, ref random);
        this._norm = new NormLayer("norm", shape.Dimensions);
    }

    public ISequenceShape Shape => this._shape;

    public Parameter Items { get; }

    public IEnumerable<Parameter> Parameters => [this.Items, .. this._layers.SelectMany(layer => layer.Parameters), .. this._norm.Parameters];

    public Tensor Encode(Tape tape, int[] items, int[] starts)
    {
        var order = TimeOrder.Of(starts);
        return tape.Gather(this.Read(tape, items, order), order.Places);
    }

    public Tensor Next(Tape tape, int[] items, int[] starts)
    {
        var order = TimeOrder.Of(starts);
        return tape.Gather(this.Read(tape, items, order), [.. LastEvents.Of(starts).Select(row => row < 0 ? -1 : order.Places[row])]);
    }

    /// <summary>A state for each event, in the order of time.</summary>
    private Tensor Read(Tape tape, int[] items, TimeOrder order)
    {
        var x = tape.Dropout(tape.Gather(this.Items, [.. order.Rows.Select(row => items[row])]), this._shape.DropRate);
        foreach (var layer in this._layers) x = tape.Dropout(layer.Apply(tape, x, order), this._shape.DropRate);
        return this._norm.Apply(tape, x);
    }
}
