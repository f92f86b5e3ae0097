using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Attention and a two-layer network, each behind a layer normalisation and beside a residual: x += drop(out(attend(qkv(norm(x))))),
/// x += drop(second(gelu(first(norm(x))))).
/// </summary>
/// <remarks>Xiong et al.: On layer normalization in the transformer architecture (ICML 2020).</remarks>
internal sealed class TransformerBlock
{
    private readonly int _heads;
    private readonly float _dropRate;
    private readonly NormLayer _attentionNorm;
    private readonly LinearLayer _inputs;
    private readonly LinearLayer _outputs;
    private readonly NormLayer _networkNorm;
    private readonly LinearLayer _first;
    private readonly LinearLayer _second;
    private readonly Parameter? _distances;

    /// <param name="distances">How many distances between places have a learned bias of their own; 0: none.</param>
    public TransformerBlock(string name, int dimensions, int heads, float dropRate, int distances, ref RandomStream random)
    {
        this._heads = heads;
        this._dropRate = dropRate;
        this._attentionNorm = new NormLayer($"{name}.attention-norm", dimensions);
        this._inputs = new LinearLayer($"{name}.qkv", dimensions, 3 * dimensions, ref random);
        this._outputs = new LinearLayer($"{name}.out", dimensions, dimensions, ref random);
        this._networkNorm = new NormLayer($"{name}.network-norm", dimensions);
        this._first = new LinearLayer($"{name}.first", dimensions, 4 * dimensions, ref random);
        this._second = new LinearLayer($"{name}.second", 4 * dimensions, dimensions, ref random);
        this._distances = distances > 0 ? new Parameter($"{name}.distances", heads, distances) : null;
    }

    public IEnumerable<Parameter> Parameters =>
    [
        .. this._attentionNorm.Parameters, .. this._inputs.Parameters, .. this._outputs.Parameters,
        .. this._networkNorm.Parameters, .. this._first.Parameters, .. this._second.Parameters,
        .. this._distances is null ? Array.Empty<Parameter>() : [this._distances],
    ];

    /// <param name="x">Rows × dimensions; sequence s is rows starts[s] … starts[s + 1).</param>
    /// <param name="memory">Takes what a single sequence leaves for places to come; null: nothing is kept.</param>
    public Tensor Apply(Tape tape, Tensor x, int[] starts, bool isCausal, AttentionMemory? memory = null)
    {
        var inputs = this._inputs.Apply(tape, this._attentionNorm.Apply(tape, x));
        memory?.Begin(inputs.Values);
        var attended = tape.Attend(inputs, starts, this._heads, isCausal, this._dropRate, this._distances);
        x = tape.AddDropped(x, this._outputs.Apply(tape, attended), this._dropRate);
        var hidden = tape.Activate<Gelu>(this._first.Apply(tape, this._networkNorm.Apply(tape, x)));
        return tape.AddDropped(x, this._second.Apply(tape, hidden), this._dropRate);
    }

    /// <summary>One more place of a sequence, whose earlier places are remembered; as the last row of <see cref="Apply"/> without dropout.</summary>
    /// <param name="x">1 × dimensions.</param>
    public Tensor ApplyNext(Tape tape, Tensor x, AttentionMemory memory)
    {
        var inputs = this._inputs.Apply(tape, this._attentionNorm.Apply(tape, x));
        var attended = tape.New(1, x.Columns, needsGradient: false);
        memory.Attend(inputs.Values, this._heads, this._distances is null ? default : this._distances.Values, attended.Values);
        x = tape.Add(x, this._outputs.Apply(tape, attended));
        return tape.Add(x, this._second.Apply(tape, tape.Activate<Gelu>(this._first.Apply(tape, this._networkNorm.Apply(tape, x)))));
    }
}
