using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ContentVectorsTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new ContentVectorsTrainer();

    private protected override string OptionsJson => """{"centre":false}""";

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithVectors(interactions);

    [Fact]
    public void Fit_SmallVectors_GivesTheCosinesComputedByHand()
    {
        var data = new Dataset(Interactions.From(1, 4, [0, 0], [0, 1], [1f, 2f])) { ItemVectors = new ItemVectors(2, [2, 0, 0, 3, 1, 1, 0, 0]) };
        var model = Trainers.Create("content-vectors", """{"centre":false}""").Fit(data, new FitContext());
        ((double)Similar(model, 0)[2]).ShouldBe(Math.Sqrt(0.5), 1e-6);
        ((double)Scores(model, 0)[2]).ShouldBe(3 / Math.Sqrt(5) / Math.Sqrt(2), 1e-6);
        Scores(model, 0)[3].ShouldBe(float.NegativeInfinity, "it has no vector");
    }

    [Fact]
    public void Fit_VectorsWithACommonDirection_TellsThemApartByTheRest()
    {
        var data = new Dataset(Interactions.From(1, 4, [0], [0])) { ItemVectors = new ItemVectors(3, [100, 1, 0, 100, 1.1f, 0, 100, -1, 0.1f, 100, -1, -0.1f]) };
        var scores = Similar(new ContentVectorsTrainer().Fit(data, new FitContext()), 0);
        scores[1].ShouldBeGreaterThan(0.9f);
        scores[2].ShouldBeLessThan(-0.9f);
    }

    [Fact]
    public void Fit_WrongVectors_SaysWhatIsWrong()
    {
        Should.Throw<ArgumentException>(() => new ContentVectorsTrainer().Fit(Checkerboard.Train, new FitContext())).Message.ShouldContain("needs a vector");
        var two = Interactions.From(1, 2, [0], [0]);
        Should.Throw<ArgumentException>(() => new ContentVectorsTrainer().Fit(new Dataset(two) { ItemVectors = new ItemVectors(2, [1, 2]) }, new FitContext())).Message.ShouldContain("not the vectors of 2 items");
        Should.Throw<ArgumentException>(() => new ContentVectorsTrainer().Fit(new Dataset(two) { ItemVectors = new ItemVectors(1, [1, float.NaN]) }, new FitContext())).Message.ShouldContain("item 1 holds NaN");
    }
}
