using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ContentAttributesTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new ContentAttributesTrainer();

    private protected override string OptionsJson => """{"measure":"overlap","fieldWeights":{"colour":2,"brand":0.5},"learningPairs":500}""";

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithAttributes(interactions);

    [Theory]
    [InlineData("jaccard", 3.0 / 7, 0)]
    [InlineData("overlap", 3 / 5.0, 0)]
    public void Fit_GivenWeights_GivesTheLikenessComputedByHand(string measure, double near, double far)
    {
        // Items 0 and 1 share a brand of weight 3 and differ in colour, of weight 2; items 0 and 2 share nothing.
        var attributes = Attributes.From([[("brand", "a"), ("colour", "red")], [("brand", "a"), ("colour", "blue")], [("brand", "b")]]);
        var data = new Dataset(Interactions.From(1, 3, [0], [0])) { ItemAttributes = attributes };
        var options = $$"""{"measure":"{{measure}}","fieldWeights":{"brand":3,"colour":2},"rareValuesCountMore":false}""";
        var scores = Similar(Trainers.Create("content-attributes", options).Fit(data, new FitContext()), 0);
        ((double)scores[1]).ShouldBe(near, 1e-6);
        if (far == 0) scores[2].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void Fit_RareValues_CountMore()
    {
        var attributes = Attributes.From([[("tag", "common"), ("tag", "rare")], [("tag", "rare")], [("tag", "common")], [("tag", "common")], [("tag", "common")]]);
        var data = new Dataset(Interactions.From(1, 5, [0], [0])) { ItemAttributes = attributes };
        var scores = Similar(new ContentAttributesTrainer().Fit(data, new FitContext()), 0);
        scores[1].ShouldBeGreaterThan(scores[2]);
    }

    [Fact]
    public void Fit_WeightsLearned_FollowWhatIsTouchedTogether()
    {
        // Colours part the shoppers, prices and brands of this data do not: the same price of the other colour is as far as any.
        var data = ToldItems.WithAttributes(Checkerboard.Train) with
        {
            ItemAttributes = Attributes.From(Enumerable.Range(0, Checkerboard.Size).Select(item => new[] { ("colour", $"{item % 2}"), ("price", $"{item / 2 % 3}") })),
        };
        var scores = Similar(new ContentAttributesTrainer().Fit(data, new FitContext()), 0);
        scores[2].ShouldBeGreaterThan(0.8f * scores[6], "price 1 against price 0 of the same colour");
        (float.IsNegativeInfinity(scores[1]) || scores[1] < 0.2f * scores[2]).ShouldBeTrue("the same price of the other colour");
    }

    [Theory]
    [InlineData("""{"fieldWeights":{"size":1}}""", "a field 'size'")]
    [InlineData("""{"fieldWeights":{"colour":-1}}""", "colour the weight -1")]
    [InlineData("""{"fieldWeights":[1]}""", "an object of numbers by name")]
    [InlineData("""{"measure":"dice"}""", "jaccard")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("content-attributes", json).Fit(this.DataOf(Checkerboard.Train), new FitContext())).Message.ShouldContain(expected);

    [Fact]
    public void Fit_WithoutAttributes_SaysWhatIsMissing() =>
        Should.Throw<ArgumentException>(() => new ContentAttributesTrainer().Fit(Checkerboard.Train, new FitContext())).Message.ShouldContain("needs the attributes");
}
