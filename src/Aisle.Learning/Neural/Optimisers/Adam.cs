using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Adam (Kingma, Ba 2015), with weight decay apart from the gradient (Loshchilov, Hutter 2019); lazy for tables.</summary>
/// <param name="weightDecay">λ; parameters of one row (biases, gains) do not decay.</param>
internal sealed class Adam(IReadOnlyList<Parameter> parameters, int threads, double firstDecay = 0.9, double secondDecay = 0.999, double weightDecay = 0, double epsilon = 1e-8)
    : Optimiser(parameters, threads, memories: 2)
{
    protected override Move MoveOf(int parameter, double rate, float gradientScale)
    {
        var moved = this.Parameters[parameter];
        var factors = new AdamFactors(
            (float)(rate / (1 - Math.Pow(firstDecay, this.Steps))),
            (float)firstDecay,
            (float)secondDecay,
            (float)(1 / (1 - Math.Pow(secondDecay, this.Steps))),
            (float)epsilon,
            gradientScale,
            moved.Rows > 1 ? (float)(rate * weightDecay) : 0f);
        return (from, end, gradients) => AdamStep.Apply(moved.Values[from..end], gradients, this.Memory(0, parameter)[from..end], this.Memory(1, parameter)[from..end], factors);
    }
}
