using System.Text.Json;
using Aisle.Engine.Catalog;
using Aisle.Engine.Catalog.Embeddings;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Learning.Data;
using Aisle.Learning.Distributed;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>
/// One run from events to a published model: read, split by time, fit the candidates and the baselines, evaluate them on validation,
/// refit the best on everything and publish it. What serves competes with its own recipe, so that a run never makes things worse, and its numbers
/// learn what happened since.
/// </summary>
public sealed class TrainingRun(
    IEventStore events, IUserStore users, Catalogue catalogue, EmbeddingsClient? embeddings, ModelRegistry registry, Func<IReadOnlyCollection<string>> wanted, ITrainingRunStore runs,
    string directory, TimeProvider time)
{
    /// <summary>
    /// An event's share of what a run holds in memory: 20 bytes as read, 17 in order, then 13 in a row and 16 in a matrix for each of three windows at the
    /// most that live at a time.
    /// </summary>
    private const long BytesOfEvent = 120;

    /// <summary>Of the memory there is, events may take so much before they are held on disk.</summary>
    private const double ShareOfEvents = 0.25;

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
                State = TrainingState.Published,
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
            return new FileStream(Path.Combine(directory, "training.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
        using var data = TrainingData.Read(events, catalogue, this.SpaceFor(options.Events, last[0]), last[0], read => stages.Tell($"reading events: {read:N0}"), cancellation);
        if (data.Users.Count == 0 || data.TouchedItems < 2)
        {
            throw new InvalidOperationException(
                $"There is too little to learn from: {data.Users.Count} shoppers and {data.TouchedItems} items with views, carts, purchases or ratings. Import a file with `aisle import`, or send events to /api/v1/events.");
        }

        if (options.Models.Contains(ContentVectorsTrainer.ModelName) || (embeddings is not null && registry.Serving?.Manifest.Part(ModelRole.Personal)?.Model == ContentVectorsTrainer.ModelName)) await this.FetchVectorsAsync(data, stages, cancellation);
        options = options with { Checkpoints = options.Checkpoint?.For(Identity(options, data)) };
        stages.Begin("splitting by time", TrainingPhase.Splitting, 0.1, 0.1);
        var split = data.Split(options.ValidationShare);
        var candidates = Candidates.Of(options, split.Train(null));
        var trials = new List<Trial>();
        var metric = $"ndcg@{options.Cutoff}";
        ModelScore? served = null;
        var renewed = false;
        if (split.Validation.Count > 0)
        {
            var share = 0.4 / candidates.Count;
            foreach (var candidate in candidates)
                trials.Add(this.Evaluate(candidate, split, options, stages, (0.1 + (share * trials.Count), 0.1 + (share * (trials.Count + 1))), cancellation).Trial);
            var serving = this.TryServing(trials, split, options, stages, cancellation);
            if (serving is not null) Enter(trials, serving, metric);
            if (options.Ensemble && this.TryEnsemble(trials, candidates, metric, split, options, stages, cancellation) is { } mixed) Enter(trials, mixed, metric);
            served = serving?.Score;
            renewed = serving is not null && Choose(candidates, trials, metric) == serving.Recipe;
        }

        var scores = WithIntervals(trials, options, cancellation);
        var chosen = Choose(candidates, trials, metric);
        var window = new DataWindow(data.First!.Value, data.Last!.Value, data.LastSequence, data.Events, data.Users.Count, data.Items.Count, data.Baskets);
        var leftOut = new Dictionary<string, string>();
        var published = this.Publish(chosen, this.Beside(chosen, trials, metric, options), data, scores, window, leftOut, options, stages, cancellation);
        if (published is null) return (null, null);

        stages.Begin("done", TrainingPhase.Done, 1, 1);
        var verdict = Verdict(chosen, scores, renewed, metric, published);
        var report = new TrainingReport(chosen.Name, metric, scores, served, scores.Count > 0 ? split.At : null, UsersIn(split.Validation), window, verdict, stages.Seconds)
        {
            Lead = LeadOf(chosen, trials, metric, options, cancellation),
            Renewed = renewed,
            LeftOut = leftOut,
        };
        return (report, published.Manifest.Version);
    }

    /// <param name="count">Of the events, at most.</param>
    private IColumnSpace SpaceFor(EventRoom room, long count)
    {
        var isLarge = count * BytesOfEvent > ShareOfEvents * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return room == EventRoom.Disk || (room == EventRoom.Automatic && isLarge) ? new MappedColumns(Path.Combine(directory, "training")) : new MemoryColumns();
    }

    private async Task FetchVectorsAsync(TrainingData data, TrainingStages stages, CancellationToken cancellation)
    {
        if (embeddings is null)
            throw new InvalidOperationException($"{ContentVectorsTrainer.ModelName} needs an embeddings endpoint. Set AISLE_EMBEDDINGS_URL and AISLE_EMBEDDINGS_MODEL, or leave the model out.");
        stages.Begin("fetching embeddings", TrainingPhase.FetchingEmbeddings, 0.05, 0.1);
        data.Take(await embeddings.VectorsAsync(data.Content.Texts, null, cancellation));
    }

    /// <param name="bar">Where the progress bar stands before and after.</param>
    private (Trial Trial, IModel Model) Evaluate(
        Recipe recipe, TrainingSplit split, TrainingOptions options, TrainingStages stages, (double From, double Until) bar, CancellationToken cancellation)
    {
        stages.Begin($"validating {recipe.Name}", TrainingPhase.Validating, bar.From, bar.Until, recipe.Name);
        var train = split.Train(recipe.HalfLifeDays);
        var started = time.GetTimestamp();
        var model = recipe.Trainer.Fit(train, Context(options, stages, cancellation));
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var cutoff = Math.Min(options.Cutoff, model.Items);
        var found = RankingEvaluator.Evaluate(model, train.Interactions, split.Validation, [cutoff], options.Threads, cancellation: cancellation).At(cutoff);
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
        List<Trial> trials, List<Recipe> candidates, string metric, TrainingSplit split, TrainingOptions options, TrainingStages stages, CancellationToken cancellation)
    {
        if (candidates.Exists(recipe => recipe.Trainer.Name == EnsembleTrainer.ModelName)) return null;
        var ranked = trials.Where(trial => trial.Recipe.Trainer.Name is not (Baseline or EnsembleTrainer.ModelName or SwitchingTrainer.ModelName))
            .OrderByDescending(trial => trial.Score.Metrics[metric]).Select(trial => trial.Recipe).DistinctBy(recipe => recipe.Trainer.Name).Take(MostMembers).ToList();
        if (ranked.Count < 2) return null;

        // Members learn from one matrix: that of the best of those that look at it.
        var learning = new EnsembleOptions
        {
            Members = [.. ranked.Select(recipe => new HybridMember(recipe.Trainer.Name, recipe.Trainer.Options))], Cutoff = Math.Min(options.Cutoff, 200), Seed = options.Seed,
        };
        var halfLife = ranked.Find(recipe => !Trainers.Find(recipe.Trainer.Name).LearnsFromOrder)?.HalfLifeDays;
        var (tried, model) = this.Evaluate(new Recipe(new EnsembleTrainer(learning), halfLife, Competes: true), split, options, stages, (0.55, 0.65), cancellation);
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
    private static Recipe Choose(List<Recipe> candidates, List<Trial> trials, string metric) =>
        trials.Where(trial => trial.Recipe.Competes).MaxBy(trial => trial.Score.Metrics[metric])?.Recipe ?? candidates.First(recipe => recipe.Competes);

    /// <summary>
    /// What serves, as its recipe does on this split: what it knows now it learned from the validation events too. Null where nothing serves, and where
    /// its recipe can no longer be fitted: what it needs, such as texts, may be gone.
    /// </summary>
    private Trial? TryServing(List<Trial> trials, TrainingSplit split, TrainingOptions options, TrainingStages stages, CancellationToken cancellation)
    {
        if (registry.Serving?.Manifest.Part(ModelRole.Personal) is not { } part) return null;
        var serving = new Recipe(Trainers.Create(part.Model, part.Options.GetRawText()), part.HalfLifeDays, Competes: true);
        if (trials.Find(trial => trial.Recipe.Name == serving.Name && JsonElement.DeepEquals(trial.Recipe.Trainer.Options, serving.Trainer.Options)) is { } same)
            return same with { Recipe = serving };
        try
        {
            return this.Evaluate(serving, split, options, stages, (0.5, 0.55), cancellation).Trial;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Of recipes of one name, such as ensembles with weights learned at different times, the better stands in the report.</summary>
    private static void Enter(List<Trial> trials, Trial trial, string metric)
    {
        var at = trials.FindIndex(other => other.Recipe.Name == trial.Recipe.Name);
        if (at < 0) trials.Add(trial);
        else if (trial.Score.Metrics[metric] >= trials[at].Score.Metrics[metric]) trials[at] = trial;
    }

    /// <summary>What the fits of a run depend on.</summary>
    private static string Identity(TrainingOptions options, TrainingData data) =>
        $"{string.Join(" ", options.Settings.Select(setting => $"{setting.Key} {setting.Value.GetRawText()}"))} data {data.All(null).Fingerprint()}";

    private static FitContext Context(TrainingOptions options, TrainingStages stages, CancellationToken cancellation) => new()
    {
        Threads = options.Threads, Progress = stages.Steps(), Cancellation = cancellation, Processes = options.Processes, Checkpoints = options.Checkpoints,
    };

    /// <returns>Null in processes that follow the first: they help to fit, and no more.</returns>
    private ServingModel? Publish(
        Recipe chosen, List<Recipe> beside, TrainingData data, List<ModelScore> scores, DataWindow window, Dictionary<string, string> leftOut, TrainingOptions options, TrainingStages stages,
        CancellationToken cancellation)
    {
        // Likeness of items lasts longer than a shopper's wishes: neighbours are fitted on everything alike.
        var neighbours = new Recipe(Candidates.Create(Neighbours, options), null, Competes: false);
        var parts = new List<(ModelPart, IModel)>();
        Fit(ModelRole.Personal, chosen, data.All(chosen.HalfLifeDays), (0.65, 0.8), Context(options, stages, cancellation));
        if (options.Processes.Rank > 0) return null;
        var alone = Context(options with { Processes = SingleProcess.Instance }, stages, cancellation);
        Fit(ModelRole.Similar, neighbours, data.All(null), (0.8, 0.88), alone);
        if (data.Baskets > 0) Fit(ModelRole.BoughtTogether, new Recipe(Candidates.Create(Neighbours, options, ("shrinkage", BasketShrinkage)), null, Competes: false), data.AllBaskets(), (0.88, 0.94), alone);
        if (data.Content.IsTold) Fit(ModelRole.LookAlike, new Recipe(Candidates.Create(LookAlikes, options, ("factors", LookAlikeFactors)), null, Competes: false), data.All(null), (0.94, 0.97), alone);

        foreach (var recipe in beside)
            Try(ModelRole.OfFamily(recipe.Trainer.Name), () => Fit(ModelRole.OfFamily(recipe.Trainer.Name), recipe, data.All(recipe.HalfLifeDays), (0.97, 0.98), alone));
        IReadOnlyList<string> segments = [];
        if (wanted().Contains(ModelRole.SegmentPopular)) Try(ModelRole.SegmentPopular, FitSegments);

        stages.Begin("publishing", TrainingPhase.Publishing, 0.98, 1);
        var manifest = new ModelManifest
        {
            Version = 0, CreatedAt = time.GetUtcNow(), Seed = options.Seed, Window = window, TouchedItems = data.TouchedItems, Segments = segments, Parts = [], Validation = scores,
        };
        return registry.Publish(manifest, data.Users, data.Items, parts, options.Keep);

        void FitSegments()
        {
            var (names, dataset) = ShopperSegments.Of(data, users, catalogue)
                ?? throw new ArgumentException($"No segment has {ShopperSegments.LeastShoppers} shoppers. Send attributes of the shoppers (PUT /api/v1/users/{{id}}), or categories of the items.");
            Fit(ModelRole.SegmentPopular, new Recipe(ShopperSegments.Trainer, null, Competes: false), dataset, (0.98, 0.98), alone);
            segments = names;
        }

        // A pipeline's further sources are no reason to publish nothing.
        void Try(string role, Action fit)
        {
            try
            {
                fit();
            }
            catch (ArgumentException missing)
            {
                leftOut[role] = missing.Message;
            }
        }

        void Fit(string role, Recipe recipe, Dataset dataset, (double From, double Until) bar, FitContext context)
        {
            stages.Begin($"fitting {role} ({recipe.Name})", TrainingPhase.Fitting, bar.From, bar.Until, recipe.Name);
            var model = recipe.Trainer.Fit(dataset, context);
            parts.Add((new ModelPart(role, recipe.Trainer.Name, recipe.Trainer.Options, recipe.HalfLifeDays, 0, 0), model));
        }
    }

    /// <summary>The families that published pipelines name, each as it did best on validation; what was not tried there, with its defaults.</summary>
    private List<Recipe> Beside(Recipe chosen, List<Trial> trials, string metric, TrainingOptions options) =>
    [
        .. wanted().Select(ModelRole.FamilyOf).OfType<string>().Where(family => family != chosen.Trainer.Name).Order(StringComparer.Ordinal)
            .Select(family => trials.Where(trial => trial.Recipe.Trainer.Name == family).MaxBy(trial => trial.Score.Metrics[metric])?.Recipe
                ?? new Recipe(Candidates.Create(family, options), null, Competes: false)),
    ];

    private static string Verdict(Recipe chosen, List<ModelScore> scores, bool renewed, string metric, ServingModel published)
    {
        if (scores.Count == 0) return $"Published version {published.Manifest.Version} ({chosen.Name}) without validation: too few shoppers came back.";
        var score = Find(scores, chosen).Metrics[metric];
        var baseline = scores.First(candidate => candidate.Model == Baseline).Metrics[metric];
        return FormattableString.Invariant(
            $"Published version {published.Manifest.Version}: {chosen.Name}{(renewed ? " as before, fitted on the newest events" : "")}, {metric} {score:F4} (popularity {baseline:F4}).");
    }

    private static int UsersIn(Interactions validation) => Enumerable.Range(0, validation.Users).Count(user => validation.CountOf(user) > 0);

    /// <summary>A recipe as it did on validation, shopper by shopper.</summary>
    private sealed record Trial(Recipe Recipe, ModelScore Score, float[] Ndcg);
}
