using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class ConjugateGradientTests
{
    [Theory]
    [InlineData(8, 1)]
    [InlineData(32, 3)]
    [InlineData(48, 5)]
    [InlineData(64, 300)]
    [InlineData(100, 70)]
    public void Solve_FewSteps_EqualsReference(int dimensions, int count)
    {
        var system = new ImplicitSystem(dimensions, count);
        var solver = new ConjugateGradient(system.Diagonal, system.Rows);
        var x = new FactorMatrix(1, dimensions);
        Numbers.Random(dimensions, 9).CopyTo(x.Values(0));
        var start = Array.ConvertAll(x.Values(0).ToArray(), value => (double)value);
        solver.Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, 3, x.Row(0), [0, 1, 2]);

        var expected = ConjugateGradient.SolveReference(system.Matrix, system.Right, 3, start, system.Preconditioner);
        for (var i = 0; i < dimensions; i++) ((double)x.Values(0)[i]).ShouldBe(expected[i], 1e-3);
        x.PaddedValues(0)[dimensions..].ToArray().ShouldAllBe(value => value == 0f);
    }
}
