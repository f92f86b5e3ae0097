using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class NormalEquationsTests
{
    [Theory]
    [InlineData(8, 0)]
    [InlineData(32, 3)]
    [InlineData(48, 65)]
    [InlineData(64, 300)]
    public void Solve_AnyShape_EqualsReferenceAndManyStepsOfConjugateGradient(int dimensions, int count)
    {
        var system = new ImplicitSystem(dimensions, count);
        var exact = new FactorMatrix(1, dimensions);
        new NormalEquations(system.Rows, system.Diagonal, dimensions)
            .Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, exact.Row(0), [0, 1]).ShouldBeTrue();
        var approximate = new FactorMatrix(1, dimensions);
        new ConjugateGradient(system.Diagonal, system.Rows).Solve(
            ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, 200, approximate.Row(0));

        var expected = Cholesky.SolveReference(system.Matrix, system.Right)!;
        for (var i = 0; i < dimensions; i++)
        {
            ((double)exact.Values(0)[i]).ShouldBe(expected[i], 1e-3);
            ((double)approximate.Values(0)[i]).ShouldBe(expected[i], 1e-3);
        }
    }

    [Theory]
    [InlineData(64, 20, 32)]
    [InlineData(64, 50, 32)]
    [InlineData(100, 10, 64)]
    [InlineData(100, 200, 40)]
    public void Solve_InBlocks_EqualsReferenceSweepByBlocks(int dimensions, int count, int blockSize)
    {
        var system = new ImplicitSystem(dimensions, count);
        var x = new FactorMatrix(1, dimensions);
        Numbers.Random(dimensions, 12).CopyTo(x.Values(0));
        var expected = Array.ConvertAll(x.Values(0).ToArray(), value => (double)value);
        new NormalEquations(system.Rows, system.Diagonal, dimensions, blockSize)
            .Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, x.Row(0)).ShouldBeTrue();

        var width = (blockSize + 31) / 32 * 32;
        var stride = FactorMatrix.StrideOf(dimensions);
        for (var first = 0; first < dimensions;)
        {
            var end = stride - first < width + 32 ? dimensions : first + width;
            system.SolveBlockReference(expected, first, end);
            first = end;
        }

        for (var i = 0; i < dimensions; i++) ((double)x.Values(0)[i]).ShouldBe(expected[i], 2e-3);
        x.PaddedValues(0)[dimensions..].ToArray().ShouldAllBe(value => value == 0f);
    }

    [Theory]
    [InlineData(40, 7)]
    [InlineData(40, 90)]
    public void Influence_AnyShape_EqualsReference(int dimensions, int count)
    {
        var system = new ImplicitSystem(dimensions, count);
        var influence = new float[2 * count];
        new NormalEquations(system.Rows, system.Diagonal, dimensions).Influence(ImplicitSystem.Ridge, system.Indices, system.Weights, [1, 3], influence).ShouldBeTrue();
        for (var row = 0; row < 2; row++)
        {
            var asked = Array.ConvertAll(system.Rows.Values((2 * row) + 1).ToArray(), value => (double)value);
            var direction = Cholesky.SolveReference(system.Matrix, asked)!;
            for (var i = 0; i < count; i++)
            {
                var y = system.Rows.Values(system.Indices[i]).ToArray();
                ((double)influence[(row * count) + i]).ShouldBe(direction.Select((value, k) => value * y[k]).Sum(), 1e-3);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(90)]
    public void Solve_LastColumnLeftOut_AsIfItWereNotThere(int count)
    {
        var system = new ImplicitSystem(40, count);
        var without = new FactorMatrix(system.Rows.Rows, 39);
        for (var row = 0; row < without.Rows; row++) system.Rows.Values(row)[..39].CopyTo(without.Values(row));
        var x = new FactorMatrix(2, 40);
        new NormalEquations(system.Rows, system.Diagonal, 39).Solve(ImplicitSystem.Ridge, system.Indices, system.Weights, ImplicitSystem.BaseTarget, x.Row(0)).ShouldBeTrue();
        new NormalEquations(without, system.Diagonal, 39).Solve(ImplicitSystem.Ridge, system.Indices, [.. system.Weights], ImplicitSystem.BaseTarget, x.Row(1)).ShouldBeTrue();
        Numbers.LargestDifference(x.PaddedValues(0), x.PaddedValues(1)).ShouldBeLessThan(1e-4);
        x.Values(0)[39].ShouldBe(0f);
    }
}
