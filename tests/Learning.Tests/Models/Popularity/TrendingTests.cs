using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class TrendingTests : ModelContract
{
    private const long Day = 86_400;

    private protected override ITrainer Trainer { get; } = new TrendingTrainer();

    private protected override string OptionsJson => """{"windowDays":3,"pastDays":30,"smoothing":1,"certainty":0.5}""";

    private protected override bool IsPersonal => false;

    /// <summary>The same interactions, one a day in turn.</summary>
    private protected override Dataset DataOf(Interactions interactions) =>
        new(Sequences.From(
            interactions.Items,
            [.. Enumerable.Range(0, interactions.Users).Select(user => interactions.ItemsOf(user).ToArray())],
            [.. Enumerable.Range(0, interactions.Users).Select(user => Enumerable.Range(0, interactions.CountOf(user)).Select(day => day * Day).ToArray())]))
        {
            Interactions = interactions,
        };

    [Fact]
    public void Fit_CountsOfTwoItems_GivesTheBoundComputedByHand()
    {
        // Window: day 8 and 9; past: day 0 to 7, all that there is of 28. Item 0: 6 events now, 8 before, so 2 expected.
        var data = Events([.. Enumerable.Repeat((0, 9L), 4), .. Enumerable.Repeat((0, 8L), 2), .. Enumerable.Repeat((0, 7L), 7), (1, 0L), (0, 0L)]);
        var model = new TrendingTrainer(new TrendingOptions { WindowDays = 2, PastDays = 28, Smoothing = 1, Certainty = 1 }).Fit(data, new FitContext());
        ((double)Scores(model, 0)[0]).ShouldBe(Math.Exp(Math.Log(7 / 3.0) - Math.Sqrt((1 / 7.0) + (1 / 9.0))), 1e-6);
        Scores(model, 0)[1].ShouldBe(float.NegativeInfinity, "nothing happened to it in the window");
    }

    [Fact]
    public void Fit_RisingPopularAndRareItems_PutsTheClearRiseFirst()
    {
        var events = new List<(int, long)>();
        for (var day = 0; day < 35; day++)
        {
            for (var i = 0; i < 20; i++) events.Add((0, day)); // much and steadily
            for (var i = 0; i < (day < 28 ? 1 : 5); i++) events.Add((1, day)); // risen fivefold
            if (day < 28) events.Add((3, day)); // gone
        }

        events.Add((2, 34)); // once, and never before
        var scores = Scores(this.Trainer.Fit(Events([.. events]), new FitContext()), 0);
        scores[1].ShouldBeGreaterThan(1.5f);
        scores[0].ShouldBeInRange(0.7f, 1f);
        scores[2].ShouldBeLessThan(scores[0]);
        scores[3].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void Update_LaterDays_IsTheModelOfANewFit()
    {
        (int, long)[] before = [(0, 0L), (0, 3L), (1, 9L), (0, 10L), (1, 10L)];
        (int, long)[] after = [(1, 12L), (2, 11L), (1, 8L)];
        var trainer = new TrendingTrainer(new TrendingOptions { WindowDays = 3, PastDays = 7 });
        var updated = ((IUpdatable)trainer.Fit(Events(before), new FitContext())).Update(Events(after), new FitContext());
        Scores(updated, 0).ShouldBe(Scores(trainer.Fit(Events([.. before, .. after]), new FitContext()), 0));
    }

    [Fact]
    public void Fit_NoTimes_SaysWhatIsMissing() =>
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(Checkerboard.Train, new FitContext())).Message.ShouldContain("times");

    [Theory]
    [InlineData("""{"windowDays":0}""", "1 to 365")]
    [InlineData("""{"smoothing":0}""", "0.01 to")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("trending", json)).Message.ShouldContain(expected);

    /// <summary>One user's events at noon of some days, of four items.</summary>
    private static Dataset Events((int Item, long Day)[] events)
    {
        var ordered = events.OrderBy(e => e.Day).ToArray();
        return new Dataset(Sequences.From(4, [[.. ordered.Select(e => e.Item)]], [[.. ordered.Select(e => (e.Day * Day) + (Day / 2))]]));
    }
}
