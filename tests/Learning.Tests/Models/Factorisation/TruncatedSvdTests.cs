using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class TruncatedSvdTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new TruncatedSvdTrainer(new TruncatedSvdOptions { Factors = 2 });

    private protected override string OptionsJson => """{"factors":8,"rounds":3,"popularityExponent":0.5}""";

    /// <summary>
    /// Two blocks: users 0 and 1 touch items 0 and 1 alike (singular value 2·2, vector (1, 1)/√2); user 2 touches item 2 once (singular value 1).
    /// </summary>
    [Fact]
    public void Fit_MatrixOfTwoBlocks_ProjectsOnTheLargerOne()
    {
        var train = Interactions.From(3, 3, [0, 0, 1, 1, 2], [0, 1, 0, 1, 2], [2f, 2f, 2f, 2f, 1f]);
        var model = new TruncatedSvdTrainer(new TruncatedSvdOptions { Factors = 1, PopularityExponent = 0 }).Fit(train, new FitContext());
        var scores = Folded(model, [0], [3f]);
        ((double)scores[0]).ShouldBe(1.5, 1e-5, "3 · (1/√2)²");
        ((double)scores[1]).ShouldBe(1.5, 1e-5);
        ((double)scores[2]).ShouldBe(0, 1e-5);
    }

    [Fact]
    public void Fit_AllSingularVectors_ReproducesTheMatrix()
    {
        var train = Interactions.From(4, 3, [0, 0, 1, 1, 2, 3], [0, 1, 1, 2, 2, 0], [1f, 2f, 3f, 1f, 2f, 1f]);
        var model = new TruncatedSvdTrainer(new TruncatedSvdOptions { Factors = 3, PopularityExponent = 0 }).Fit(train, new FitContext());
        float[] expected = [1, 2, 0, 0, 3, 1, 0, 0, 2, 1, 0, 0];
        AllScores(model).Zip(expected, (x, y) => Math.Abs(x - y)).Max().ShouldBeLessThan(1e-4f);
    }

    /// <summary>Items 0 and 1 are touched by 4 and 1 users. Scaled by n^-½ the matrix has a Gram matrix of (1, ½; ½, 1), whose larger vector is (1, 1)/√2.</summary>
    [Fact]
    public void Fit_PopularityExponent_ScalesBeforeAndBackAfterwards()
    {
        var train = Interactions.From(4, 2, [0, 1, 2, 3, 3], [0, 0, 0, 0, 1]);
        var model = new TruncatedSvdTrainer(new TruncatedSvdOptions { Factors = 1, PopularityExponent = 0.5, Rounds = 20 }).Fit(train, new FitContext());
        var scores = Scores(model, 3);
        ((double)scores[0]).ShouldBe(1.5, 1e-4, "(½ + 1) / 2, times √4");
        ((double)scores[1]).ShouldBe(0.75, 1e-4);
    }

    [Fact]
    public void ScoreHistory_TrainingRowOfAUser_GivesTheKnownUsersScores()
    {
        var model = this.Fit();
        var folded = Folded(model, Checkerboard.Train.ItemsOf(3).ToArray(), []);
        var known = Scores(model, 3);
        for (var item = 0; item < known.Length; item++) ((double)folded[item]).ShouldBe(known[item], 1e-5);
    }

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 1024")]
    [InlineData("""{"rounds":0}""", "rounds is 0")]
    [InlineData("""{"popularityExponent":2}""", "popularityExponent is 2")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("truncated-svd", json)).Message.ShouldContain(expected);
}
