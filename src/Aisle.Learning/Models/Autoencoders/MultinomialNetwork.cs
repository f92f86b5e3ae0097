using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>The network of Mult-DAE and Mult-VAE: items → hidden (tanh) → code → hidden (tanh) → items; hidden layers may be left out.</summary>
internal sealed class MultinomialNetwork : AutoencoderNetwork
{
    private readonly bool _isVariational;
    private readonly Parameter _table;
    private readonly Parameter _tableBias;
    private readonly DenseLayer? _code;
    private readonly DenseLayer? _decoder;

    /// <param name="isVariational">Whether the code is a distribution: twice as many numbers, means and logarithms of variances.</param>
    public MultinomialNetwork(AutoencoderShape shape, bool isVariational, ParameterMaker make)
        : base(shape, ParameterStart.Random, make)
    {
        this._isVariational = isVariational;
        var code = isVariational ? 2 * shape.Factors : shape.Factors;
        var first = shape.Hidden > 0 ? shape.Hidden : code;
        this._table = this.Make("items", shape.Items, first, isTable: true);
        this._tableBias = this.Make("items bias", 1, first, ParameterStart.Zero);
        if (shape.Hidden > 0) this._code = new DenseLayer(this.Make("code", shape.Hidden, code), this.Make("code bias", 1, code, ParameterStart.Zero));
        if (shape.DecoderHidden > 0) this._decoder = new DenseLayer(this.Make("decoder", shape.Factors, shape.DecoderHidden), this.Make("decoder bias", 1, shape.DecoderHidden, ParameterStart.Zero));
    }

    /// <summary>Numbers held for each item while training: both outer layers with gradient and two memories of the optimiser, the output twice more in the loss and laid out twice.</summary>
    public static long NumbersPerItem(AutoencoderShape shape, bool isVariational) =>
        (4L * (shape.Hidden > 0 ? shape.Hidden : isVariational ? 2 * shape.Factors : shape.Factors)) + (7L * shape.OutputDepth);

    public override Tensor Encode(Tape tape, WeightedBags histories) =>
        this.Decode(tape, this._isVariational ? this.Distribution(tape, histories).Mean : this.Code(tape, histories));

    /// <summary>The code of Mult-DAE.</summary>
    public Tensor Code(Tape tape, WeightedBags histories) => tape.Activate<Tanh>(this.BeforeCode(tape, histories));

    /// <summary>What Mult-VAE knows of the code.</summary>
    public (Tensor Mean, Tensor LogVariance) Distribution(Tape tape, WeightedBags histories)
    {
        var both = this.BeforeCode(tape, histories);
        return (tape.Columns(both, 0, this.Shape.Factors), tape.Columns(both, this.Shape.Factors, this.Shape.Factors));
    }

    public Tensor Decode(Tape tape, Tensor code) => this._decoder is null ? code : tape.Activate<Tanh>(this._decoder.Value.Apply(tape, code));

    public override AutoencoderNetwork Copy() => new MultinomialNetwork(this.Shape, this._isVariational, this.Copied());

    private Tensor BeforeCode(Tape tape, WeightedBags histories)
    {
        var first = tape.AddRow(tape.SumBags(this._table, histories), this._tableBias);
        return this._code is null ? first : this._code.Value.Apply(tape, tape.Activate<Tanh>(first));
    }
}
