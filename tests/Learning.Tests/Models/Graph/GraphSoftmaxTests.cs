using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class GraphSoftmaxTests : ModelContract
{
    private static readonly GraphSoftmaxOptions Small = new() { Factors = 8, Epochs = 10, Start = GraphStart.Random };

    private protected override ITrainer Trainer { get; } = new GraphSoftmaxTrainer(Small);

    private protected override string OptionsJson => """{"factors":8,"layers":3,"temperature":0.2,"negatives":20,"activityExponent":1,"start":"random","patience":1}""";

    [Theory]
    [InlineData("""{"factors":16,"epochs":5}""")]
    [InlineData("""{"factors":8,"epochs":10,"negatives":10,"activityExponent":0,"regularization":0.001}""")]
    [InlineData("""{"factors":8,"epochs":10,"layers":1,"batchSize":7,"start":"random"}""")]
    [InlineData("""{"factors":8,"epochs":10,"patience":2}""")]
    public void Fit_OtherOptions_RankWithheldItemFirst(string json)
    {
        var model = Trainers.Create("graph-softmax", json).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void Scores_KnownAndFoldedIn_AreCosines()
    {
        var model = new GraphSoftmaxTrainer(Small).Fit(Checkerboard.Train, new FitContext());
        AllScores(model).ShouldAllBe(score => Math.Abs(score) < 1.0001f);
        Folded(model, [3, 5, 3], []).ShouldAllBe(score => Math.Abs(score) < 1.0001f);
    }

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 2048")]
    [InlineData("""{"layers":0}""", "layers is 0")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"batchSize":-1}""", "batchSize is -1")]
    [InlineData("""{"negatives":0}""", "negatives is 0")]
    [InlineData("""{"temperature":0}""", "temperature is 0")]
    [InlineData("""{"activityExponent":2}""", "activityExponent is 2")]
    [InlineData("""{"learningRate":2}""", "learningRate is 2")]
    [InlineData("""{"regularization":-1}""", "regularization is -1")]
    [InlineData("""{"patience":2000}""", "patience is 2000")]
    public void Options_OutOfRange_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("graph-softmax", json)).Message.ShouldContain(expected);
}
