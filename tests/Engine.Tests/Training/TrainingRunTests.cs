using Aisle.Engine.Training;

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
            .ShouldBe(["als", "als 30d", "itemknn", "itemknn 30d", "rp3beta", "rp3beta 30d", "ease", "ease 30d", "content-embeddings", "popularity", "ensemble"], ignoreOrder: true);
        this._shop.Engine.Models.Serving!.Manifest.Version.ShouldBe(1);
        this._shop.Engine.TrainingRuns.Latest(1).Single().ShouldBe(run);
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

        var train = split.Train(null);
        var cut = split.At.ToUnixTimeSeconds();
        for (var user = 0; user < train.Users; user++)
        {
            foreach (var time in train.TimesOf(user)) time.ShouldBeLessThan(cut);
            foreach (var item in split.Validation.ItemsOf(user)) train.ItemsOf(user).ToArray().ShouldNotContain(item);
        }

        split.Validation.Count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Run_WorseThanWhatServes_IsNotPublished()
    {
        await this._shop.FillAsync();
        await this.TrainAsync(this.Options);

        var run = await this.TrainAsync(this.Options with { Models = ["popularity"], HalfLives = [null] });

        run.State.ShouldBe(TrainingState.NotBetter);
        TrainingRun.ReadReport(run)!.Verdict.ShouldStartWith("Not published: popularity reaches ndcg@5");
        this._shop.Engine.Models.Serving!.Manifest.Version.ShouldBe(1);
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

        this._shop.Engine.Models.Versions().Select(version => version.Version).ShouldContain(1);
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
