using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

/// <summary>Kernels of the neural engine beside their plain twins.</summary>
public sealed class NeuralKernelTests
{
    [Fact]
    public void Activations_WholeRange_EqualReference()
    {
        float[] x = [.. Enumerable.Range(-2_003, 4_006).Select(i => i * 0.01f)];
        Compare<Relu>(x, 1e-9);
        Compare<Gelu>(x, 1e-6);
        Compare<Silu>(x, 2e-6);
        Compare<Sigmoid>(x, 2e-7);
        Compare<Tanh>(x, 5e-7);
        foreach (var value in x)
        {
            float[] y = [value];
            Activations.Apply<Exponential>(y, y);
            ((double)y[0]).ShouldBe(Math.Exp(value), 3e-7 * Math.Exp(value));
        }
    }

    [Fact]
    public void Exponential_BeyondItsRange_StaysANumber()
    {
        float[] x = [-1e30f, -200f, -88f, 88f, 1e30f, float.NegativeInfinity];
        var y = new float[x.Length];
        Activations.Apply<Exponential>(x, y);
        y[0].ShouldBe(0f);
        y[1].ShouldBe(0f);
        y[5].ShouldBe(0f);
        y.ShouldAllBe(value => float.IsFinite(value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(1_000)]
    public void NoughtRow_AnyLength_EqualsReference(int length)
    {
        var (actual, expected) = (Numbers.Random(length, 1), Numbers.Random(length, 1));
        for (var i = 0; i < length; i++) actual[i] = expected[i] = 12f * actual[i];
        var weights = Numbers.Random(length, 2);
        ((double)NoughtRow.Apply(actual, weights, 0.7f, 1.1f)).ShouldBe(NoughtRow.ApplyReference(expected, weights, 0.7f, 1.1f), 1e-6 * (1 + length));
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void NoughtRow_ScoresOfAnySize_AreNumbers()
    {
        float[] scores = [.. new[] { -1e30f, -200f, 0f, 200f, 1e6f }.SelectMany(score => Enumerable.Repeat(score, 16))];
        float[] weights = [.. Enumerable.Repeat(1f, scores.Length)];
        ((double)NoughtRow.Apply(scores, weights, 1f, 0f)).ShouldBe(16 * (Math.Log(2) + 200 + 1e6), 2);
        (scores[0], scores[32], scores[^1]).ShouldBe((0f, 0.5f, 1f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(1_000)]
    public void Dropping_AnyLength_EqualsReference(int length)
    {
        var x = Numbers.Random(length, 1);
        foreach (var accumulate in (bool[])[false, true])
        {
            var (actual, expected) = (Numbers.Random(length, 2), Numbers.Random(length, 2));
            Dropping.Apply(x, actual, 0.2f, 1_000_003, 77, accumulate);
            Dropping.ApplyReference(x, expected, 0.2f, 1_000_003, 77, accumulate);
            Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-6);
        }
    }

    [Fact]
    public void Dropping_ManyNumbers_DropsTheShareAskedFor()
    {
        float[] x = [.. Enumerable.Repeat(1f, 100_000)];
        var y = new float[x.Length];
        Dropping.Apply(x, y, 0.2f, 0, 5, accumulate: false);
        y.Count(value => value == 0f).ShouldBeInRange(19_600, 20_400);
        y.Sum(value => (double)value).ShouldBe(100_000, 500);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(2, 50)]
    [InlineData(5, 64)]
    public void RowNorms_AnyWidth_EqualReference(int rows, int columns)
    {
        float[] x = Numbers.Random(rows * columns, 1), gain = Numbers.Random(columns, 2), bias = Numbers.Random(columns, 3);
        var (actual, expected) = (new float[x.Length], new float[x.Length]);
        RowNorms.Apply(x, gain, bias, actual, new float[rows], new float[rows]);
        RowNorms.ApplyReference(x, gain, bias, expected, isCentred: true);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-5);
        RowNorms.Apply(x, gain, default, actual, default, new float[rows]);
        RowNorms.ApplyReference(x, gain, default, expected, isCentred: false);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1_000)]
    public void SoftmaxRow_AnyLength_EqualsReference(int length)
    {
        float[] actual = Numbers.Random(length, 1), expected = Numbers.Random(length, 1);
        actual[0] = expected[0] = 40f;
        ((double)SoftmaxRow.Apply(actual, 0.7f)).ShouldBe(SoftmaxRow.ApplyReference(expected, 0.7f), 1e-5);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(53)]
    public void AdagradStep_AnyLength_EqualsReference(int length)
    {
        var factors = new AdagradFactors(0.1f, 1e-8f, 0.5f, 0.01f);
        var (weights, gradients, squares) = (Numbers.Random(length, 1), Numbers.Random(length, 2), Array.ConvertAll(Numbers.Random(length, 3), Math.Abs));
        var (otherWeights, otherSquares) = (weights.ToArray(), squares.ToArray());
        AdagradStep.Apply(weights, gradients, squares, factors);
        AdagradStep.ApplyReference(otherWeights, gradients, otherSquares, factors);
        Numbers.LargestDifference(weights, otherWeights).ShouldBeLessThan(1e-6);
        Numbers.LargestDifference(squares, otherSquares).ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void AdagradStep_TwoSteps_MatchHandComputation()
    {
        float[] weight = [1f], square = [0f];
        var factors = new AdagradFactors(0.5f, 0f, 1f, 0f);
        AdagradStep.Apply(weight, [3f], square, factors);
        weight[0].ShouldBe(0.5f, 1e-6f);
        AdagradStep.Apply(weight, [4f], square, factors);
        square[0].ShouldBe(25f, 1e-5f);
        weight[0].ShouldBe(0.1f, 1e-6f);
    }

    [Fact]
    public void AdamStep_AnyLength_EqualsReference()
    {
        var factors = new AdamFactors(0.01f, 0.9f, 0.999f, 1.5f, 1e-8f, 0.5f, 0.001f);
        float[][] actual = [.. Enumerable.Range(1, 4).Select(seed => Numbers.Random(37, seed).Select(Math.Abs).ToArray())];
        float[][] expected = [.. actual.Select(values => (float[])values.Clone())];
        AdamStep.Apply(actual[0], actual[1], actual[2], actual[3], factors);
        AdamStep.ApplyReference(expected[0], expected[1], expected[2], expected[3], factors);
        for (var i = 0; i < 4; i++) Numbers.LargestDifference(actual[i], expected[i]).ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void VectorProducts_AnyLength_EqualPlainLoops()
    {
        float[] a = Numbers.Random(37, 1), b = Numbers.Random(37, 2), sum = Numbers.Random(37, 3), product = new float[37];
        var expected = sum.Zip(a.Zip(b, (x, y) => x * y), (x, y) => x + y).ToArray();
        Vectors.Multiply(a, b, product);
        Vectors.AddProducts(a, b, sum);
        product.ShouldBe(a.Zip(b, (x, y) => x * y).ToArray());
        Numbers.LargestDifference(sum, expected).ShouldBeLessThan(1e-6);
    }

    private static void Compare<TActivation>(float[] x, double tolerance)
        where TActivation : struct, IActivation
    {
        var y = new float[x.Length];
        Activations.Apply<TActivation>(x, y);
        for (var i = 0; i < x.Length; i++) ((double)y[i]).ShouldBe(TActivation.Reference(x[i]), tolerance * Math.Max(1, Math.Abs(x[i])), $"at {x[i]}");
    }
}
