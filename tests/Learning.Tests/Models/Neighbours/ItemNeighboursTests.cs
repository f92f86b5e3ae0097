using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ItemNeighboursTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new ItemNeighboursTrainer();

    private protected override string OptionsJson => """{"neighbours":20,"shrinkage":2.5}""";

    [Fact]
    public void Fit_SmallMatrix_GivesTheCosinesComputedByHand()
    {
        // Item 0: users 0, 1. Item 1: users 0, 1, 2 with weight 2 for user 2. Item 2: user 2.
        var train = Interactions.From(3, 3, [0, 1, 0, 1, 2, 2], [0, 0, 1, 1, 1, 2], [1f, 1f, 1f, 1f, 2f, 1f]);
        var model = new ItemNeighboursTrainer(new ItemNeighboursOptions { Shrinkage = 1 }).Fit(train, new FitContext());
        var similar = Similar(model, 1);
        ((double)similar[0]).ShouldBe(2 / (Math.Sqrt(2 * 6) + 1), 1e-6);
        ((double)similar[2]).ShouldBe(2 / (Math.Sqrt(6) + 1), 1e-6);
        Similar(model, 0)[2].ShouldBe(float.NegativeInfinity);

        var scores = Folded(model, [0, 2], [1f, 3f]);
        ((double)scores[1]).ShouldBe((2 / (Math.Sqrt(12) + 1)) + (3 * 2 / (Math.Sqrt(6) + 1)), 1e-6);
    }

    [Fact]
    public void Fit_MoreCandidatesThanNeighbours_KeepsTheMostSimilar()
    {
        var train = Interactions.From(4, 4, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 2, 3, 0]);
        var model = new ItemNeighboursTrainer(new ItemNeighboursOptions { Neighbours = 1, Shrinkage = 0 }).Fit(train, new FitContext());
        Similar(model, 0).Select(float.IsNegativeInfinity).ShouldBe([true, false, true, true]);
    }

    [Theory]
    [InlineData("""{"neighbours":0}""", "1 to 10000")]
    [InlineData("""{"neighbours":1.5}""", "a whole number")]
    [InlineData("""{"shrinkage":-1}""", "shrinkage is -1")]
    [InlineData("""{"shrinkage":"x"}""", "takes a number")]
    [InlineData("""{"shrinkage":null}""", "not null")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("itemknn", json)).Message.ShouldContain(expected);
}
