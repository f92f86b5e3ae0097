using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class TopKTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 20)]
    [InlineData(64, 64)]
    [InlineData(1_000, 10)]
    [InlineData(10_007, 500)]
    public void Select_ScoresWithTiesAndGaps_EqualsReference(int length, int places)
    {
        // Rounded, so that ties abound; every seventh is NaN and every eleventh −∞.
        var scores = Array.ConvertAll(Numbers.Random(length, 10), value => MathF.Round(value * 50));
        for (var i = 0; i < length; i += 7) scores[i] = float.NaN;
        for (var i = 0; i < length; i += 11) scores[i] = float.NegativeInfinity;
        if (length > 100) scores[99] = float.PositiveInfinity;
        Compare(scores, places);
    }

    [Fact]
    public void Select_ScoresInAnyOrder_EqualsReference()
    {
        var rising = Enumerable.Range(0, 3_000).Select(i => (float)i).ToArray();
        Compare(rising, 100);
        Compare([.. rising.Reverse()], 100);
        Compare(new float[3_000], 100);
        Compare([.. Enumerable.Repeat(float.NaN, 100)], 10);
    }

    private static void Compare(float[] scores, int places)
    {
        var indices = new int[places];
        var values = new float[places];
        var expectedIndices = new int[places];
        var expectedValues = new float[places];
        var count = TopK.Select(scores, indices, values);
        count.ShouldBe(TopK.SelectReference(scores, expectedIndices, expectedValues));
        indices[..count].ShouldBe(expectedIndices[..count]);
        values[..count].ShouldBe(expectedValues[..count]);
    }
}
