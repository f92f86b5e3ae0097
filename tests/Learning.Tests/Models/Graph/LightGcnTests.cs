using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class LightGcnTests : ModelContract
{
    private static readonly LightGcnOptions Small = new() { Factors = 8, Layers = 2, Epochs = 10, Start = GraphStart.Random };

    private protected override ITrainer Trainer { get; } = new LightGcnTrainer(Small);

    private protected override string OptionsJson => """{"factors":8,"layers":2,"batchSize":500,"start":"random","regularization":0.001,"patience":2}""";

    [Theory]
    [InlineData("""{"factors":16,"epochs":5}""")]
    [InlineData("""{"factors":4,"epochs":10,"layers":1,"start":"random"}""")]
    [InlineData("""{"factors":4,"epochs":10,"patience":2}""")]
    public void Fit_OtherOptions_RankWithheldItemFirst(string json)
    {
        var model = Trainers.Create("lightgcn", json).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void ScoreHistory_ItemTwice_IsOneEdge()
    {
        // An edge is there or not: to touch an item twice makes no other neighbour of it.
        var train = Interactions.From(2, 2, [0, 0, 1], [0, 1, 0]);
        var model = new LightGcnTrainer(Small with { Epochs = 1, Regularization = 0 }).Fit(train, new FitContext { Threads = 1 });
        Folded(model, [0, 0], []).ShouldBe(Folded(model, [0], []));
    }

    [Fact]
    public void Fit_UserWhoHasEverything_LearnsFromTheOthers()
    {
        var train = Interactions.From(2, 3, [0, 0, 0, 1], [0, 1, 2, 1]);
        AllScores(new LightGcnTrainer(Small).Fit(train, new FitContext())).ShouldAllBe(score => float.IsFinite(score));
    }

    [Fact]
    public void Fit_TooLargeForMemory_SaysWhatToDo()
    {
        Should.Throw<ArgumentException>(() => GraphTraining.CheckMemory("lightgcn", 1_000_000, 64, 1L << 30)).Message.ShouldContain("fewer factors");
        Should.Throw<ArgumentException>(() => GraphTraining.CheckMemory("lightgcn", 100_000_000, 64, long.MaxValue)).Message.ShouldContain("one table cannot hold");
        GraphTraining.CheckMemory("lightgcn", 1_000_000, 64, 16L << 30);
    }

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 2048")]
    [InlineData("""{"layers":9}""", "layers is 9")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"batchSize":-1}""", "batchSize is -1")]
    [InlineData("""{"learningRate":0}""", "learningRate is 0")]
    [InlineData("""{"regularization":2}""", "regularization is 2")]
    [InlineData("""{"patience":-1}""", "patience is -1")]
    [InlineData("""{"start":"best"}""", "\"spectral\", \"random\"")]
    public void Options_OutOfRange_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("lightgcn", json)).Message.ShouldContain(expected);
}
