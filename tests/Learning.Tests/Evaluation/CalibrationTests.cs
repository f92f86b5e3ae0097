using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class CalibrationTests
{
    [Fact]
    public void Of_FourRows_IsAsComputedByHand()
    {
        var found = Calibration.Of([0.9, 0.2, 0.6, 0.4], [true, false, false, true], baseRate: 0.5, bins: 2);

        found.LogLoss.ShouldBe(-(Math.Log(0.9) + Math.Log(0.8) + Math.Log(0.4) + Math.Log(0.4)) / 4, 1e-12);
        found.BaseLogLoss.ShouldBe(Math.Log(2), 1e-12);
        found.Brier.ShouldBe((0.01 + 0.04 + 0.36 + 0.36) / 4, 1e-12);
        found.BaseBrier.ShouldBe(0.25, 1e-12);
        // Of the pairs yes × no (0.9, 0.4) × (0.2, 0.6) three of four stand right.
        found.Auc.ShouldBe(0.75, 1e-12);
        (found.Bins[0].Rows, found.Bins[0].Share).ShouldBe((2, 0.5));
        found.Bins[0].Probability.ShouldBe(0.3, 1e-12);
        found.Bins[1].Probability.ShouldBe(0.75, 1e-12);
        found.Error.ShouldBe((2 * 0.2 + 2 * 0.25) / 4, 1e-12);
        (found.Rows, found.Yes).ShouldBe((4, 2));
    }

    [Fact]
    public void Of_Ties_CountHalf_AndOneOutcomeAloneHasNoArea()
    {
        Calibration.Of([0.5, 0.5, 0.5], [true, false, false], 0.3).Auc.ShouldBe(0.5);
        Calibration.Of([0.1, 0.9], [false, false], 0.3).Auc.ShouldBe(double.NaN);
    }

    [Fact]
    public void Of_WrongCertainty_CostsMuchButNotAll()
    {
        var found = Calibration.Of([1, 0], [false, true], 0.5);

        found.LogLoss.ShouldBe(-Math.Log(1e-12), 1e-9);
        found.Error.ShouldBe(1, 1e-12);
        Should.Throw<ArgumentException>(() => Calibration.Of([], [], 0.5)).Message.ShouldContain("0 probabilities");
    }
}
