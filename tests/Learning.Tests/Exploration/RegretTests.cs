using Aisle.Learning.Exploration;

namespace Aisle.Learning.Tests.Exploration;

/// <summary>That policies find what is best: the reward they lose grows ever more slowly.</summary>
public sealed class RegretTests
{
    [Theory]
    [InlineData(ChoiceRule.Thompson, 1)]
    [InlineData(ChoiceRule.Optimistic, 0.7)]
    public void Counts_TenActions_LoseEverLess(ChoiceRule rule, double optimism)
    {
        double[] rates = [0.05, 0.1, 0.12, 0.08, 0.3, 0.2, 0.15, 0.1, 0.05, 0.25];
        long[] actions = [.. Enumerable.Range(0, 10).Select(a => (long)a)];
        var policy = new Policy(new PolicyOptions { Rule = rule, Uniform = 0, Optimism = optimism });
        var (early, late) = (0.0, 0.0);
        for (var i = 0; i < 4000; i++)
        {
            var decision = policy.Choose(new Choices(actions), 1, i);
            var rate = rates[decision.Actions[0]];
            policy.Learn(decision, [new RandomStream(4, i).UniformDouble() < rate ? 1 : 0]);
            if (i < 1000) early += 0.3 - rate;
            if (i >= 3000) late += 0.3 - rate;
        }

        // As many decisions, and less than half of the loss; choosing at random would lose 160 in each.
        late.ShouldBeLessThan(early / 2);
        late.ShouldBeLessThan(24);
        policy.Probabilities(new Choices(actions), 1)[4].ShouldBeGreaterThan(0.7);
    }

    [Theory]
    [InlineData(Belief.SharedLinear, ChoiceRule.Optimistic)]
    [InlineData(Belief.SharedLinear, ChoiceRule.Thompson)]
    [InlineData(Belief.Linear, ChoiceRule.Optimistic)]
    [InlineData(Belief.Linear, ChoiceRule.Thompson)]
    public void Linear_RewardsOfAContext_AreLearned(Belief belief, ChoiceRule rule)
    {
        var policy = new Policy(new PolicyOptions { Belief = belief, Rule = rule, Dimensions = 4, Uniform = 0, Draws = 50, Optimism = 0.5 });
        var (early, late) = (0.0, 0.0);
        const int rounds = 2000;
        for (var i = 0; i < rounds; i++)
        {
            var random = new RandomStream(9, i);
            var context = random.Normal();

            // Of the shared belief each action's row tells context and action apart; of the others all see the context.
            float[] features = belief == Belief.Linear ? [1, context, 0, 0] : [1, context, 0, 0, 1, 0, context, 0, 1, 0, 0, context];
            double[] means = [0.5 + (0.4 * context), 0.5, 0.5 - (0.4 * context)];
            if (belief == Belief.SharedLinear) means = [0.3 + (0.5 * context), 0.3 + (0.1 * context), 0.3 - (0.4 * context)];
            var decision = policy.Choose(new Choices([1, 2, 3], features), 1, i);
            var mean = means[decision.Actions[0] - 1];
            policy.Learn(decision, [mean + (0.3 * random.Normal())]);
            if (i < rounds / 4) early += means.Max() - mean;
            if (i >= rounds * 3 / 4) late += means.Max() - mean;
        }

        late.ShouldBeLessThan(early * 0.6);
        late.ShouldBeLessThan(0.04 * rounds / 4);
    }

    [Theory]
    [InlineData(ChoiceRule.Thompson)]
    [InlineData(ChoiceRule.Optimistic)]
    public void Cascade_SlatesOfThree_FindTheMostAttractive(ChoiceRule rule)
    {
        double[] attractions = [0.02, 0.3, 0.05, 0.25, 0.1, 0.4, 0.02, 0.05, 0.08, 0.1];
        long[] actions = [.. Enumerable.Range(0, 10).Select(a => (long)a)];
        var policy = new Policy(new PolicyOptions { Rule = rule, Feedback = SlateFeedback.Cascade, Uniform = 0, Optimism = 0.7 });
        for (var i = 0; i < 2000; i++)
        {
            var random = new RandomStream(5, i);
            var decision = policy.Choose(new Choices(actions), 3, i);
            var rewards = new double[3];
            for (var place = 0; place < 3; place++)
            {
                if (random.UniformDouble() >= attractions[decision.Actions[place]]) continue;
                rewards[place] = 1;
                break;
            }

            policy.Learn(decision, rewards);
        }

        actions.OrderByDescending(action => policy.Expect(action).Mean).Take(3).Order().ShouldBe([1, 3, 5]);
    }

    [Fact]
    public void Apprentice_OfAGoodBaseline_ComesToAgreeAndKnowsWhatItEarns()
    {
        var apprentice = new Apprentice(new Policy(new PolicyOptions { Uniform = 0 }));
        apprentice.Report.Decisions.ShouldBe(0);
        double[] rates = [0.1, 0.4, 0.2];
        for (var i = 0; i < 600; i++)
        {
            // The baseline shows action 2 mostly, the others now and then.
            var random = new RandomStream(6, i);
            var chosen = random.UniformDouble() < 0.7 ? 1 : random.Below(3);
            apprentice.Watch(new Choices([1, 2, 3]), [chosen + 1], [random.UniformDouble() < rates[chosen] ? 1 : 0], i);
        }

        var report = apprentice.Report;
        report.Decisions.ShouldBe(600);
        report.Agreement.ShouldBeGreaterThan(0.6);
        report.BaselineReward.ShouldBe(0.35, 0.05);
        report.PredictedBaselineReward.ShouldBe(report.BaselineReward, 0.04);
        report.PredictedReward.ShouldBe(0.4, 0.06);
        apprentice.Policy.Probabilities(new Choices([1, 2, 3]), 1)[1].ShouldBeGreaterThan(0.95);
    }
}
