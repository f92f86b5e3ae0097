using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class FeatureAugmentedTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new FeatureAugmentedTrainer();

    private protected override string OptionsJson => """{"model":{"model":"als","options":{"factors":8}},"featureWeight":2}""";

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithAll(interactions);

    [Theory]
    [InlineData("\"itemknn\"")]
    [InlineData("""{"model":"als","options":{"factors":8,"unobservedWeight":0.1}}""")]
    public void Fit_ItemThatNobodyTouched_IsKnownByItsFeatures(string member)
    {
        // Users 0 and 1 touch items 0, 2 and 1, 3; items 4 and 5 are touched by nobody and told like them.
        var train = Interactions.From(2, 6, [0, 0, 1, 1], [0, 2, 1, 3]);
        var model = Trainers.Create("feature-augmented", $$"""{"model":{{member}}}""").Fit(ToldItems.WithAll(train), new FitContext());
        model.Users.ShouldBe(2);
        var scores = Scores(model, 0);
        scores[4].ShouldBeGreaterThan(scores[5]);
        float.IsFinite(scores[4]).ShouldBeTrue();
    }

    [Fact]
    public void ScoreUsers_RowOfAFeature_IsNoUser()
    {
        var model = this.Fit();
        Should.Throw<ArgumentException>(() => Scores(model, Checkerboard.Size)).Message.ShouldContain("known are 0 to 49");
    }

    [Theory]
    [InlineData("""{"model":"ensemble"}""", "cannot be a member")]
    [InlineData("""{"featureWeight":0}""", "featureWeight is 0")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("feature-augmented", json)).Message.ShouldContain(expected);
}
