using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class Rp3BetaTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new Rp3BetaTrainer();

    private protected override string OptionsJson => """{"neighbours":20,"alpha":0.75,"beta":0.25,"shrinkage":3,"normalization":0.75}""";

    [Fact]
    public void Fit_SmallMatrix_GivesTheProbabilitiesComputedByHand()
    {
        // Item 0: users 0, 1. Item 1: users 0, 1, 2 with weight 2 for user 2. Item 2: user 2.
        var train = Interactions.From(3, 3, [0, 1, 0, 1, 2, 2], [0, 0, 1, 1, 1, 2], [1f, 1f, 1f, 1f, 2f, 1f]);
        var model = new Rp3BetaTrainer(new Rp3BetaOptions { Alpha = 0.5, Beta = 0.3, Shrinkage = 2, Normalization = 0 }).Fit(train, new FitContext());

        // From 0 over users 0 and 1, each ½ · ½, to 1, which weighs 4; from 2 over user 2, 1 · ⅔; back from 1 over user 2, ½ · ⅓, to 2, which weighs 1.
        ((double)Similar(model, 0)[1]).ShouldBe(2 * Math.Sqrt(0.25) / Math.Pow(6, 0.3), 1e-6);
        ((double)Similar(model, 2)[1]).ShouldBe(Math.Sqrt(2.0 / 3) / Math.Pow(6, 0.3), 1e-6);
        ((double)Similar(model, 1)[2]).ShouldBe(Math.Sqrt(1.0 / 6) / Math.Pow(3, 0.3), 1e-6);
        Similar(model, 0)[2].ShouldBe(float.NegativeInfinity);
        ((double)Folded(model, [0, 2], [1f, 3f])[1]).ShouldBe((Math.Sqrt(1) + (3 * Math.Sqrt(2.0 / 3))) / Math.Pow(6, 0.3), 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    public void Fit_Normalization_DividesWhatLeavesAnItemByThatPowerOfItsSum(double power)
    {
        var train = Checkerboard.Train;
        var plain = new Rp3BetaTrainer(new Rp3BetaOptions { Normalization = 0 }).Fit(train, new FitContext());
        var divided = new Rp3BetaTrainer(new Rp3BetaOptions { Normalization = power }).Fit(train, new FitContext());
        for (var item = 0; item < 4; item++)
        {
            var (before, after) = (Similar(plain, item).Where(float.IsFinite).ToArray(), Similar(divided, item).Where(float.IsFinite).ToArray());
            var divisor = Math.Pow(before.Sum(weight => (double)weight), power);
            before.Length.ShouldBeGreaterThan(1);
            after.Length.ShouldBe(before.Length);
            for (var i = 0; i < before.Length; i++) ((double)after[i]).ShouldBe(before[i] / divisor, 1e-6);
        }
    }

    [Fact]
    public void Fit_MoreCandidatesThanNeighbours_KeepsTheStrongest()
    {
        var train = Interactions.From(4, 4, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 2, 3, 0]);
        var model = new Rp3BetaTrainer(new Rp3BetaOptions { Neighbours = 1, Alpha = 1, Beta = 0 }).Fit(train, new FitContext());
        Enumerable.Range(0, 4).Where(item => float.IsFinite(Similar(model, item)[0])).ShouldBe([1]);
        Similar(model, 0).Select(float.IsNegativeInfinity).ShouldBe([true, false, false, false]);
    }

    [Theory]
    [InlineData("""{"neighbours":0}""", "1 to 10000")]
    [InlineData("""{"alpha":-1}""", "alpha is -1")]
    [InlineData("""{"beta":5}""", "0 to 4")]
    [InlineData("""{"shrinkage":-1}""", "shrinkage is -1")]
    [InlineData("""{"normalization":2}""", "0 to 1")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("rp3beta", json)).Message.ShouldContain(expected);
}
