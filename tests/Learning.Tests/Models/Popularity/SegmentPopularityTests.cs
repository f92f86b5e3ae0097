using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SegmentPopularityTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new SegmentPopularityTrainer();

    private protected override string OptionsJson => """{"field":"city","shrinkage":10,"halfLifeDays":7}""";

    private protected override bool IsPersonal => false;

    /// <summary>Everybody in one segment, so that the contract's histories, which belong to none, are told the same.</summary>
    private protected override Dataset DataOf(Interactions interactions) =>
        new(interactions) { UserAttributes = Attributes.From(Enumerable.Range(0, interactions.Users).Select(_ => new[] { ("city", "Rome") })) };

    private static readonly Interactions Train = Interactions.From(4, 3, [0, 0, 1, 2, 2, 3], [0, 1, 0, 1, 2, 2], [3f, 1f, 4f, 2f, 5f, 5f]);

    private static readonly Attributes People = Attributes.From([[("city", "Rome"), ("sex", "f")], [("city", "Rome")], [("city", "Oslo"), ("sex", "f")], []]);

    [Fact]
    public void Fit_TwoFields_GivesTheMeanOfTheShrunkShares()
    {
        var model = new SegmentPopularityTrainer(new SegmentPopularityOptions { Shrinkage = 2 }).Fit(new Dataset(Train) { UserAttributes = People }, new FitContext());

        // All: 7, 3, 10 of 20. Rome: 7, 1, 0 of 8. sex f: 3, 3, 5 of 11.
        var scores = Scores(model, 0);
        ((double)scores[0]).ShouldBe((((7 + (2 * 0.35)) / 10) + ((3 + (2 * 0.35)) / 13)) / 2, 1e-6);
        ((double)scores[2]).ShouldBe((((0 + (2 * 0.5)) / 10) + ((5 + (2 * 0.5)) / 13)) / 2, 1e-6);
        Best(Scores(model, 1), []).ShouldBe(0);
        Best(Scores(model, 3), []).ShouldBe(2, "of no segment: everybody's");
        Scores(model, 3).ShouldBe(Folded(model, [0], []));
    }

    [Fact]
    public void Fit_SmallSegment_ResemblesTheWhole()
    {
        var model = new SegmentPopularityTrainer(new SegmentPopularityOptions { Shrinkage = 1e6, Field = "city" }).Fit(new Dataset(Train) { UserAttributes = People }, new FitContext());
        for (var item = 0; item < 3; item++) ((double)Scores(model, 0)[item]).ShouldBe(Scores(model, 3)[item], 1e-4);
    }

    [Fact]
    public void Update_NewUsersAndItems_IsTheModelOfANewFit()
    {
        var added = Interactions.From(5, 4, [0, 4, 2], [3, 3, 1], [1f, 2f, 3f]);
        var updated = ((IUpdatable)this.Trainer.Fit(new Dataset(Train) { UserAttributes = People }, new FitContext())).Update(new Dataset(added), new FitContext());
        var whole = this.Trainer.Fit(
            new Dataset(Interactions.From(5, 4, [0, 0, 1, 2, 2, 3, 0, 4, 2], [0, 1, 0, 1, 2, 2, 3, 3, 1], [3f, 1f, 4f, 2f, 5f, 5f, 1f, 2f, 3f]))
            {
                UserAttributes = Attributes.From([[("city", "Rome"), ("sex", "f")], [("city", "Rome")], [("city", "Oslo"), ("sex", "f")], [], []]),
            },
            new FitContext());
        AllScores(updated).ShouldBe(AllScores(whole));
    }

    [Fact]
    public void Fit_WithoutWhatItNeeds_SaysWhatIsThere()
    {
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(Train, new FitContext())).Message.ShouldContain("attributes of the users");
        var trainer = new SegmentPopularityTrainer(new SegmentPopularityOptions { Field = "age" });
        Should.Throw<ArgumentException>(() => trainer.Fit(new Dataset(Train) { UserAttributes = People }, new FitContext())).Message.ShouldContain("city, sex");
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(new Dataset(Train) { UserAttributes = Attributes.From([[("city", "Rome")]]) }, new FitContext()))
            .Message.ShouldContain("attributes of 1 users");
    }
}
