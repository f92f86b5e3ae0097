using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class SignificanceTests
{
    [Fact]
    public void Student_KnownTable_GivesItsProbabilities()
    {
        // Two-sided 5 % points of Student's t with 1, 10 and 100 degrees of freedom, and a 1 % point.
        Distributions.StudentBothTails(12.7062, 1).ShouldBe(0.05, 1e-6);
        Distributions.StudentBothTails(2.228139, 10).ShouldBe(0.05, 1e-6);
        Distributions.StudentBothTails(1.983972, 100).ShouldBe(0.05, 1e-6);
        Distributions.StudentBothTails(-3.169273, 10).ShouldBe(0.01, 1e-6);
        Distributions.StudentBothTails(0, 10).ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Normal_KnownTable_GivesItsProbabilities()
    {
        Distributions.NormalBothTails(1.959964).ShouldBe(0.05, 1e-6);
        Distributions.NormalBothTails(-2.575829).ShouldBe(0.01, 1e-6);
        Distributions.NormalBothTails(1).ShouldBe(0.31731051, 1e-7);
        Distributions.NormalBothTails(0).ShouldBe(1, 1e-12);
        Distributions.NormalBothTails(10).ShouldBe(1.5239706e-23, 1e-29);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(0.05)]
    [InlineData(1e-12)]
    public void NormalPoint_OfATail_GivesTheTailBack(double probability)
    {
        Distributions.NormalBothTails(Distributions.NormalPoint(probability)).ShouldBe(probability, probability * 1e-9);
        Distributions.NormalPoint(0.05).ShouldBe(1.959963985, 1e-8);
        Distributions.NormalBelow(-1.959963985).ShouldBe(0.025, 1e-9);
        Distributions.NormalBelow(1.959963985).ShouldBe(0.975, 1e-9);
    }

    [Theory]
    [InlineData(0.05, 1, 12.7062047)]
    [InlineData(0.05, 10, 2.2281389)]
    [InlineData(0.01, 3, 5.8409093)]
    [InlineData(0.05, 1e9, 1.9599640)]
    public void StudentPoint_KnownTable_GivesItsPoints(double probability, double freedom, double point) =>
        Distributions.StudentPoint(probability, freedom).ShouldBe(point, 1e-6);

    [Theory]
    [InlineData(3.841459, 1, 0.05)]
    [InlineData(5.991465, 2, 0.05)]
    [InlineData(18.307038, 10, 0.05)]
    [InlineData(3.940299, 10, 0.95)]
    [InlineData(0, 3, 1)]
    public void ChiSquareTail_KnownTable_GivesItsProbabilities(double x, double freedom, double probability) =>
        Distributions.ChiSquareTail(x, freedom).ShouldBe(probability, 1e-6);

    [Fact]
    public void StudentOf_Differences_EqualsTheSumsDoneByHand()
    {
        // Mean 2, variance 2.5 over 5: t = 2 / √0.5 = 2√2 with 4 degrees of freedom, whose two-sided tail is 1 − (t/√(t²+4))·(1 + 2/(t²+4)).
        var t = 2 * Math.Sqrt(2);
        var inside = t / Math.Sqrt((t * t) + 4) * (1 + (2 / ((t * t) + 4)));
        PairedTest.StudentOf([0, 1, 2, 3, 4]).ShouldBe(1 - inside, 1e-9);
        PairedTest.StudentOf([0, 0]).ShouldBe(1);
    }

    [Fact]
    public void WilcoxonOf_TiesAndZeros_EqualsTheSumsDoneByHand()
    {
        // Sizes 1, 1, 2, 3 after the zero is left out: ranks 1.5, 1.5, 3, 4; positive ranks 1.5 + 3 + 4 = 8.5 of a mean 5; variance 7.5 − 6/48.
        PairedTest.WilcoxonOf([0, 1, -1, 2, 3]).ShouldBe(Distributions.NormalBothTails(3.5 / Math.Sqrt(7.375)), 1e-12);
        PairedTest.WilcoxonOf([0, 0]).ShouldBe(1);
    }

    [Fact]
    public void PairedTest_OfADifference_IsFoundByAllThree()
    {
        var random = new Random(5);
        var one = Enumerable.Range(0, 300).Select(_ => (float)random.NextDouble()).ToArray();
        var better = Array.ConvertAll(one, value => value + 0.02f + (0.1f * (float)(random.NextDouble() - 0.5)));
        var same = Array.ConvertAll(one, value => value + (0.1f * (float)(random.NextDouble() - 0.5)));
        var found = PairedTest.Of(better, one, 1);
        new[] { found.Student, found.Bootstrap, found.Wilcoxon }.ShouldAllBe(p => p < 0.002);
        var none = PairedTest.Of(same, one, 1);
        new[] { none.Student, none.Bootstrap, none.Wilcoxon }.ShouldAllBe(p => p > 0.05);
        PairedTest.Of(same, one, 1).ShouldBe(none);
        Should.Throw<ArgumentException>(() => PairedTest.Of([1f], [1f, 2f], 1)).Message.ShouldContain("same users");
    }

    [Fact]
    public void Holm_ThreeProbabilities_EqualsThePaper() =>
        PairedTest.Holm([0.04, 0.01, 0.03]).ShouldBe([0.06, 0.03, 0.06], 1e-12);

    [Fact]
    public void BenjaminiHochberg_FourProbabilities_EqualsTheSumsDoneByHand() =>
        PairedTest.BenjaminiHochberg([0.04, 0.01, 0.03, 0.9]).ShouldBe([0.16 / 3, 0.04, 0.16 / 3, 0.9], 1e-12);

    [Fact]
    public void Holm_ManyLargeProbabilities_StayAtMostOne() => PairedTest.Holm([0.9, 0.8]).ShouldBe([1, 1]);

    [Fact]
    public void Intervals_OfAKnownSpread_HoldTheMeanAndItsError()
    {
        // 1,000 users, half at 0 and half at 1: the error of the mean is 0.5 / √1000, and 95 % are 1.96 of it to each side.
        var metric = Enumerable.Range(0, 1000).Select(user => user % 2 == 0 ? 0f : 1f).ToArray();
        var (low, high) = Bootstrap.Intervals([metric], seed: 1, threads: 2)[0];
        low.ShouldBe(0.5 - (1.96 * 0.5 / Math.Sqrt(1000)), 0.003);
        high.ShouldBe(0.5 + (1.96 * 0.5 / Math.Sqrt(1000)), 0.003);
        Bootstrap.Intervals([metric], seed: 1, threads: 1)[0].ShouldBe((low, high));
        Bootstrap.Intervals([metric], seed: 2, threads: 1)[0].ShouldNotBe((low, high));
    }

    [Fact]
    public void Middle_OfElevenNumbers_Interpolates()
    {
        var (low, high) = Bootstrap.Middle([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], 0.9);
        low.ShouldBe(0.5, 1e-9);
        high.ShouldBe(9.5, 1e-9);
    }

    [Fact]
    public void MeanOf_UsersOfWhomNothingCanBeSaid_LeavesThemOut() => Bootstrap.MeanOf([1f, float.NaN, 3f]).ShouldBe(2);
}
