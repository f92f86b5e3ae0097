using Aisle.Engine.ChoicePoints;
using Aisle.Engine.Profiles;
using Aisle.Learning.Exploration;

namespace Aisle.Engine.Tests.ChoicePoints;

public sealed class ChoiceServiceTests : IAsyncDisposable
{
    private const string Banner = "choices: {banner: {policy: {prior_failures: 9}, learns: at-reward}}";
    private static readonly IReadOnlyDictionary<string, FeatureValue> Nothing = new Dictionary<string, FeatureValue>();

    private readonly SmallShop _shop = new();
    private readonly Random _random = new(11);

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private ChoiceService Choices => this._shop.Engine.Choices;

    [Fact]
    public async Task Rank_WithRewards_LearnsTheBestAction()
    {
        var point = await this.PublishAsync(Banner);

        await this.LiveAsync(point, 1000, RateOf);

        var figures = this.Choices.Figures(point);
        figures.Actions[0].Id.ShouldBe("good");
        figures.Actions[0].Expected!.Value.ShouldBe(0.5, 0.08);
        figures.Actions[0].Chosen.ShouldBeGreaterThan(700);
        figures.MeanReward.ShouldBeGreaterThan(0.4);
        figures.Decisions.ShouldBe(1000);
        figures.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Rank_ByFeaturesOfActionAndContext_LearnsWhatFitsWhom()
    {
        var point = await this.PublishAsync(
            """
            choices:
              layout:
                policy: {belief: shared-linear, rule: greedy, exploration: 0.1}
                learns: at-reward
                features:
                  colour: {kind: category, values: [red, blue]}
                  device: {kind: category, values: [phone, desk], of: context}
                crosses: [[colour, device]]
            """);
        ChoiceQuestion Ask(string device) => new(
            Map("device", device), [new ChoiceAction("r", Map("colour", "red")), new ChoiceAction("b", Map("colour", "blue"))]);

        for (var visit = 0; visit < 300; visit++)
        {
            var device = visit % 2 == 0 ? "phone" : "desk";
            var record = await this.Choices.RankAsync(point, Ask(device), 1, null, null, CancellationToken.None);
            var fits = record.Question.Actions[record.Chosen[0]].Id == (device == "phone" ? "r" : "b");
            await this.Choices.RewardAsync(point, record.Id, null, fits ? 5 : 1, CancellationToken.None);
        }

        for (var visit = 0; visit < 20; visit++)
        {
            var (phone, desk) = (await this.Choices.RankAsync(point, Ask("phone"), 1, null, $"p{visit}", CancellationToken.None), await this.Choices.RankAsync(point, Ask("desk"), 1, null, $"d{visit}", CancellationToken.None));
            phone.Propensities[0].ShouldBe(phone.Chosen[0] == 0 ? 0.95 : 0.05, 1e-9);
            desk.Propensities[0].ShouldBe(desk.Chosen[0] == 1 ? 0.95 : 0.05, 1e-9);
        }
    }

    [Fact]
    public async Task Rank_OfTheSameState_HasPropensitiesThatSumToOne()
    {
        var point = await this.PublishAsync("choices: {banner: {policy: {prior_failures: 9}}}");
        var propensities = new Dictionary<string, double>();

        for (var visit = 0; visit < 300; visit++)
        {
            var record = await this.RankAsync(point);
            propensities[record.Question.Actions[record.Chosen[0]].Id] = record.Propensities[0];
        }

        propensities.Count.ShouldBe(3);
        propensities.Values.Sum().ShouldBe(1, 1e-9);
    }

    [Fact]
    public async Task Rank_ASlate_NamesEachActionOnce_AndFewerThanAskedWhereThereAreFewer()
    {
        var point = await this.PublishAsync("choices: {rows: {feedback: cascade}}");

        var record = await this.Choices.RankAsync(point, Question, 9, null, null, CancellationToken.None);

        record.Chosen.Order().ShouldBe([0, 1, 2]);
        record.Propensities[2].ShouldBe(1, 1e-9);
    }

    [Theory]
    [InlineData("counts")]
    [InlineData("linear")]
    [InlineData("shared-linear")]
    public async Task Restart_KeepsAllThatWasAcknowledged_AndDecidesTheSameToTheBit(string belief)
    {
        var point = await this.PublishAsync(
            $"choices: {{banner: {{policy: {{belief: {belief}}}, learns: at-reward, half_life_days: 1, features: {{price: {{kind: number, from: 0, to: 9}}}}}}}}");
        var question = new ChoiceQuestion(Nothing, [.. Question.Actions.Select((action, place) => action with { Features = new Dictionary<string, FeatureValue> { ["price"] = new(place * 3, null) } })]);
        for (var group = 0; group < 23; group++)
        {
            var made = await Task.WhenAll(Enumerable.Range(0, 220).Select(_ => this.Choices.RankAsync(point, question, 1, null, null, CancellationToken.None)));
            var rewards = made.Select(record => this._random.NextDouble() < RateOf(record.Question.Actions[record.Chosen[0]].Id) ? 1.0 : 0).ToList();
            await Task.WhenAll(made.Zip(rewards, (record, reward) => this.Choices.RewardAsync(point, record.Id, null, reward, CancellationToken.None)));
            this._shop.Time.Advance(TimeSpan.FromHours(3));
        }

        var open = await this.Choices.RankAsync(point, question, 1, null, "open", CancellationToken.None);
        await this._shop.Engine.TendAsync(CancellationToken.None);
        var before = this.Choices.Figures(point);
        var decisions = Decide(this.Choices.LearnedOf(point), question);

        await this._shop.ReopenAsync();

        point = this.Choices.Current.Find("banner")!;
        var after = this.Choices.Figures(point);
        after.Actions.ShouldBe(before.Actions);
        (after.Decisions, after.MeanReward).ShouldBe((before.Decisions, before.MeanReward));
        (await this.Choices.RankAsync(point, question, 1, null, "open", CancellationToken.None)).Propensities.ShouldBe(open.Propensities);
        Decide(this.Choices.LearnedOf(point), question).ShouldBe(decisions);
        (await this.Choices.RewardAsync(point, "open", null, 1, CancellationToken.None))!.Outcome.ShouldBe(RewardOutcome.Recorded);
    }

    [Fact]
    public async Task Apprentice_AnswersTheCallersOrder_AndComesToAgreeWithAGoodOne()
    {
        var point = await this.PublishAsync("choices: {banner: {mode: apprentice, policy: {prior_failures: 9}, learns: at-reward}}");

        for (var visit = 0; visit < 500; visit++)
        {
            // The caller mostly knows best.
            var best = this._random.NextDouble() < 0.8 ? "good" : "poor";
            var question = Question with { Actions = [.. Question.Actions.OrderBy(action => action.Id != best)] };
            var record = await this.Choices.RankAsync(point, question, 1, null, null, CancellationToken.None);
            record.Chosen.ShouldBe([0]);
            record.Propensities.ShouldBe([1]);
            await this.Choices.RewardAsync(point, record.Id, best, this._random.NextDouble() < RateOf(best) ? 1 : 0, CancellationToken.None);
        }

        var apprentice = this.Choices.Figures(point).Apprentice.ShouldNotBeNull();
        apprentice.Decisions.ShouldBe(500);
        apprentice.Agreement.ShouldBe(0.8, 0.1);
        apprentice.BaselineReward.ShouldBe(0.42, 0.08);
    }

    [Fact]
    public async Task Off_LogsAndLearnsNothing()
    {
        var point = await this.PublishAsync("choices: {banner: {mode: off, learns: at-reward}}");
        await this.LiveAsync(point, 50, _ => 1);

        var figures = this.Choices.Figures(point);

        (figures.Decisions, figures.MeanReward).ShouldBe((50, 1));
        figures.Actions.Single().Expected.ShouldBe(0.5);
    }

    [Fact]
    public async Task Expiry_LearnsTheDefaultReward_AndRefusesLateOnes()
    {
        var point = await this.PublishAsync("choices: {banner: {window_minutes: 10, default_reward: 0.25}}");
        var (silent, rewarded) = (await this.RankAsync(point), await this.RankAsync(point));
        (await this.Choices.RewardAsync(point, rewarded.Id, null, 1, CancellationToken.None))!.Outcome.ShouldBe(RewardOutcome.Recorded);
        this._shop.Time.Advance(TimeSpan.FromMinutes(9));
        await this._shop.Engine.TendAsync(CancellationToken.None);
        this.Choices.Figures(point).Decisions.ShouldBe(0);
        this.Choices.Figures(point).Waiting.ShouldBe(2);

        this._shop.Time.Advance(TimeSpan.FromMinutes(1));
        (await this.Choices.RewardAsync(point, silent.Id, null, 1, CancellationToken.None))!.Outcome.ShouldBe(RewardOutcome.Late);
        await this._shop.Engine.TendAsync(CancellationToken.None);

        var figures = this.Choices.Figures(point);
        (figures.Decisions, figures.Waiting, figures.MeanReward).ShouldBe((2, 0, 0.625));
        (await this.Choices.RewardAsync(point, silent.Id, null, 1, CancellationToken.None))!.Outcome.ShouldBe(RewardOutcome.Late);
        (await this.Choices.RewardAsync(point, "never-made", null, 1, CancellationToken.None))!.Outcome.ShouldBe(RewardOutcome.Unknown);
    }

    [Fact]
    public async Task SameId_GivesTheSameAnswer_AndTheFirstRewardStands()
    {
        var point = await this.PublishAsync("choices: {banner: {}}");
        var first = await this.Choices.RankAsync(point, Question, 3, "ann", "cart-7", CancellationToken.None);
        var together = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => this.Choices.RankAsync(point, Question, 1, "ann", "cart-8", CancellationToken.None)));

