using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <param name="Length">Events that are read.</param>
/// <param name="IsCausal">Whether an event sees only those before it; else all see all, and what comes next is asked for by a masked event at the end.</param>
internal sealed record TransformerShape(int Items, int Dimensions, int Blocks, int Heads, int Length, float DropRate, bool IsCausal) : ISequenceShape
{
    public const int MostBlocks = 24;

    public const int MostHeads = 32;

    public long LeastNumbers => ((long)this.Items * this.Dimensions) + (12L * this.Blocks * this.Dimensions * this.Dimensions);

    public static TransformerShape Read(ModelReader reader, int items, bool isCausal)
    {
        var dimensions = reader.ReadInt32("dimensions", 4, 1024);
        var blocks = reader.ReadInt32("blocks", 1, MostBlocks);
        var heads = reader.ReadInt32("heads", 1, MostHeads);
        var length = reader.ReadInt32("length", 2, 1024);
        var dropRate = reader.ReadSingle("the drop rate", 0, 0.9f);
        return dimensions % heads == 0
            ? new TransformerShape(items, dimensions, blocks, heads, length, dropRate, isCausal)
            : throw reader.Broken($"{dimensions} dimensions cannot be shared by {heads} heads");
    }

    public void Write(ModelWriter writer)
    {
        foreach (var number in (int[])[this.Dimensions, this.Blocks, this.Heads, this.Length]) writer.Write(number);
        writer.Write(this.DropRate);
    }

    public ISequenceEncoder Encoder(int seed) => new TransformerEncoder(this, seed);
}

/// <summary>Embeddings of items and of places, transformer blocks, and a last normalisation.</summary>
internal sealed class TransformerEncoder : ISequenceEncoder
{
    private readonly TransformerShape _shape;
    private readonly Parameter _positions;
    private readonly Parameter? _mask;
    private readonly TransformerBlock[] _blocks;
    private readonly NormLayer _norm;

    public TransformerEncoder(TransformerShape shape, int seed)
    {
        this._shape = shape;
        var random = new RandomStream(seed);
        this.Items = new Parameter("items", shape.Items, shape.Dimensions, isTable: true);
        this._positions = new Parameter("positions", this.Places, shape.Dimensions);
        foreach (ref var value in this.Items.Values) value = 0.02f * random.Normal();
        foreach (ref var value in this._positions.Values) value = 0.02f * random.Normal();
        this._blocks = new TransformerBlock[shape.Blocks];
        for (var i = 0; i < this._blocks.Length; i++) this._blocks[i] = new TransformerBlock($"block{i}", shape.Dimensions, shape.Heads, shape.DropRate, distances: 0, ref random);
        this._norm = new NormLayer("norm", shape.Dimensions);
        if (shape.IsCausal) return;
        this._mask = new Parameter("mask", 1, shape.Dimensions);
        foreach (ref var value in this._mask.Values) value = 0.02f * random.Normal();
    }

    public ISequenceShape Shape => this._shape;

    public Parameter Items { get; }

    public IEnumerable<Parameter> Parameters =>
        [this.Items, this._positions, .. this._blocks.SelectMany(block => block.Parameters), .. this._norm.Parameters, .. this._mask is null ? Array.Empty<Parameter>() : [this._mask]];

    /// <summary>One more where the masked event stands after those that are read.</summary>
    private int Places => this._shape.Length + (this._shape.IsCausal ? 0 : 1);

    /// <summary>Places are counted from the end of a sequence, so that the last event is always at the same one.</summary>
    public Tensor Encode(Tape tape, int[] items, int[] starts)
    {
        var places = new int[items.Length];
        for (var s = 0; s + 1 < starts.Length; s++)
        {
            for (var i = starts[s]; i < starts[s + 1]; i++) places[i] = this.Places - (starts[s + 1] - i);
        }

        var x = tape.Add(tape.Gather(this.Items, items), tape.Gather(this._positions, places));
        if (this._mask is not null) x = tape.Add(x, tape.Gather(this._mask, [.. items.Select(item => item < 0 ? 0 : -1)]));
        x = tape.Dropout(x, this._shape.DropRate);
        foreach (var block in this._blocks) x = block.Apply(tape, x, starts, this._shape.IsCausal);
        return this._norm.Apply(tape, x);
    }

    public Tensor Next(Tape tape, int[] items, int[] starts)
    {
        if (this._shape.IsCausal) return tape.Gather(this.Encode(tape, items, starts), LastEvents.Of(starts));
        var longer = new int[items.Length + starts.Length - 1];
        var longerStarts = new int[starts.Length];
        for (var s = 0; s + 1 < starts.Length; s++)
        {
            longerStarts[s + 1] = starts[s + 1] + s + 1;
            items.AsSpan(starts[s]..starts[s + 1]).CopyTo(longer.AsSpan(longerStarts[s]));
            longer[longerStarts[s + 1] - 1] = -1;
        }

        return tape.Gather(this.Encode(tape, longer, longerStarts), LastEvents.Of(longerStarts));
    }
}
