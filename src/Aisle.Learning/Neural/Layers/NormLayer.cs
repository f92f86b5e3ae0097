namespace Aisle.Learning.Neural;

/// <summary>Layer normalisation with learned gain (starts at 1) and bias (starts at 0).</summary>
internal sealed class NormLayer
{
    private readonly Parameter _gain;
    private readonly Parameter _bias;

    public NormLayer(string name, int columns)
    {
        this._gain = new Parameter($"{name}.gain", 1, columns);
        this._bias = new Parameter($"{name}.bias", 1, columns);
        this._gain.Values.Fill(1f);
    }

    public IEnumerable<Parameter> Parameters => [this._gain, this._bias];

    public Tensor Apply(Tape tape, Tensor x) => tape.LayerNorm(x, this._gain, this._bias);
}