        (await this.Choices.RankAsync(point, Question, 1, "ann", "cart-7", CancellationToken.None)).Chosen.ShouldBe(first.Chosen);
        together.Select(record => record.Sequence).Distinct().Count().ShouldBe(1);
        (await this.Choices.RewardAsync(point, "cart-7", "good", 1, CancellationToken.None))!.ShouldSatisfyAllConditions(answer => answer.Outcome.ShouldBe(RewardOutcome.Recorded), answer => answer.Place.ShouldBe(Array.IndexOf(first.Chosen, 0)));
        (await this.Choices.RewardAsync(point, "cart-7", "good", 0.5, CancellationToken.None))!.ShouldSatisfyAllConditions(answer => answer.Outcome.ShouldBe(RewardOutcome.Known), answer => answer.Value.ShouldBe(1));
        (await this.Choices.RewardAsync(point, "cart-7", "unheard-of", 1, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task AChangedPolicy_LearnsTheLogAnew()
    {
        var point = await this.PublishAsync(Banner);
        await this.LiveAsync(point, 300, RateOf);

        var changed = await this.PublishAsync("choices: {banner: {policy: {belief: linear, rule: greedy, exploration: 0}, learns: at-reward}}");
        var record = await this.Choices.RankAsync(changed, Question, 1, null, null, CancellationToken.None);

        record.Chosen.ShouldBe([0]);
        this.Choices.Figures(changed).Decisions.ShouldBe(300);
    }

    [Fact]
    public async Task Attributes_OfTheShopper_AreLoggedAsTheyWere()
    {
        var point = await this.PublishAsync("choices: {banner: {policy: {belief: linear}, features: {country: {of: shopper, buckets: 4}}}}");
        await this._shop.Engine.Users.UpsertAsync([new User { Id = new UserId("ann"), Attributes = new Dictionary<string, string> { ["country"] = "FR", ["age"] = "40" } }], CancellationToken.None);

        var record = await this.Choices.RankAsync(point, Question, 1, "ann", null, CancellationToken.None);

        record.Question.Context.Single().ShouldBe(KeyValuePair.Create("country", new FeatureValue(0, "FR")));
    }

    [Fact]
    public async Task Trim_DropsOnlyWhatASnapshotHasLearned()
    {
        var point = await this.PublishAsync("choices: {banner: {window_minutes: 1, keep: {decisions: 1000, days: 1}}}");
        await this.ManyAsync(point, LearnedChoice.SnapshotEvery + 200);
        this._shop.Time.Advance(TimeSpan.FromDays(2));
        await this._shop.Engine.TendAsync(CancellationToken.None);
        this._shop.Time.Advance(TimeSpan.FromDays(2));
        await this._shop.Engine.TendAsync(CancellationToken.None);
        var before = this.Choices.Figures(point);

        await this._shop.ReopenAsync();

        point = this.Choices.Current.Find("banner")!;
        this.Choices.Figures(point).Actions.ShouldBe(before.Actions);
        this.Choices.Figures(point).Decisions.ShouldBe(LearnedChoice.SnapshotEvery + 200);
        this.Choices.Evaluate(point, ChoiceCandidate.Uniform, null, 100_000, new OffPolicyOptions(), CancellationToken.None).Decisions.ShouldBe(160);
    }

    [Theory]
    [InlineData(ChoiceCandidate.First, 0.5)]
    [InlineData(ChoiceCandidate.Uniform, 0.25)]
    public async Task Evaluation_OfABaseline_HoldsTheTruth(ChoiceCandidate candidate, double truth)
    {
        var point = await this.PublishAsync("choices: {banner: {policy: {rule: greedy, exploration: 0.5, prior_failures: 9}, learns: at-reward}}");
        await this.LiveAsync(point, 2500, RateOf);

        var report = this.Choices.Evaluate(point, candidate, null, 100_000, new OffPolicyOptions { Level = 0.99 }, CancellationToken.None);

        report.Problem.ShouldBeNull();
        report.Decisions.ShouldBe(2000);
        foreach (var estimate in new[] { report.Candidate!.Ips!, report.Candidate.SelfNormalised!, report.Candidate.DoublyRobust! })
            truth.ShouldBeInRange(estimate.Interval.Low, estimate.Interval.High);
        report.Candidate.DoublyRobust!.Error.ShouldBeLessThan(0.05);
    }

    [Fact]
    public async Task Evaluation_OfAPolicyThatLearns_TellsItFromABadOne_AndNamesWhatIsMissing()
    {
        var point = await this.PublishAsync("choices: {banner: {policy: {exploration: 1}, learns: at-reward}}");
        this.Choices.Evaluate(point, ChoiceCandidate.Policy, null, 1000, new OffPolicyOptions(), CancellationToken.None).Problem!.ShouldContain("chance");
        await this.LiveAsync(point, 1500, RateOf);
        var greedy = ChoicePointSet.ReadPolicy("{rule: greedy, exploration: 0, prior_failures: 9}", point);

        var report = this.Choices.Evaluate(point, ChoiceCandidate.Policy, greedy, 100_000, new OffPolicyOptions(), CancellationToken.None);

        report.Candidate!.DoublyRobust!.Interval.Low.ShouldBeGreaterThan(report.Logged!.Ips!.Interval.High);
        0.5.ShouldBeInRange(report.Candidate.DoublyRobust.Interval.Low, report.Candidate.DoublyRobust.Interval.High);
    }

    [Fact]
    public async Task Rewards_OfActions_HaveTheIntervalsOfTheLastDecisions()
    {
        var point = await this.PublishAsync("choices: {banner: {policy: {exploration: 1}, learns: at-reward}}");
        this.Choices.Rewards(point, 100).ShouldBeEmpty();
        await this.LiveAsync(point, 1500, RateOf);

        var rewards = this.Choices.Rewards(point, 1000);

        rewards.Sum(action => action.Places).ShouldBe(1000);
        rewards.Select(action => action.Places).ShouldBeInOrder(SortDirection.Descending);
        var good = rewards.Single(action => action.Id == "good");
        // Chance decides, so the interval is looked at and not what it is sure of.
        good.Mean.ShouldBe(0.5, 0.15);
        good.Mean.ShouldBeInRange(good.Low, good.High);
        (good.High - good.Low).ShouldBeLessThan(0.15);
        good.Low.ShouldBeGreaterThan(rewards.Single(action => action.Id == "fair").High);
    }

    [Fact]
    public void RewardIntervals_AreWilsonsForShares_AndNormalForAmounts()
    {
        var share = ActionRewards.Of("a", [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
        (share.Mean, Math.Round(share.Low, 4), Math.Round(share.High, 4)).ShouldBe((0.5, 0.2366, 0.7634));
        ActionRewards.Of("a", [0, 0]).High.ShouldBeGreaterThan(0.5);
        var amount = ActionRewards.Of("a", [1, 2, 3]);
        (amount.Mean, Math.Round(amount.Low, 4), Math.Round(amount.High, 4)).ShouldBe((2, 0.8684, 3.1316));
        ActionRewards.Of("a", [4.5]).Low.ShouldBe(double.NaN);
    }

    private static ChoiceQuestion Question { get; } = new(Nothing, [.. new[] { "good", "fair", "poor" }.Select(id => new ChoiceAction(id, Nothing))]);

    private static double RateOf(string action) => action switch { "good" => 0.5, "fair" => 0.15, _ => 0.1 };

    private static Dictionary<string, FeatureValue> Map(string name, string value) => new() { [name] = new FeatureValue(0, value) };

    private async Task<ChoicePoint> PublishAsync(string document)
    {
        var published = this._shop.Engine.ChoicePoints;
        await published.PublishAsync(document, null, published.Version?.Version ?? 0, CancellationToken.None);
        return published.Current.Points.Single();
    }

    private Task<ChoiceRecord> RankAsync(ChoicePoint point) => this.Choices.RankAsync(point, Question, 1, null, null, CancellationToken.None);

    private async Task LiveAsync(ChoicePoint point, int visits, Func<string, double> rate)
    {
        const int together = 25;
        for (var done = 0; done < visits; done += together)
        {
            var records = await Task.WhenAll(Enumerable.Range(0, together).Select(_ => this.RankAsync(point)));
            var rewards = records.Select(record => this._random.NextDouble() < rate(record.Question.Actions[record.Chosen[0]].Id) ? 1.0 : 0).ToList();
            await Task.WhenAll(records.Zip(rewards, (record, reward) => this.Choices.RewardAsync(point, record.Id, null, reward, CancellationToken.None)));
        }
    }

    private async Task ManyAsync(ChoicePoint point, int visits)
    {
        for (var done = 0; done < visits; done += 400)
            await Task.WhenAll(Enumerable.Range(done, Math.Min(400, visits - done)).Select(visit => this.Choices.RankAsync(point, Question, 1, null, $"v{visit}", CancellationToken.None)));
    }

    /// <summary>Propensities of many decisions to the last bit.</summary>
    private static List<double> Decide(LearnedChoice learned, ChoiceQuestion question)
    {
        learned.Settled.ShouldBeGreaterThan(LearnedChoice.SnapshotEvery);
        var rows = LearnedChoice.Rows(learned.Point.Policy, learned.Point.Features, question);
        return [.. Enumerable.Range(0, 50).SelectMany(number => learned.Policy.Choose(new Choices(question.Numbers(), rows), 3, number).Propensities)];
    }
}
