using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class BehaviourGeneratorTests : ModelContract
{
    private static readonly BehaviourGeneratorOptions Small = new() { Dimensions = 8, Epochs = 40, BatchSize = 10, LearningRate = 0.02, DiscriminatorRate = 0.02, Draws = 4, DropRate = 0.1, MaximumKnown = 24 };

    private protected override ITrainer Trainer { get; } = new BehaviourGeneratorTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":16,"emptyShare":0.25,"maximumKnown":5,"minimumUsers":2,"minimumItems":3,"userExponent":0.75,"adversarialWeight":0.5,"draws":3,"dropRate":0.1,"epochs":3,"patience":1,"batchSize":16,"learningRate":0.01,"discriminatorRate":0.02,"weightDecay":0.1,"seed":9}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override bool AnswersNewcomers => true;

    /// <summary>
    /// Two segments whose tastes are known: of twelve items, Rome takes each of the first six with .6, .5, .4, .3, .2 and .1 and the others
    /// never, Oslo the other way round. Half of the people did nothing yet.
    /// </summary>
    private static Dataset Cities(int people)
    {
        List<int> users = [], items = [];
        for (var user = 0; user < people / 2; user++)
        {
            var random = new RandomStream(11, user);
            for (var item = 0; item < 6; item++)
            {
                if (random.Uniform() >= Taste(item)) continue;
                users.Add(user);
                items.Add(user % 2 == 0 ? item : item + 6);
            }
        }

        return new Dataset(Interactions.From(people, 12, [.. users], [.. items]))
        {
            UserAttributes = Attributes.From(Enumerable.Range(0, people).Select(user => new[] { ("city", user % 2 == 0 ? "Rome" : "Oslo"), ("number", $"{user}") })),
        };
    }

    private static double Taste(int item) => 0.6 - (0.1 * item);

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Fit_TwoSegments_LearnsWhatEachDoes(double adversarialWeight)
    {
        var model = new BehaviourGeneratorTrainer(Small with { AdversarialWeight = adversarialWeight, EmptyShare = 1, MinimumItems = 1, UserExponent = 0, DropRate = 0, BatchSize = 50 }).Fit(Cities(1200), new FitContext());

        // Of people who did nothing yet: the share of each item among their city's.
        foreach (var user in (int[])[1000, 1001])
        {
            var scores = Scores(model, user);
            for (var item = 0; item < 6; item++)
            {
                Math.Exp(scores[user % 2 == 0 ? item : item + 6]).ShouldBe(Taste(item) / 2.1, 0.05);
                Math.Exp(scores[user % 2 == 0 ? item + 6 : item]).ShouldBeLessThan(0.03);
            }
        }
    }

    [Fact]
    public void DrawHistory_OfASegment_IsPlausibleAndTheSameForASeed()
    {
        var data = Cities(1200);
        var model = (BehaviourGeneratorModel)this.Trainer.Fit(data, new FitContext());
        var drawn = model.DrawHistory(1001, 4, seed: 3);
        drawn.Length.ShouldBe(4);
        drawn.ShouldBeUnique();
        model.DrawHistory(1001, 4, seed: 3).ShouldBe(drawn);
        Enumerable.Range(0, 20).Select(seed => string.Join(',', model.DrawHistory(1001, 4, seed))).Distinct().Count().ShouldBeGreaterThan(5);
        Enumerable.Range(0, 100).SelectMany(seed => model.DrawHistory(1001, 3, seed)).Count(item => item >= 6).ShouldBeGreaterThan(270, "of Oslo");

        // The first click says the same where the city is not told.
        Enumerable.Range(0, 100).SelectMany(seed => model.DrawHistory([], [8], 2, seed)).Count(item => item is >= 6 and not 8).ShouldBeGreaterThan(180);
        model.DrawHistory([], [8], 100, seed: 1).Length.ShouldBe(11, "every other item, once");
    }

    [Fact]
    public void ScoreNewcomer_AttributesOfAUser_IsThatUsersScore()
    {
        var data = Cities(600);
        var model = (BehaviourGeneratorModel)this.Trainer.Fit(data, new FitContext());
        var scores = new float[12];
        model.ScoreNewcomer(data.UserAttributes!.ValuesOf(501), default, scores);
        scores.ShouldBe(Scores(model, 501));
        model.ScoreNewcomer([], new History([2]), scores);
        scores.ShouldBe(Folded(model, [2], []));
        Should.Throw<ArgumentException>(() => model.ScoreNewcomer([model.AttributeValues], default, new float[12])).Message.ShouldContain("numbered from 0");
        AllScores(Reloaded(model)).ShouldBe(AllScores(model));
        ((BehaviourGeneratorModel)Reloaded(model)).DrawHistory(501, 5, seed: 2).ShouldBe(model.DrawHistory(501, 5, seed: 2));
    }

    [Fact]
    public void Fit_Patience_KeepsTheBestWeightsAndIsTheSameOnAnyThreads()
    {
        var trainer = new BehaviourGeneratorTrainer(Small with { Patience = 2, Epochs = 30 });
        var one = AllScores(trainer.Fit(Cities(400), new FitContext { Threads = 1 }));
        AllScores(trainer.Fit(Cities(400), new FitContext { Threads = 3 })).ShouldBe(one);
        one.ShouldNotBe(AllScores(new BehaviourGeneratorTrainer(Small with { Epochs = 30 }).Fit(Cities(400), new FitContext { Threads = 1 })));
    }

    [Fact]
    public void Fit_AttributesOfOthers_SaysSo() =>
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(Cities(40) with { UserAttributes = Attributes.From([[("city", "Rome")]]) }, new FitContext())).Message.ShouldContain("attributes of 1 users");
}
