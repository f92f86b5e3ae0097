using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SessionBlendTests : ModelContract
{
    private static readonly Dataset Data = OrderedData.Of(20, OrderedData.Random(seed: 12, rows: 80, items: 20, longest: 7));

    private protected override ITrainer Trainer { get; } = new SessionBlendTrainer();

    private protected override string OptionsJson => """{"transitionShare":0.25}""";

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    public void Score_History_IsTheSharesOfBothModels(double share)
    {
        var neighbours = Shares(new SessionKnnTrainer().Fit(Data, new FitContext()));
        var transitions = Shares(new ItemTransitionTrainer().Fit(Data, new FitContext()));
        var scores = Folded(Fit(share), [3, 5], []);
        for (var item = 0; item < scores.Length; item++) (float.IsNegativeInfinity(scores[item]) ? 0 : scores[item]).ShouldBe((float)(((1 - share) * neighbours[item]) + (share * transitions[item])), 1e-6f);
    }

    [Fact]
    public void Update_NewSessions_IsThatOfBothModels()
    {
        var more = OrderedData.Of(20, OrderedData.Random(seed: 13, rows: 90, items: 20, longest: 4));
        var updated = ((IUpdatable)Fit(1)).Update(more, new FitContext());
        var transitions = ((IUpdatable)new ItemTransitionTrainer().Fit(Data, new FitContext())).Update(more, new FitContext());
        var expected = Shares(transitions);
        var scores = Folded(updated, [3, 5], []);
        for (var item = 0; item < scores.Length; item++) (float.IsNegativeInfinity(scores[item]) ? 0 : scores[item]).ShouldBe(expected[item], 1e-6f);
        updated.Users.ShouldBe(90);
    }

    [Fact]
    public void Options_Wrong_SayWhatIsAllowed() =>
        Should.Throw<ArgumentException>(() => Trainers.Create("session-blend", """{"transitionShare":1.5}""")).Message.ShouldContain("0 to 1");

    private static IModel Fit(double share) => new SessionBlendTrainer(new SessionBlendOptions { TransitionShare = share }).Fit(Data, new FitContext());

    /// <summary>Scores of a history made to add up to 1, unknown items as 0.</summary>
    private static float[] Shares(IModel model)
    {
        var scores = Array.ConvertAll(Folded(model, [3, 5], []), score => Math.Max(0, score));
        return Array.ConvertAll(scores, score => score / scores.Sum());
    }
}
