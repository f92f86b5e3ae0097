using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Engine.Catalog;
using Aisle.Engine.Catalog.Embeddings;
using Aisle.Engine.Events;
using Aisle.Learning.Data;
using Aisle.Learning.Distributed;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>
/// One run from events to a published model: read, split by time, fit the candidates and the baselines, evaluate them on validation,
/// refit the best on everything, publish if it is not worse than what serves.
/// </summary>
public sealed class TrainingRun(
    IEventStore events, Catalogue catalogue, EmbeddingsClient? embeddings, ModelRegistry registry, ITrainingRunStore runs, string lockFile, TimeProvider time)
{
    private const string Baseline = PopularityTrainer.ModelName;
    private const string Neighbours = ItemNeighboursTrainer.ModelName;

    /// <summary>
    /// Likeness of what nobody touched yet. With a tenth of the items hidden, this many of ten look-alikes are among the item's twenty true neighbours:
    /// 6.6 in the demo shop and 3.8 on online-retail, by content-text 5.6 and 3.2, by content-attributes 6.1 and 0.4.
    /// </summary>
    private const string LookAlikes = ContentEmbeddingsTrainer.ModelName;

    /// <summary>Factors of the look-alikes: 128 find no more.</summary>
    private const int LookAlikeFactors = 64;

    /// <summary>
    /// Shrinkage of the neighbours within baskets: two things in one basket are chance more often than two that one shopper looked at. On baskets held
    /// out by time, NDCG@10 .204 on online-retail against .197 with the default of 20; co-purchase rules reach .204 too, at many times the cost, and tell
    /// half as much of rare items.
    /// </summary>
    private const double BasketShrinkage = 100;

    /// <summary>Items up to which EASE, an inverse of items × items, takes about a second.</summary>
    private const int SmallCatalogue = 2000;

    /// <summary>Members of the ensemble that is tried: each costs its fit twice, and a request its scores.</summary>
    private const int MostMembers = 3;

    /// <summary>Runs to the end and records it, also when it fails or is cancelled.</summary>
    /// <exception cref="InvalidOperationException">Another run is in progress, or the store holds too little to learn from.</exception>
    public async Task<TrainingRunRecord> RunAsync(
        TrainingOptions options, string trigger, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        options.Check();
        if (options.Processes.Rank > 0) return await this.FollowAsync(options, trigger, cancellation);
        using var exclusive = this.Lock();
        var started = time.GetUtcNow();
        var record = new TrainingRunRecord(
            await runs.StartAsync(trigger, started, cancellation), trigger, TrainingState.Running, started, null, null, null, null);
        try
        {
            var (report, version) = await Task.Run(() => this.RunStagesAsync(options, progress, cancellation), cancellation);
            record = record with
            {
                State = version is null ? TrainingState.NotBetter : TrainingState.Published,
                ModelVersion = version?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Report = JsonSerializer.Serialize(report!, ModelJson.Default.TrainingReport),
            };
            options.Checkpoint?.Delete();
        }
        catch (OperationCanceledException)
        {
            record = record with { State = TrainingState.Cancelled, Error = "The run was cancelled; what served goes on serving." };
        }
        catch (Exception failure)
        {
            record = record with { State = TrainingState.Failed, Error = failure.Message };
            throw;
        }
        finally
        {
            record = record with { FinishedAt = time.GetUtcNow() };
            await runs.FinishAsync(record, CancellationToken.None);
        }

        return record;
    }

    /// <summary>Does what the first process does, as far as that one needs it, and leaves records and publishing to it.</summary>
    private async Task<TrainingRunRecord> FollowAsync(TrainingOptions options, string trigger, CancellationToken cancellation)
    {
        var started = time.GetUtcNow();
        await Task.Run(() => this.RunStagesAsync(options, null, cancellation), cancellation);
        return new TrainingRunRecord(0, trigger, TrainingState.Published, started, time.GetUtcNow(), null, null, null);
    }

    public static TrainingReport? ReadReport(TrainingRunRecord run) =>
        run.Report is null ? null : JsonSerializer.Deserialize(run.Report, ModelJson.Default.TrainingReport);

    private FileStream Lock()
    {
        try
        {
            return new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held)
        {
            throw new InvalidOperationException("Another training run of this store is in progress. Wait for it, or cancel it first.", held);
        }
    }

    /// <returns>No report in processes that follow the first.</returns>
    private async Task<(TrainingReport? Report, int? Version)> RunStagesAsync(TrainingOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var stages = new TrainingStages(progress, time);
        stages.Begin("reading events", TrainingPhase.Reading, 0, 0.1);
        long[] last = [options.Processes.Rank == 0 ? events.LastSequence() : 0];
        options.Processes.Broadcast(last.AsSpan());
        var data = TrainingData.Read(events, catalogue, last[0], read => stages.Tell($"reading events: {read:N0}"), cancellation);
        if (data.Users.Count == 0 || data.TouchedItems < 2)
        {
            throw new InvalidOperationException(
                $"There is too little to learn from: {data.Users.Count} shoppers and {data.TouchedItems} items with views, carts, purchases or ratings. Import a file with `aisle import`, or send events to /api/v1/events.");
        }

        if (options.Models.Contains(ContentVectorsTrainer.ModelName)) await this.FetchVectorsAsync(data, stages, cancellation);
        options = options with { Checkpoints = options.Checkpoint?.For(Identity(options, data)) };
        var candidates = Candidates(options, data);
        stages.Begin("splitting by time", TrainingPhase.Splitting, 0.1, 0.1);
        var split = data.Split(options.ValidationShare);
        var trials = new List<Trial>();
        var metric = $"ndcg@{options.Cutoff}";
        if (split.Validation.Count > 0)
        {
            var share = 0.4 / candidates.Count;
            foreach (var candidate in candidates)
                trials.Add(this.Evaluate(candidate, data, split, options, stages, (0.1 + (share * trials.Count), 0.1 + (share * (trials.Count + 1))), cancellation).Trial);
            if (options.Ensemble && this.TryEnsemble(trials, metric, data, split, options, stages, cancellation) is { } mixed)
            {
                candidates.Add(mixed.Recipe);
                trials.Add(mixed);
            }
        }

        var scores = WithIntervals(trials, options, cancellation);
        var chosen = Choose(candidates, scores, metric);
        var serving = this.EvaluateServing(scores, candidates, data, split, options, stages, cancellation);
        var window = new DataWindow(data.First!.Value, data.Last!.Value, data.LastSequence, data.Events, data.Users.Count, data.Items.Count, data.Baskets);
        var worse = serving is not null && Find(scores, chosen).Metrics[metric] < serving.Metrics[metric];

        ServingModel? published = null;
        if (!worse) published = this.Publish(chosen, data, scores, window, options, stages, cancellation);

        if (options.Processes.Rank > 0) return (null, null);
        var verdict = Verdict(chosen, scores, serving, metric, published);
        stages.Begin("done", TrainingPhase.Done, 1, 1);
        var report = new TrainingReport(chosen.Name, metric, scores, serving, scores.Count > 0 ? split.At : null, UsersIn(split.Validation), window, verdict, stages.Seconds)
        {
            Lead = LeadOf(chosen, trials, metric, options, cancellation),
        };
        return (report, published?.Manifest.Version);
    }

    private async Task FetchVectorsAsync(TrainingData data, TrainingStages stages, CancellationToken cancellation)
    {
        if (embeddings is null)
            throw new InvalidOperationException($"{ContentVectorsTrainer.ModelName} needs an embeddings endpoint. Set AISLE_EMBEDDINGS_URL and AISLE_EMBEDDINGS_MODEL, or leave the model out.");
        stages.Begin("fetching embeddings", TrainingPhase.FetchingEmbeddings, 0.05, 0.1);
        data.Take(await embeddings.VectorsAsync(data.Content.Texts, null, cancellation));
    }

    /// <summary>What competes, then the baselines where they do not compete themselves.</summary>
    private static List<Recipe> Candidates(TrainingOptions options, TrainingData data)
    {
        var candidates = new List<Recipe>();
        var isChosen = options.Models.Count > 0;
        foreach (var model in isChosen ? options.Models.Distinct() : TrainingOptions.UsualModels)
        {
            var isContent = model == ContentEmbeddingsTrainer.ModelName;
            if (!isChosen && ((isContent && !data.Content.IsTold) || (model == EaseTrainer.ModelName && data.Items.Count > SmallCatalogue))) continue;

            // What a thing is does not age: one half-life is enough to see whether content helps.
            foreach (var halfLife in isContent ? options.HalfLives.Take(1) : options.HalfLives.Distinct())
                candidates.Add(new Recipe(Create(model, options), halfLife, Competes: true));
        }

        foreach (var baseline in new[] { Neighbours, Baseline })
            if (!candidates.Exists(recipe => recipe.Name == baseline)) candidates.Add(new Recipe(Create(baseline, options), null, Competes: false));
        return candidates;
    }

    /// <param name="own">Options that this use has defaults of its own for; what the caller's settings say of the family goes before.</param>
    private static ITrainer Create(string name, TrainingOptions options, params ReadOnlySpan<(string Option, double Value)> own)
    {
        var settings = options.Settings.TryGetValue(name, out var given) ? JsonObject.Create(given)! : [];
        foreach (var (option, value) in own) settings.TryAdd(option, value);
        if (Trainers.Find(name).OptionNames.Contains("seed")) settings.TryAdd("seed", options.Seed);
        return Trainers.Create(name, settings.ToJsonString());
    }

    /// <param name="bar">Where the progress bar stands before and after.</param>
    private (Trial Trial, IModel Model) Evaluate(
        Recipe recipe, TrainingData data, TrainingSplit split, TrainingOptions options, TrainingStages stages, (double From, double Until) bar, CancellationToken cancellation)
    {
        stages.Begin($"validating {recipe.Name}", TrainingPhase.Validating, bar.From, bar.Until, recipe.Name);
        var train = split.Train(recipe.HalfLifeDays);
        var started = time.GetTimestamp();
        var model = recipe.Trainer.Fit(data.Content.With(train), Context(options, stages, cancellation));
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var cutoff = Math.Min(options.Cutoff, train.Items);
        var found = RankingEvaluator.Evaluate(model, train, split.Validation, [cutoff], options.Threads, cancellation: cancellation).At(cutoff);
        var metrics = new Dictionary<string, double>
        {
            [$"ndcg@{options.Cutoff}"] = found.Ndcg,
            [$"recall@{options.Cutoff}"] = found.Recall,
            [$"precision@{options.Cutoff}"] = found.Precision,
            [$"hit@{options.Cutoff}"] = found.HitRate,
            [$"mrr@{options.Cutoff}"] = found.Mrr,
            [$"map@{options.Cutoff}"] = found.Map,
            [$"coverage@{options.Cutoff}"] = found.Coverage,
        };
        var score = new ModelScore(recipe.Name, metrics) { FitSeconds = Math.Round(seconds, 3) };
        return (new Trial(recipe, score, [.. found.PerUser.Select(user => user.Ndcg)]), model);
    }

    /// <summary>
    /// The best families, each once, as one candidate more. Its weights are learned within the training part, so its validation is as honest as the
    /// others'; the recipe carries them, and publishing need not learn them again.
    /// </summary>
    private Trial? TryEnsemble(
        List<Trial> trials, string metric, TrainingData data, TrainingSplit split, TrainingOptions options, TrainingStages stages, CancellationToken cancellation)
    {
        if (trials.Exists(trial => trial.Recipe.Trainer.Name == EnsembleTrainer.ModelName)) return null;
        var ranked = trials.Where(trial => trial.Recipe.Trainer.Name != Baseline)
            .OrderByDescending(trial => trial.Score.Metrics[metric]).Select(trial => trial.Recipe).DistinctBy(recipe => recipe.Trainer.Name).Take(MostMembers).ToList();
        if (ranked.Count < 2) return null;

        // Members learn from one matrix: that of the best of them.
        var learning = new EnsembleOptions
        {
            Members = [.. ranked.Select(recipe => new HybridMember(recipe.Trainer.Name, recipe.Trainer.Options))], Cutoff = Math.Min(options.Cutoff, 200), Seed = options.Seed,
        };
        var halfLife = ranked[0].HalfLifeDays;
        var (tried, model) = this.Evaluate(new Recipe(new EnsembleTrainer(learning), halfLife, Competes: true), data, split, options, stages, (0.5, 0.6), cancellation);
        var members = ((EnsembleModel)model).Members;
        var learned = learning with
        {
            Members = [.. members.Select(member => learning.Members.First(given => given.Model == member.Model.Name))],
            Weights = [.. members.Select(member => Math.Round(member.Weight, 4))],
        };
        return tried with { Recipe = new Recipe(new EnsembleTrainer(learned), halfLife, Competes: true) };
    }

    /// <summary>The scores of all, each with the interval of the metric that decides; the same resamples of shoppers for each.</summary>
    private static List<ModelScore> WithIntervals(List<Trial> trials, TrainingOptions options, CancellationToken cancellation)
    {
        var intervals = Bootstrap.Intervals([.. trials.Select(trial => trial.Ndcg)], options.Seed, options.Threads, cancellation);
        return [.. trials.Zip(intervals, (trial, interval) => trial.Score with { Interval = new ScoreInterval(interval.Low, interval.High) })];
    }

    /// <summary>The chosen one against the best of all others, baselines among them, shopper by shopper.</summary>
    private static ModelLead? LeadOf(Recipe chosen, List<Trial> trials, string metric, TrainingOptions options, CancellationToken cancellation)
    {
        var others = trials.Where(trial => trial.Recipe.Name != chosen.Name).ToList();
        if (others.Count == 0) return null;
        var first = trials.First(trial => trial.Recipe.Name == chosen.Name);
        var second = others.MaxBy(trial => trial.Score.Metrics[metric])!;
        var ahead = first.Ndcg.Zip(second.Ndcg, (one, other) => one - other).ToArray();
        var (low, high) = Bootstrap.Intervals([ahead], options.Seed, options.Threads, cancellation)[0];
        return new ModelLead(second.Recipe.Name, first.Score.Metrics[metric] - second.Score.Metrics[metric], new ScoreInterval(low, high));
    }

    private static ModelScore Find(List<ModelScore> scores, Recipe recipe) => scores.First(score => score.Model == recipe.Name);

    /// <summary>The best of those that compete; where nothing could be validated, the first of them.</summary>
    private static Recipe Choose(List<Recipe> candidates, List<ModelScore> scores, string metric)
    {
        var competing = candidates.Where(recipe => recipe.Competes).ToList();
        return scores.Count == 0 ? competing[0] : competing.MaxBy(recipe => Find(scores, recipe).Metrics[metric])!;
    }

    /// <summary>What serves, as its recipe scores on this split; null where nothing serves or nothing can be compared.</summary>
    private ModelScore? EvaluateServing(
        List<ModelScore> scores, List<Recipe> candidates, TrainingData data, TrainingSplit split, TrainingOptions options, TrainingStages stages, CancellationToken cancellation)
    {
        if (registry.Serving?.Manifest.Part(ModelRole.Personal) is not { } part || scores.Count == 0) return null;
        var serving = new Recipe(Trainers.Create(part.Model, part.Options.GetRawText()), part.HalfLifeDays, Competes: false);
        return candidates.Find(recipe => recipe.Name == serving.Name && JsonElement.DeepEquals(recipe.Trainer.Options, serving.Trainer.Options)) is { } same
            ? Find(scores, same)
            : this.Evaluate(serving, data, split, options, stages, (0.6, 0.65), cancellation).Trial.Score;
    }

    /// <summary>What the fits of a run depend on.</summary>
    private static string Identity(TrainingOptions options, TrainingData data) =>
        $"{string.Join(" ", options.Settings.Select(setting => $"{setting.Key} {setting.Value.GetRawText()}"))} data {new Dataset(data.All(null)).Fingerprint()}";

    private static FitContext Context(TrainingOptions options, TrainingStages stages, CancellationToken cancellation) => new()
    {
        Threads = options.Threads, Progress = stages.Steps(), Cancellation = cancellation, Processes = options.Processes, Checkpoints = options.Checkpoints,
    };

    /// <returns>Null in processes that follow the first: they help to fit, and no more.</returns>
    private ServingModel? Publish(
        Recipe chosen, TrainingData data, List<ModelScore> scores, DataWindow window, TrainingOptions options, TrainingStages stages, CancellationToken cancellation)
    {
        // Likeness of items lasts longer than a shopper's wishes: neighbours are fitted on everything alike.
        var neighbours = new Recipe(Create(Neighbours, options), null, Competes: false);
        var parts = new List<(ModelPart, IModel)>();
        Fit(ModelRole.Personal, chosen, data.All(chosen.HalfLifeDays), (0.65, 0.8), Context(options, stages, cancellation));
        if (options.Processes.Rank > 0) return null;
        var alone = Context(options with { Processes = SingleProcess.Instance }, stages, cancellation);
        Fit(ModelRole.Similar, neighbours, data.All(null), (0.8, 0.88), alone);
        if (data.Baskets > 0) Fit(ModelRole.BoughtTogether, new Recipe(Create(Neighbours, options, ("shrinkage", BasketShrinkage)), null, Competes: false), data.AllBaskets(), (0.88, 0.94), alone);
        if (data.Content.IsTold) Fit(ModelRole.LookAlike, new Recipe(Create(LookAlikes, options, ("factors", LookAlikeFactors)), null, Competes: false), data.All(null), (0.94, 0.97), alone);

        stages.Begin("publishing", TrainingPhase.Publishing, 0.97, 1);
        var manifest = new ModelManifest
        {
            Version = 0, CreatedAt = time.GetUtcNow(), Seed = options.Seed, Window = window, TouchedItems = data.TouchedItems, Parts = [], Validation = scores,
        };
        return registry.Publish(manifest, data.Users, data.Items, parts, options.Keep);

        void Fit(string role, Recipe recipe, Interactions interactions, (double From, double Until) bar, FitContext context)
        {
            stages.Begin($"fitting {role} ({recipe.Name})", TrainingPhase.Fitting, bar.From, bar.Until, recipe.Name);
            var model = recipe.Trainer.Fit(data.Content.With(interactions), context);
            parts.Add((new ModelPart(role, recipe.Trainer.Name, recipe.Trainer.Options, recipe.HalfLifeDays, 0, 0), model));
        }
    }

    private static string Verdict(Recipe chosen, List<ModelScore> scores, ModelScore? serving, string metric, ServingModel? published)
    {
        if (scores.Count == 0) return $"Published version {published!.Manifest.Version} ({chosen.Name}) without validation: too few shoppers came back.";
        var score = Find(scores, chosen).Metrics[metric];
        var baseline = scores.First(candidate => candidate.Model == Baseline).Metrics[metric];
        var beside = FormattableString.Invariant($"{metric} {score:F4} (popularity {baseline:F4})");
        return published is null
            ? FormattableString.Invariant($"Not published: {chosen.Name} reaches {beside}; what serves ({serving!.Model}) reaches {serving.Metrics[metric]:F4} on the same split.")
            : $"Published version {published.Manifest.Version}: {chosen.Name}, {beside}.";
    }

    private static int UsersIn(Interactions validation) => Enumerable.Range(0, validation.Users).Count(user => validation.CountOf(user) > 0);

    /// <summary>A trainer and the decay of what it is fitted on.</summary>
    private sealed record Recipe(ITrainer Trainer, double? HalfLifeDays, bool Competes)
    {
        public string Name { get; } = ModelScore.RecipeOf(Trainer.Name, HalfLifeDays);
    }

    /// <summary>A recipe as it did on validation, shopper by shopper.</summary>
    private sealed record Trial(Recipe Recipe, ModelScore Score, float[] Ndcg);
}
