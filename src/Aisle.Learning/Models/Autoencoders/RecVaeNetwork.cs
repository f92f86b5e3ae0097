using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// RecVAE's network. Encoder: five layers, h_k = norm(swish(W_k h_{k−1} + Σ_{j&lt;k} h_j)), so that each sees all before it; then mean and
/// logarithm of the variance of the code. Decoder: linear.
/// </summary>
internal sealed class RecVaeNetwork : AutoencoderNetwork
{
    private const int Layers = 5;

    private readonly Parameter _table;
    private readonly Parameter _tableBias;
    private readonly DenseLayer[] _layers;
    private readonly (Parameter Gain, Parameter Bias)[] _norms;
    private readonly DenseLayer _code;

    public RecVaeNetwork(AutoencoderShape shape, ParameterMaker make)
        : base(shape with { DecoderHidden = 0 }, ParameterStart.RandomRows, make)
    {
        var hidden = shape.Hidden;
        this._table = this.Make("items", shape.Items, hidden, isTable: true);
        this._tableBias = this.Make("items bias", 1, hidden, ParameterStart.Zero);
        this._layers = new DenseLayer[Layers - 1];
        for (var k = 0; k < this._layers.Length; k++)
            this._layers[k] = new DenseLayer(this.Make($"layer {k + 2}", hidden, hidden), this.Make($"layer {k + 2} bias", 1, hidden, ParameterStart.Zero));
        this._norms = new (Parameter, Parameter)[Layers];
        for (var k = 0; k < Layers; k++)
            this._norms[k] = (this.Make($"norm {k + 1} gain", 1, hidden, ParameterStart.One), this.Make($"norm {k + 1} bias", 1, hidden, ParameterStart.Zero));
        this._code = new DenseLayer(this.Make("code", hidden, 2 * shape.Factors), this.Make("code bias", 1, 2 * shape.Factors, ParameterStart.Zero));
    }

    /// <summary>Numbers held for each item while training: those of <see cref="MultinomialNetwork.NumbersPerItem"/>, and the earlier encoder.</summary>
    public static long NumbersPerItem(AutoencoderShape shape) => (5L * shape.Hidden) + (8L * shape.Factors);

    /// <summary>The other network says from now on what this one says now; decoders stay apart.</summary>
    public void CopyEncoderTo(RecVaeNetwork other)
    {
        for (var i = 0; i < this.Parameters.Count; i++)
        {
            if (this.Parameters[i] != this.Output && this.Parameters[i] != this.OutputBias) this.Parameters[i].Values.CopyTo(other.Parameters[i].Values);
        }
    }

    public override Tensor Encode(Tape tape, WeightedBags histories) => this.Distribution(tape, histories).Mean;

    public (Tensor Mean, Tensor LogVariance) Distribution(Tape tape, WeightedBags histories)
    {
        var before = tape.AddRow(tape.SumBags(this._table, histories), this._tableBias);
        var last = this.Activate(tape, before, 0);
        var sum = last;
        for (var k = 1; k < Layers; k++)
        {
            last = this.Activate(tape, tape.Add(this._layers[k - 1].Apply(tape, last), sum), k);
            if (k < Layers - 1) sum = tape.Add(sum, last);
        }

        var both = this._code.Apply(tape, last);
        return (tape.Columns(both, 0, this.Shape.Factors), tape.Columns(both, this.Shape.Factors, this.Shape.Factors));
    }

    public override AutoencoderNetwork Copy() => new RecVaeNetwork(this.Shape, this.Copied());

    private Tensor Activate(Tape tape, Tensor x, int layer) => tape.LayerNorm(tape.Activate<Silu>(x), this._norms[layer].Gain, this._norms[layer].Bias);
}
