using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class GatedRecurrenceTests
{
    private static readonly int[] Starts = [0, 3, 3, 9, 10, 14, 17];

    [Fact]
    public void TimeOrder_SequencesOfSeveralLengths_PutsStepsTogetherLongestFirst()
    {
        var order = TimeOrder.Of([0, 2, 2, 5]);
        order.Rows.ShouldBe([2, 0, 3, 1, 4]);
        order.Steps.ShouldBe([0, 2, 4, 5]);
        order.Places.ShouldBe([1, 3, 0, 2, 4]);
        TimeOrder.Of([0]).Count.ShouldBe(0);
        TimeOrder.Of([0, 0]).Count.ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(50)]
    public void Apply_AnyWidth_EqualsReference(int width) => Compare(Starts, width);

    [Fact]
    public void Apply_MoreSequencesThanABlock_EqualsReference() => Compare([.. Enumerable.Range(0, 151).Select(i => i + (i * (i % 3)))], 24);

    private static void Compare(int[] given, int width)
    {
        int[] starts = [.. given.Order()];
        var order = TimeOrder.Of(starts);
        var rows = starts[^1];
        float[] inputs = Numbers.Random(rows * 3 * width, 1), weight = Numbers.Random(3 * width * width, 2), bias = Numbers.Random(width, 3);
        float[] actual = new float[rows * width], expected = new float[rows * width];
        GatedRecurrence.Apply(order, width, inputs, weight, bias, new float[inputs.Length], new float[actual.Length], actual, threads: 3);
        GatedRecurrence.ApplyReference(order, width, inputs, weight, bias, expected);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-4);
    }
}
