using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Dense layers one after another, with ReLU between them, and after the last one if asked for.</summary>
internal sealed class Mlp
{
    private readonly bool _endsInRelu;

    /// <param name="source">Gives weights that keep the strength of the signal through ReLUs (He et al. 2015); biases begin at 0.</param>
    /// <param name="name">Unique in its model.</param>
    /// <param name="inputs">Columns of what goes in.</param>
    /// <param name="widths">Columns after each layer; may be empty.</param>
    public Mlp(ParameterSource source, string name, int inputs, IReadOnlyList<int> widths, bool endsInRelu)
    {
        this._endsInRelu = endsInRelu;
        var layers = new List<DenseLayer>();
        this.Outputs = inputs;
        foreach (var width in widths)
        {
            var weight = source.Make($"{name}.weight{layers.Count}", this.Outputs, width, MathF.Sqrt(2f / this.Outputs));
            layers.Add(new DenseLayer(weight, source.Make($"{name}.bias{layers.Count}", 1, width, 0f)));
            this.Outputs = width;
        }

        this.Layers = layers;
    }

    public int Outputs { get; }

    public IReadOnlyList<DenseLayer> Layers { get; }

    /// <param name="dropRate">Of what comes out of each ReLU.</param>
    public Tensor Apply(Tape tape, Tensor x, float dropRate = 0f) => this.Apply(tape, x, this.Layers, dropRate);

    /// <summary>As numbers that nothing is learned about: for the gradient by the input of a finished model, which others read at the same time.</summary>
    public Tensor ApplyFrozen(Tape tape, Tensor x) => this.Apply(
        tape,
        x,
        [.. this.Layers.Select(layer => new DenseLayer(
            tape.Constant(layer.Weight.Rows, layer.Weight.Columns, layer.Weight.Values), tape.Constant(1, layer.Bias.Columns, layer.Bias.Values)))]);

    private Tensor Apply(Tape tape, Tensor x, IReadOnlyList<DenseLayer> layers, float dropRate = 0f)
    {
        for (var i = 0; i < layers.Count; i++)
        {
            x = layers[i].Apply(tape, x);
            if (i + 1 < layers.Count || this._endsInRelu) x = tape.Dropout(tape.Activate<Relu>(x), dropRate);
        }

        return x;
    }
}
