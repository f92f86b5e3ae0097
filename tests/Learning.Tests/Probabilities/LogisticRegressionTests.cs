using Aisle.Learning.Probabilities;

namespace Aisle.Learning.Tests.Probabilities;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void Fit_OneFeatureOfTwoValues_SaysTheSharesOfEach()
    {
        // With nearly no ridge, the most likely weights give each value its own share of yes: 1 of 4 and 3 of 4.
        double[] rows = [0, 0, 0, 0, 1, 1, 1, 1];
        bool[] labels = [true, false, false, false, true, true, true, false];

        var model = LogisticRegression.Fit(rows, labels, 1, ridge: 1e-9);

        model.Probability([0]).ShouldBe(0.25, 1e-6);
        model.Probability([1]).ShouldBe(0.75, 1e-6);
        model.Means[0].ShouldBe(0.5);
        model.Deviations[0].ShouldBe(0.5);
        // ln 3 − (−ln 3) over two standard deviations.
        model.Weights[0].ShouldBe(Math.Log(3), 1e-5);
    }

    [Fact]
    public void Fit_DrawnFromKnownWeights_FindsThem()
    {
        var random = new Random(5);
        const int count = 20_000;
        var rows = new double[count * 2];
        var labels = new bool[count];
        for (var row = 0; row < count; row++)
        {
            (rows[2 * row], rows[2 * row + 1]) = (random.NextDouble() * 4 - 2, random.NextDouble() * 10);
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-(-1 + 1.5 * rows[2 * row] + 0.2 * rows[2 * row + 1])));
        }

        var model = LogisticRegression.Fit(rows, labels, 2, ridge: 1e-3);

        model.LogOdds([1, 5]).ShouldBe(1.5, 0.1);
        model.LogOdds([-1, 0]).ShouldBe(-2.5, 0.15);
        model.Contributions([1, 5]).Sum().ShouldBe(model.LogOdds([1, 5]) - model.Bias, 1e-9);
    }

    [Fact]
    public void Fit_AFeatureThatTellsAll_StaysFinite_AndAConstantSaysNothing()
    {
        double[] rows = [0, 7, 0, 7, 1, 7, 1, 7];

        var model = LogisticRegression.Fit(rows, [false, false, true, true], 2, ridge: 1);

        model.Probability([1, 7]).ShouldBeInRange(0.6, 0.99);
        model.Weights[1].ShouldBe(0, 1e-9);
        model.Contributions([0, 1000])[1].ShouldBe(0);
    }

    [Fact]
    public void Probability_OfHugeOdds_IsOneOrNought()
    {
        var model = new LogisticRegression(0, [1], [0], [1]);

        model.Probability([5000]).ShouldBe(1);
        model.Probability([-5000]).ShouldBe(0);
    }

    [Fact]
    public void WhatCannotBe_IsRefused()
    {
        Should.Throw<ArgumentException>(() => LogisticRegression.Fit([1, 2], [true, true], 1, 1)).Message.ShouldContain("all the same");
        Should.Throw<ArgumentException>(() => LogisticRegression.Fit([1, double.NaN], [true, false], 1, 1)).Message.ShouldContain("finite");
        Should.Throw<ArgumentException>(() => LogisticRegression.Fit([1, 2, 3], [true, false], 1, 1)).Message.ShouldContain("3 numbers");
        Should.Throw<ArgumentException>(() => LogisticRegression.Fit([1, 2], [true, false], 1, 0)).Message.ShouldContain("ridge");
        Should.Throw<ArgumentException>(() => new LogisticRegression(0, [1], [0], [-1])).Message.ShouldContain("below 0");
        Should.Throw<ArgumentException>(() => new LogisticRegression(0, [1], [0, 1], [1])).Message.ShouldContain("as many");
        Should.Throw<ArgumentException>(() => new LogisticRegression(0, [1], [0], [1]).Probability([1, 2])).Message.ShouldContain("2 numbers");
    }
}
