using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class PopularityTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new PopularityTrainer();

    private protected override string OptionsJson => """{"halfLifeDays":7}""";

    private protected override bool IsPersonal => false;

    [Fact]
    public void Fit_WithTimes_HalvesWithEveryHalfLife()
    {
        const long Day = 86_400;
        var train = Interactions.From(3, 3, [0, 1, 2], [0, 1, 2], [1f, 1f, 4f], [100 * Day, 90 * Day, 80 * Day]);
        var model = new PopularityTrainer(new PopularityOptions { HalfLifeDays = 10 }).Fit(train, new FitContext());
        Scores(model, 0).ShouldBe([1f, 0.5f, 1f]);
    }

    [Fact]
    public void Fit_WithoutDecayOrTimes_SumsWeights()
    {
        var timed = Interactions.From(2, 2, [0, 1, 1], [0, 0, 1], [1f, 2f, 5f], [1_000_000_000, 0, 0]);
        Scores(new PopularityTrainer(new PopularityOptions { HalfLifeDays = 0 }).Fit(timed, new FitContext()), 0).ShouldBe([3f, 5f]);
        var timeless = Interactions.From(2, 2, [0, 1, 1], [0, 0, 1], [1f, 2f, 5f]);
        Scores(new PopularityTrainer().Fit(timeless, new FitContext()), 0).ShouldBe([3f, 5f]);
    }

    [Fact]
    public void Update_LaterAndEarlierBehaviour_IsTheModelOfANewFit()
    {
        const long Day = 86_400;
        var trainer = new PopularityTrainer(new PopularityOptions { HalfLifeDays = 10 });
        var old = (IUpdatable)trainer.Fit(Interactions.From(2, 2, [0, 1], [0, 1], [1f, 2f], [90 * Day, 80 * Day]), new FitContext());
        var updated = old.Update(new Dataset(Interactions.From(3, 3, [1, 2], [0, 2], [4f, 1f], [100 * Day, 70 * Day])), new FitContext());
        updated.Users.ShouldBe(3);
        Scores(updated, 0).ShouldBe([4.5f, 0.5f, 0.125f]);
        Should.Throw<ArgumentException>(() => old.Update(new Dataset(Interactions.From(2, 2, [0], [0])), new FitContext())).Message.ShouldContain("no times");

        // In exactly the same way after it was saved.
        Scores(((IUpdatable)Reloaded(old)).Update(new Dataset(Interactions.From(2, 2, [0], [0], [1f], [100 * Day])), new FitContext()), 0).ShouldBe([1.5f, 0.5f]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1e9)]
    public void Options_OutOfRange_NamesTheRange(double halfLife) =>
        Should.Throw<ArgumentException>(() => new PopularityTrainer(new PopularityOptions { HalfLifeDays = halfLife })).Message.ShouldContain("halfLifeDays");
}
