using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class BprTests : ModelContract
{
    private static readonly BprOptions Small = new() { Factors = 8, Epochs = 60, LearningRate = 0.1, Sampler = BprSampler.Uniform, Negatives = 1 };

    private protected override ITrainer Trainer { get; } = new BprTrainer(Small);

    private protected override string OptionsJson => """{"factors":8,"sampler":"popularity","schedule":"constant","itemBias":true,"negatives":3}""";

    [Theory]
    [InlineData("""{"sampler":"hardest","negatives":4}""")]
    [InlineData("""{"sampler":"popularity","negatives":1,"popularityExponent":0.5}""")]
    [InlineData("""{"sampler":"uniform","negatives":5}""")]
    [InlineData("""{"sampler":"uniform","negatives":1,"schedule":"constant"}""")]
    [InlineData("""{"sampler":"uniform","itemBias":true}""")]
    public void Fit_OtherOptions_RankWithheldItemFirst(string json)
    {
        var model = Trainers.Create("bpr", json).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void Fit_ManyBlocks_GivesTheSameOnAnyNumberOfThreads()
    {
        var train = Large();
        var trainer = new BprTrainer(Small with { Epochs = 2, ItemBias = true, Sampler = BprSampler.Popularity });
        var one = AllScores(trainer.Fit(train, new FitContext { Threads = 1 }));
        AllScores(trainer.Fit(train, new FitContext { Threads = 5 })).ShouldBe(one);
    }

    [Fact]
    public void Fit_ItemBias_RanksPopularItemsFirstForThoseWhoTasteIsUnknown()
    {
        // Everyone has item 0 or 1, beside one of many rare ones.
        var (users, items) = (new List<int>(), new List<int>());
        for (var user = 0; user < 60; user++)
        {
            users.AddRange([user, user]);
            items.AddRange([user % 2, 2 + (user / 2)]);
        }

        var model = new BprTrainer(Small with { ItemBias = true, Regularization = 0.05 }).Fit(Interactions.From(60, 32, [.. users], [.. items]), new FitContext());
        for (var user = 0; user < 60; user++) Best(Scores(model, user), [user % 2, 2 + (user / 2)]).ShouldBe(1 - (user % 2));
        Folded(model, [5], [])[0].ShouldBeGreaterThan(Folded(model, [5], [])[6]);
    }

    [Fact]
    public void Fit_UserWhoHasEverything_LearnsFromTheOthers()
    {
        var train = Interactions.From(2, 3, [0, 0, 0, 1], [0, 1, 2, 1]);
        AllScores(new BprTrainer(Small).Fit(train, new FitContext())).ShouldAllBe(score => float.IsFinite(score));
    }

    [Fact]
    public void Fit_RateMuchTooHigh_SaysWhatToLower() =>
        Should.Throw<ArgumentException>(() => new BprTrainer(Small with { LearningRate = 10, Regularization = 10 }).Fit(Checkerboard.Train, new FitContext()))
            .Message.ShouldContain("learningRate");

    [Fact]
    public void ScoreHistory_TrainedUsers_AreFoldedInAtTheirOwnLength()
    {
        var model = new BprTrainer(Small).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < 4; user++)
        {
            var ratio = Folded(model, Checkerboard.Train.ItemsOf(user).ToArray(), [])[user] / Scores(model, user)[user];
            ratio.ShouldBeInRange(0.5f, 2f);
        }
    }

    [Theory]
    [InlineData("""{"factors":2048}""", "factors is 2048; allowed are 1 to 2047")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"learningRate":0}""", "learningRate is 0")]
    [InlineData("""{"regularization":-1}""", "regularization is -1")]
    [InlineData("""{"negatives":0}""", "negatives is 0")]
    [InlineData("""{"popularityExponent":3}""", "0 to 2")]
    [InlineData("""{"sampler":"best"}""", "one of \"uniform\", \"popularity\", \"hardest\"")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("bpr", json)).Message.ShouldContain(expected);

    /// <summary>Enough pairs and items for a grid of several blocks.</summary>
    private static Interactions Large()
    {
        var random = new Random(5);
        int[] users = [.. Enumerable.Range(0, 20_000).Select(_ => random.Next(500))];
        int[] items = [.. users.Select(_ => random.Next(700))];
        return Interactions.From(500, 700, users, items);
    }
}
