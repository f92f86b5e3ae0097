using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What the parameters of a <see cref="SequenceEncoder"/> are made to.</summary>
internal sealed record SequenceShape(int Items, int Dimensions, int Blocks, int Heads, int Length, float DropRate)
{
    public static SequenceShape Of(SasRecOptions options, int items) => new(items, options.Dimensions, options.Blocks, options.Heads, options.Length, (float)options.DropRate);
}

/// <summary>Items in a row to a state for each: what is known of the shopper after it. The state's product with an item's embedding is the item's score.</summary>
internal sealed class SequenceEncoder
{
    private readonly Parameter _positions;
    private readonly TransformerBlock[] _blocks;
    private readonly NormLayer _norm;

    public SequenceEncoder(SequenceShape shape, int seed)
    {
        this.Shape = shape;
        var random = new RandomStream(seed);
        this.Items = new Parameter("items", shape.Items, shape.Dimensions, isTable: true);
        this._positions = new Parameter("positions", shape.Length, shape.Dimensions);
        foreach (ref var value in this.Items.Values) value = 0.02f * random.Normal();
        foreach (ref var value in this._positions.Values) value = 0.02f * random.Normal();
        this._blocks = new TransformerBlock[shape.Blocks];
        for (var i = 0; i < this._blocks.Length; i++) this._blocks[i] = new TransformerBlock($"block{i}", shape.Dimensions, shape.Heads, shape.DropRate, distances: 0, ref random);
        this._norm = new NormLayer("norm", shape.Dimensions);
    }

    public SequenceShape Shape { get; }

    /// <summary>Items × dimensions.</summary>
    public Parameter Items { get; }

    /// <summary>Always in the same order.</summary>
    public IEnumerable<Parameter> Parameters => [this.Items, this._positions, .. this._blocks.SelectMany(block => block.Parameters), .. this._norm.Parameters];

    /// <summary>A state for each event. Places are counted from the end of a sequence, so that the last event is always at the same one.</summary>
    /// <param name="starts">Sequence s is items[starts[s]…starts[s + 1]), each at most <see cref="SequenceShape.Length"/> long.</param>
    public Tensor Encode(Tape tape, int[] items, int[] starts)
    {
        var places = new int[items.Length];
        for (var s = 0; s + 1 < starts.Length; s++)
        {
            for (var i = starts[s]; i < starts[s + 1]; i++) places[i] = this.Shape.Length - (starts[s + 1] - i);
        }

        var x = tape.Dropout(tape.Add(tape.Gather(this.Items, items), tape.Gather(this._positions, places)), this.Shape.DropRate);
        foreach (var block in this._blocks) x = block.Apply(tape, x, starts, isCausal: true);
        return this._norm.Apply(tape, x);
    }
}
