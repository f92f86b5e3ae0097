using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class FeatureTableTests
{
    [Fact]
    public void Apply_PullsOfTwoBatches_EqualsAdaGradByHand()
    {
        var table = new FeatureTable(2, 2);
        table.Factors.Values(1)[0] = 1;
        table.Pull(1, 2, Padded(1, 0.5f), 3, 1).ShouldBeTrue();
        table.Pull(1, 1, Padded(0, 1), -1, 1).ShouldBeFalse();
        table.Apply(1, rate: 0.1f, decay: 0.25f, weightDecay: 0.5f);

        // g = (2, 1) + (0, 1) − 0.25 · 2 · (1, 0) = (1.5, 2), Σ g² / 2 = 3.125; the weight's pull is 2 − 0.
        var scale = 0.1 / Math.Sqrt(3.125);
        ((double)table.Factors.Values(1)[0]).ShouldBe(1 + (1.5 * scale), 1e-6);
        ((double)table.Factors.Values(1)[1]).ShouldBe(2 * scale, 1e-6);
        ((double)table.Weights[1]).ShouldBe(0.1, 1e-6);

        table.Pull(1, 1, Padded(0, 0), 0, 2).ShouldBeTrue();
        var before = (double)table.Weights[1];
        table.Apply(1, 0.1f, 0, 0.5f);
        ((double)table.Weights[1]).ShouldBe(before - (0.1 * 0.1 / Math.Sqrt(4 + (0.1 * 0.1))), 1e-6);
        table.Factors.Values(0).ToArray().ShouldBe([0f, 0f]);

        float[] Padded(float first, float second)
        {
            var row = new float[table.Factors.Stride];
            (row[0], row[1]) = (first, second);
            return row;
        }
    }
}
