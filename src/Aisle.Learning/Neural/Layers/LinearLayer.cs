namespace Aisle.Learning.Neural;

/// <summary>y = x · weight + bias, with the random start of PyTorch's layer: uniform in ±1/√inputs (Kaiming uniform with a = √5).</summary>
internal sealed class LinearLayer
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;

    public LinearLayer(string name, int inputs, int outputs, ref RandomStream random)
    {
        this._weight = new Parameter($"{name}.weight", inputs, outputs);
        this._bias = new Parameter($"{name}.bias", 1, outputs);
        var bound = 1f / MathF.Sqrt(inputs);
        foreach (ref var value in this._weight.Values) value = bound * ((2 * random.Uniform()) - 1);
        foreach (ref var value in this._bias.Values) value = bound * ((2 * random.Uniform()) - 1);
    }

    public IEnumerable<Parameter> Parameters => [this._weight, this._bias];

    public Tensor Apply(Tape tape, Tensor x) => tape.Linear(x, this._weight, this._bias);
}
