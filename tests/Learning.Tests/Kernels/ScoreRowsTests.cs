using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class ScoreRowsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(4_100)]
    [InlineData(9_001)]
    public void Summarise_WithUnknownOnes_EqualsReference(int length)
    {
        var scores = Array.ConvertAll(Numbers.Random(length, 1), score => score < -0.6f ? float.NegativeInfinity : (score * 0.01f) + 1000f);
        var (actual, expected) = (ScoreRows.Summarise(scores), ScoreRows.SummariseReference(scores));
        (actual.Count, actual.Lowest, actual.Highest).ShouldBe((expected.Count, expected.Lowest, expected.Highest));
        actual.Mean.ShouldBe(expected.Mean, 1e-5);
        actual.Deviation.ShouldBe(expected.Deviation, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(1_001)]
    public void AddScaled_WithUnknownOnes_EqualsReference(int length)
    {
        var scores = Array.ConvertAll(Numbers.Random(length, 1), score => score < -0.3f ? float.NegativeInfinity : score);
        var actual = Array.ConvertAll(Numbers.Random(length, 2), score => score < -0.3f ? float.NegativeInfinity : score);
        var expected = (float[])actual.Clone();
        ScoreRows.AddScaled(actual, scores, 0.5f, -0.3f, -0.2f);
        ScoreRows.AddScaledReference(expected, scores, 0.5f, -0.3f, -0.2f);
        actual.Select(float.IsNegativeInfinity).ShouldBe(expected.Select(float.IsNegativeInfinity));
        actual.Where(float.IsFinite).Zip(expected.Where(float.IsFinite), (a, b) => Math.Abs(a - b)).ShouldAllBe(difference => difference < 1e-6f);
    }
}
