namespace Aisle.Learning.Neural;

/// <summary>One layer's numbers: y = x · Weight + Bias.</summary>
/// <param name="Weight">In × out.</param>
/// <param name="Bias">1 × out.</param>
internal readonly record struct DenseLayer(Tensor Weight, Tensor Bias)
{
    public Tensor Apply(Tape tape, Tensor x) => tape.Linear(x, this.Weight, this.Bias);
}
