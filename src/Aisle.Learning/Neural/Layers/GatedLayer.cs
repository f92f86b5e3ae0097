using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Gated recurrent units that read rows of a width and answer with as wide a state; the random start is PyTorch's, uniform in ±1/√width.</summary>
internal sealed class GatedLayer
{
    private readonly LinearLayer _inputs;
    private readonly Parameter _weight;
    private readonly Parameter _bias;

    public GatedLayer(string name, int width, ref RandomStream random)
    {
        this._inputs = new LinearLayer($"{name}.inputs", width, 3 * width, ref random);
        this._weight = new Parameter($"{name}.weight", width, 3 * width);
        this._bias = new Parameter($"{name}.bias", 1, width);
        var bound = 1f / MathF.Sqrt(width);
        foreach (ref var value in this._weight.Values) value = bound * ((2 * random.Uniform()) - 1);
        foreach (ref var value in this._bias.Values) value = bound * ((2 * random.Uniform()) - 1);
    }

    public IEnumerable<Parameter> Parameters => [.. this._inputs.Parameters, this._weight, this._bias];

    /// <param name="x">Rows in the order of time.</param>
    public Tensor Apply(Tape tape, Tensor x, TimeOrder order) => tape.Recur(this._inputs.Apply(tape, x), this._weight, this._bias, order);
}
