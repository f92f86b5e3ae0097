using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Adagrad (Duchi, Hazan, Singer 2011): each weight's rate falls with the squares of its own gradients, so that rows that are seldom met keep
/// learning fast. Weight decay is apart from the gradient, as in <see cref="Adam"/>; lazy for tables.
/// </summary>
/// <param name="weightDecay">λ; parameters of one row (biases, gains) do not decay.</param>
internal sealed class Adagrad(IReadOnlyList<Parameter> parameters, int threads, double weightDecay = 0, double epsilon = 1e-8) : Optimiser(parameters, threads, memories: 1)
{
    protected override Move MoveOf(int parameter, double rate, float gradientScale)
    {
        var moved = this.Parameters[parameter];
        var factors = new AdagradFactors((float)rate, (float)epsilon, gradientScale, moved.Rows > 1 ? (float)(rate * weightDecay) : 0f);
        return (from, end, gradients) => AdagradStep.Apply(moved.Values[from..end], gradients, this.Memory(0, parameter)[from..end], factors);
    }
}
