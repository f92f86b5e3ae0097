using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <param name="Horizontal">Filters of each height.</param>
/// <param name="Length">Events that are read.</param>
internal sealed record ConvolutionShape(int Items, int Dimensions, int Horizontal, int Vertical, int Length, float DropRate) : ISequenceShape
{
    public const int MostHorizontal = 256;

    public const int MostVertical = 64;

    public const int MostLength = 64;

    /// <summary>Numbers that the filters find in a picture.</summary>
    public int Found => (this.Length * this.Horizontal) + (this.Vertical * this.Dimensions);

    public long LeastNumbers => ((long)this.Items * this.Dimensions) + ((long)this.Found * this.Dimensions) + (this.Length * (this.Length + 1L) / 2 * this.Dimensions * this.Horizontal);

    public static ConvolutionShape Read(ModelReader reader, int items) => new(
        items,
        reader.ReadInt32("dimensions", 4, 1024),
        reader.ReadInt32("horizontal filters", 1, MostHorizontal),
        reader.ReadInt32("vertical filters", 1, MostVertical),
        reader.ReadInt32("length", 1, MostLength),
        reader.ReadSingle("the drop rate", 0, 0.9f));

    public void Write(ModelWriter writer)
    {
        foreach (var number in (int[])[this.Dimensions, this.Horizontal, this.Vertical, this.Length]) writer.Write(number);
        writer.Write(this.DropRate);
    }

    public ISequenceEncoder Encoder(int seed) => new ConvolutionEncoder(this, seed);
}

/// <summary>
/// Horizontal filters, of which each counts where it answers most, and vertical filters, joined by a layer. Pictures of events that follow one another overlap:
/// what a filter answers at an event is computed once for all of them. Before a sequence's start there is nothing, which no filter answers to.
/// </summary>
internal sealed class ConvolutionEncoder : ISequenceEncoder
{
    private readonly ConvolutionShape _shape;
    private readonly LinearLayer[] _horizontal;
    private readonly Parameter _vertical;
    private readonly LinearLayer _joined;
    private readonly NormLayer _norm;

    public ConvolutionEncoder(ConvolutionShape shape, int seed)
    {
        this._shape = shape;
        var random = new RandomStream(seed);
        this.Items = new Parameter("items", shape.Items, shape.Dimensions, isTable: true);
        foreach (ref var value in this.Items.Values) value = 0.02f * random.Normal();
        this._horizontal = new LinearLayer[shape.Length];
        for (var height = 1; height <= shape.Length; height++) this._horizontal[height - 1] = new LinearLayer($"horizontal{height}", height * shape.Dimensions, shape.Horizontal, ref random);
        this._vertical = new Parameter("vertical", shape.Vertical, shape.Length);
        var bound = 1f / MathF.Sqrt(shape.Length);
        foreach (ref var value in this._vertical.Values) value = bound * ((2 * random.Uniform()) - 1);
        this._joined = new LinearLayer("joined", shape.Found, shape.Dimensions, ref random);
        this._norm = new NormLayer("norm", shape.Dimensions);
    }

    public ISequenceShape Shape => this._shape;

    public Parameter Items { get; }

    public IEnumerable<Parameter> Parameters =>
        [this.Items, .. this._horizontal.SelectMany(layer => layer.Parameters), this._vertical, .. this._joined.Parameters, .. this._norm.Parameters];

    public Tensor Encode(Tape tape, int[] items, int[] starts)
    {
        var x = tape.Gather(this.Items, items);
        var found = new Tensor[this._shape.Length + 1];
        for (var height = 1; height <= this._shape.Length; height++)
        {
            var answers = tape.Activate<Relu>(this._horizontal[height - 1].Apply(tape, tape.Unfold(x, starts, height)));
            found[height - 1] = tape.LargestOfLast(answers, starts, this._shape.Length - height + 1);
        }

        found[^1] = tape.WeighLast(x, starts, this._vertical);
        var joined = this._joined.Apply(tape, tape.Dropout(tape.Concat(found), this._shape.DropRate));
        return this._norm.Apply(tape, tape.Activate<Relu>(joined));
    }

    /// <summary>Of each sequence, only what the last picture shows is read.</summary>
    public Tensor Next(Tape tape, int[] items, int[] starts)
    {
        List<int> last = [];
        var ends = new int[starts.Length];
        for (var s = 0; s + 1 < starts.Length; s++)
        {
            last.AddRange(items.AsSpan(Math.Max(starts[s], starts[s + 1] - this._shape.Length)..starts[s + 1]));
            ends[s + 1] = last.Count;
        }

        return tape.Gather(this.Encode(tape, [.. last], ends), LastEvents.Of(ends));
    }
}
