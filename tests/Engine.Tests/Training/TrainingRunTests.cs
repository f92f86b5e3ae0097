using System.Text.Json;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Training;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Engine.Tests.Training;

public sealed class TrainingRunTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    private TrainingOptions Options { get; } = new() { Threads = 2, Cutoff = 5, ValidationShare = 0.2, Keep = 2 };

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Run_OnTwoTastes_PublishesAModelThatBeatsPopularity()
    {
        await this._shop.FillAsync();

        var run = await this.TrainAsync(this.Options);

        run.State.ShouldBe(TrainingState.Published);
        var report = TrainingRun.ReadReport(run)!;
        var chosen = report.Validation.Single(score => score.Model == report.Chosen).Metrics["ndcg@5"];
        chosen.ShouldBeGreaterThan(1.3 * report.Validation.Single(score => score.Model == "popularity").Metrics["ndcg@5"]);
        report.Validation.Select(score => score.Model.Replace("ensemble 30d", "ensemble", StringComparison.Ordinal))
            .ShouldBe(["als", "als 30d", "itemknn", "itemknn 30d", "rp3beta", "rp3beta 30d", "ease", "ease 30d", "content-embeddings", "item-transition", "behaviour-transformer", "popularity", "ensemble"], ignoreOrder: true);
        this._shop.Engine.Models.Serving!.Manifest.Version.ShouldBe(1);
        this._shop.Engine.TrainingRuns.Latest(1).Single().ShouldBe(run);
    }

    [Fact]
    public async Task Run_EventsOnDisk_FindsWhatARunInMemoryFindsAndServes()
    {
        await this._shop.FillAsync();
        var memory = TrainingRun.ReadReport(await this.TrainAsync(this.Options with { Events = EventRoom.Memory, Ensemble = false }))!;

        var disk = TrainingRun.ReadReport(await this.TrainAsync(this.Options with { Events = EventRoom.Disk, Ensemble = false }))!;

        var before = memory.Validation.ToDictionary(score => score.Model, score => score.Metrics);
        foreach (var score in disk.Validation) score.Metrics.ShouldBe(before[score.Model], score.Model);
        this._shop.Engine.Models.Serving!.Manifest.Version.ShouldBe(2);
        Directory.GetFiles(Path.Combine(this._shop.Engine.Directory, "training")).ShouldBeEmpty();
        var scores = new float[this._shop.Engine.Models.Serving.Items];
        this._shop.Engine.Models.Serving.For(ModelRole.Personal)!.ScoreUsers([0], scores);
        scores.ShouldContain(value => float.IsFinite(value));
    }

    [Fact]
    public async Task Run_Report_TellsIntervalsFitTimesAndTheLeadOverTheRunnerUp()
    {
        await this._shop.FillAsync();

        var report = TrainingRun.ReadReport(await this.TrainAsync(this.Options))!;

        foreach (var score in report.Validation)
        {
            var interval = score.Interval.ShouldNotBeNull();
            score.Metrics["ndcg@5"].ShouldBeInRange(interval.Low, interval.High);
            interval.High.ShouldBeGreaterThan(interval.Low);
            score.FitSeconds.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(0);
        }

        var ranked = report.Validation.OrderByDescending(score => score.Metrics["ndcg@5"]).ToList();
        var lead = report.Lead.ShouldNotBeNull();
        report.Chosen.ShouldBe(ranked[0].Model);
        lead.Difference.ShouldBe(ranked[0].Metrics["ndcg@5"] - ranked[1].Metrics["ndcg@5"], 1e-12);
        report.Validation.Single(score => score.Model == lead.RunnerUp).Metrics["ndcg@5"].ShouldBe(ranked[1].Metrics["ndcg@5"]);
        lead.Difference.ShouldBeInRange(lead.Interval.Low, lead.Interval.High);
        this._shop.Engine.Models.Serving!.Manifest.Chosen!.Interval.ShouldBe(ranked[0].Interval);
    }

    [Fact]
    public async Task Run_Progress_NamesEachCandidateAndNeverGoesBack()
    {
        await this._shop.FillAsync();
        var told = new Told();

        await this._shop.Engine.Training.RunAsync(this.Options, "test", told, CancellationToken.None);

        told.All.Select(progress => progress.Fraction).ShouldBe(told.All.Select(progress => progress.Fraction).Order());
        told.All[^1].ShouldBe(new TrainingProgress("done", 1) { Phase = TrainingPhase.Done });
        var tried = told.All.Where(progress => progress.Phase == TrainingPhase.Validating).Select(progress => progress.Recipe!).Distinct();
        tried.ShouldBe(TrainingRun.ReadReport(this._shop.Engine.TrainingRuns.Latest(1).Single())!.Validation.Select(score => score.Model));
    }

    [Theory]
    [InlineData("als", "als", null)]
    [InlineData("als 30d", "als", 30.0)]
    [InlineData("co-purchase 0.5d", "co-purchase", 0.5)]
    public void Recipe_TakenApart_IsWhatWasPutTogether(string recipe, string model, double? halfLife)
    {
        ModelScore.Split(recipe).ShouldBe((model, halfLife));
        ModelScore.RecipeOf(model, halfLife).ShouldBe(recipe);
    }

    [Fact]
    public async Task Run_ValidationScores_ComeFromEventsAfterTheSplitAlone()
    {
        await this._shop.FillAsync();

        var split = TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, long.MaxValue, null, CancellationToken.None).Split(0.2);

        var train = split.Train(null).Interactions;
        var cut = split.At.ToUnixTimeSeconds();
        for (var user = 0; user < train.Users; user++)
        {
            foreach (var time in train.TimesOf(user)) time.ShouldBeLessThan(cut);
            foreach (var item in split.Validation.ItemsOf(user)) train.ItemsOf(user).ToArray().ShouldNotContain(item);
        }

        split.Validation.Count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Run_WorseThanWhatServes_FitsWhatServesOnTheNewestEvents()
    {
        await this._shop.FillAsync();
        await this.TrainAsync(this.Options with { Models = ["itemknn"], HalfLives = [30], Ensemble = false });
        await this._shop.AcceptAsync(this._shop.Event(EventType.View, "newcomer", "tea-1"), this._shop.Event(EventType.View, "newcomer", "tea-2"));

        var run = await this.TrainAsync(this.Options with { Models = ["popularity"], HalfLives = [null], Ensemble = false });

        run.State.ShouldBe(TrainingState.Published);
        var report = TrainingRun.ReadReport(run)!;
        report.Chosen.ShouldBe("itemknn 30d");
        report.Renewed.ShouldBeTrue();
        report.Verdict.ShouldStartWith("Published version 2: itemknn 30d as before, fitted on the newest events, ndcg@5");
        report.Serving!.Metrics["ndcg@5"].ShouldBe(report.Validation.Single(score => score.Model == "itemknn 30d").Metrics["ndcg@5"]);
        var serving = this._shop.Engine.Models.Serving!.Manifest;
        serving.Version.ShouldBe(2);
        serving.Window.Users.ShouldBe(61);
        serving.Part(ModelRole.Personal)!.Recipe.ShouldBe("itemknn 30d");
    }

    [Fact]
    public async Task Run_BetterThanWhatServes_TakesItsPlaceAndReportsBoth()
    {
        await this._shop.FillAsync();
        await this.TrainAsync(this.Options with { Models = ["popularity"], HalfLives = [null], Ensemble = false });

        var report = TrainingRun.ReadReport(await this.TrainAsync(this.Options with { Models = ["itemknn"], Ensemble = false }))!;

        report.Chosen.ShouldStartWith("itemknn");
        report.Renewed.ShouldBeFalse();
        report.Serving!.Model.ShouldBe("popularity");
        report.Validation.Select(score => score.Model).ShouldBeUnique();
    }

    [Fact]
    public async Task Run_OptionsOfWhatServesAreOthers_TheBetterOfTheTwoStandsForTheName()
    {
        await this._shop.FillAsync();
        var narrow = new Dictionary<string, JsonElement> { ["itemknn"] = JsonSerializer.SerializeToElement(new { neighbours = 1, shrinkage = 100 }) };
        await this.TrainAsync(this.Options with { Models = ["itemknn"], HalfLives = [null], Ensemble = false, Settings = narrow });

        var report = TrainingRun.ReadReport(await this.TrainAsync(this.Options with { Models = ["itemknn"], HalfLives = [null], Ensemble = false }))!;

        var score = report.Validation.Single(candidate => candidate.Model == "itemknn").Metrics["ndcg@5"];
        score.ShouldBeGreaterThan(report.Serving!.Metrics["ndcg@5"]);
        this._shop.Engine.Models.Serving!.Manifest.Part(ModelRole.Personal)!.Options.GetProperty("neighbours").GetInt32().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Run_WhatServesCanNoLongerBeFitted_GoesOnWithoutIt()
    {
        await this._shop.FillAsync();
        await this.TrainAsync(this.Options with { Models = ["itemknn"], HalfLives = [null], Ensemble = false });
        var serving = this._shop.Engine.Models.Serving!;
        var data = TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, long.MaxValue, null, CancellationToken.None);
        var vectors = new ContentVectorsTrainer();
        var told = data.All(null) with { ItemVectors = new ItemVectors(1, [.. Enumerable.Repeat(1f, data.Items.Count)]) };
        this._shop.Engine.Models.Publish(
            serving.Manifest with { Parts = [] }, data.Users, data.Items, [(new ModelPart(ModelRole.Personal, vectors.Name, vectors.Options, null, 0, 0), vectors.Fit(told, new FitContext()))], keep: 5);

        var report = TrainingRun.ReadReport(await this.TrainAsync(this.Options with { Models = ["itemknn"], HalfLives = [null], Ensemble = false }))!;

        report.Chosen.ShouldBe("itemknn");
        report.Serving.ShouldBeNull();
    }

    [Fact]
    public async Task Run_ShoppersWhoNeverCameBack_LeavesTheTransformerOutAndPublishes()
    {
        await this._shop.AcceptAsync([.. Enumerable.Range(0, 300).Select(i => this._shop.Event(EventType.View, $"u{i}", $"tea-{i % 7}", daysAgo: 30 - (i / 10)))]);

        var run = await this.TrainAsync(this.Options with { HalfLives = [null] });

        run.State.ShouldBe(TrainingState.Published);
        var train = TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, long.MaxValue, null, CancellationToken.None).Split(0.2).Train(null);
        var tried = Candidates.Of(this.Options, train).Select(recipe => recipe.Trainer.Name);
        tried.ShouldContain("item-transition");
        tried.ShouldNotContain("behaviour-transformer");
        Candidates.Of(this.Options with { Also = ["behaviour-transformer"] }, train).Select(recipe => recipe.Trainer.Name).ShouldContain("behaviour-transformer");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(4000, false)]
    public async Task Candidates_TransformerLeftToTheRun_IsTriedWhereItsEstimateFits(int epochs, bool expected)
    {
        await this._shop.FillAsync();
        var train = TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, long.MaxValue, null, CancellationToken.None).Split(0.2).Train(null);
        var settings = new Dictionary<string, JsonElement> { ["behaviour-transformer"] = JsonSerializer.SerializeToElement(new { epochs }) };

        var tried = Candidates.Of(this.Options with { Settings = settings }, train);

        tried.Exists(recipe => recipe.Trainer.Name == "behaviour-transformer").ShouldBe(expected);
    }

    [Fact]
    public async Task Run_BehaviourTransformer_LearnsKindsAndContentOnceWithoutDecayAndServes()
    {
        await this._shop.FillAsync();
        var small = new Dictionary<string, JsonElement> { ["behaviour-transformer"] = JsonSerializer.SerializeToElement(new { dimensions = 16, blocks = 1, epochs = 15, learningRate = 0.01 }) };

        var run = await this.TrainAsync(this.Options with { Models = ["behaviour-transformer"], Settings = small, Ensemble = false });

        TrainingRun.ReadReport(run)!.Validation.Select(score => score.Model).ShouldBe(["behaviour-transformer", "itemknn", "popularity"]);
        var model = this._shop.Engine.Models.Serving!.For(ModelRole.Personal).ShouldBeOfType<BehaviourTransformerModel>();
        model.Kinds.ShouldBe((int)EventType.View + 1);

        // Nobody has touched it; what the catalogue tells of it makes it one of the tea.
        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("tea-new", "Tea")], CancellationToken.None);
        await this.TrainAsync(this.Options with { Models = ["behaviour-transformer"], Settings = small, Ensemble = false });
        var list = this._shop.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = Scenario.RecommendedForYou, User = new UserId("tea-lover-1"), Count = 12 });
        list.Items.Select(item => item.Id.Value).Take(3).ShouldAllBe(item => item.StartsWith("tea", StringComparison.Ordinal));
        list.Items[0].Source.ShouldBe("personal");
        list.Items[0].Reason.Kind.ShouldBe(ReasonKind.BecauseOfHistory);
        list.Items.Select(item => item.Id.Value).ShouldContain("tea-new");
    }

    [Fact]
    public async Task Run_Repeatedly_KeepsTheLastVersionsAndRollsBack()
    {
        await this._shop.FillAsync();
        for (var i = 0; i < 3; i++) await this.TrainAsync(this.Options);
        var models = this._shop.Engine.Models;

        models.Versions().Select(version => version.Version).ShouldBe([3, 2]);
        models.Activate(2).Manifest.Version.ShouldBe(2);
        await this._shop.ReopenAsync();
        this._shop.Engine.Models.Serving!.Manifest.Version.ShouldBe(2);
        Should.Throw<ArgumentException>(() => this._shop.Engine.Models.Activate(1)).Message.ShouldBe("There is no model version 1. On disk: 2, 3.");
    }

    [Fact]
    public async Task Run_AfterARollbackToTheOldest_NeverDeletesWhatServes()
    {
        await this._shop.FillAsync();
        for (var i = 0; i < 2; i++) await this.TrainAsync(this.Options);
        this._shop.Engine.Models.Activate(1);

        await this.TrainAsync(this.Options with { Models = ["popularity"], HalfLives = [null] });

        this._shop.Engine.Models.Versions().Select(version => version.Version).ShouldContain(this._shop.Engine.Models.Serving!.Manifest.Version);
    }

    [Fact]
    public async Task Run_EmptyStore_SaysWhatToDoAndIsOnRecord()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => this.TrainAsync(this.Options));

        failure.Message.ShouldContain("aisle import");
        this._shop.Engine.TrainingRuns.Latest(1).Single().State.ShouldBe(TrainingState.Failed);
    }

    [Fact]
    public async Task Run_Cancelled_IsOnRecordAndPublishesNothing()
    {
        await this._shop.FillAsync();
        using var cancelled = new CancellationTokenSource();

        var run = await this._shop.Engine.Training.RunAsync(this.Options, "test", new CancelAt("validating", cancelled), cancelled.Token);

        run.State.ShouldBe(TrainingState.Cancelled);
        this._shop.Engine.Models.Serving.ShouldBeNull();
    }

    [Fact]
    public async Task Run_WhileAnotherRuns_IsRefused()
    {
        await this._shop.FillAsync();
        Exception? second = null;

        await this._shop.Engine.Training.RunAsync(
            this.Options, "test", new Reaction(() => second ??= Record.Exception(() => this.TrainAsync(this.Options).GetAwaiter().GetResult())), CancellationToken.None);

        second.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("in progress");
    }

    [Fact]
    public async Task Run_WrongOption_IsRefusedByName()
    {
        var failure = await Should.ThrowAsync<ArgumentException>(() => this.TrainAsync(this.Options with { ValidationShare = 0.9 }));

        failure.Message.ShouldContain("validation share is 0.9");
    }

    [Fact]
    public async Task Run_SameStoreAndSeed_GivesTheSameModelFile()
    {
        await this._shop.FillAsync();
        await this.TrainAsync(this.Options);
        await this.TrainAsync(this.Options);

        var first = await File.ReadAllBytesAsync(Path.Combine(this._shop.Directory, "models", "000001.model"));
        var second = await File.ReadAllBytesAsync(Path.Combine(this._shop.Directory, "models", "000002.model"));
        // Up to the manifest, which holds the version.
        var numbers = (int)this._shop.Engine.Models.Versions()[^1].Parts.Max(part => part.Offset + part.Length);
        first.AsSpan(0, numbers).SequenceEqual(second.AsSpan(0, numbers)).ShouldBeTrue();
    }

    private Task<TrainingRunRecord> TrainAsync(TrainingOptions options) =>
        this._shop.Engine.Training.RunAsync(options, "test", null, CancellationToken.None);

    private sealed class CancelAt(string stage, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Stage.StartsWith(stage, StringComparison.Ordinal)) source.Cancel();
        }
    }

    private sealed class Told : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> All { get; } = [];

        public void Report(TrainingProgress value) => this.All.Add(value);
    }

    private sealed class Reaction(Action react) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => react();
    }
}
