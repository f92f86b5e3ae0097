using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SwitchingTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = Trainers.Create("switching", """{"model":"itemknn","minimumHistory":0}""");

    private protected override string OptionsJson => """{"model":{"model":"als","options":{"factors":8}},"coldItems":"content-attributes","minimumItemUsers":5}""";

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithTexts(interactions);

    [Fact]
    public void ScoreHistory_ShorterThanTheLeast_AsksTheModelForColdUsers()
    {
        var model = Trainers.Create("switching", """{"minimumHistory":2}""").Fit(this.DataOf(Checkerboard.Train), new FitContext());
        var popularity = Trainers.Create("popularity").Fit(Checkerboard.Train, new FitContext());
        Folded(model, [], []).ShouldBe(Folded(popularity, [], []));
        Folded(model, [4], []).ShouldBe(Folded(popularity, [4], []));
        Folded(model, [4, 6], []).ShouldNotBe(Folded(popularity, [4, 6], []));
    }

    [Fact]
    public void ScoreHistory_ItemThatNobodyTouched_StandsAmongTheOthersByItsWords()
    {
        var train = Interactions.From(
            Checkerboard.Size, Checkerboard.Size + 2, [.. Enumerable.Range(0, Checkerboard.Size).SelectMany(user => Enumerable.Repeat(user, Checkerboard.Train.CountOf(user)))],
            [.. Enumerable.Range(0, Checkerboard.Size).SelectMany(user => Checkerboard.Train.ItemsOf(user).ToArray())]);
        var model = Trainers.Create("switching", """{"model":"itemknn"}""").Fit(this.DataOf(train), new FitContext());
        var scores = Folded(model, [0, 2, 4], []);
        float.IsFinite(scores[50]).ShouldBeTrue("item 50 is new and red");
        scores[51].ShouldBe(float.NegativeInfinity, "item 51 is new and blue");
        (Best(Similar(model, 50), []) % 2).ShouldBe(0);
        (Best(Similar(model, 51), []) % 2).ShouldBe(1);
        var contributions = new float[3];
        model.Explain(new History([0, 2, 4]), [50], contributions).ShouldBeTrue();
        contributions.ShouldAllBe(contribution => contribution > 0f);
    }

    [Theory]
    [InlineData("""{"model":"switching"}""", "cannot be a member")]
    [InlineData("""{"coldItems":"words"}""", "member words")]
    [InlineData("""{"model":5}""", "the name of a model")]
    [InlineData("""{"minimumHistory":-1}""", "minimumHistory is -1")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("switching", json)).Message.ShouldContain(expected);
}
