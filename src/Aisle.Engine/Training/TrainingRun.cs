using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Engine.Catalog;
using Aisle.Engine.Catalog.Embeddings;
using Aisle.Engine.Events;
using Aisle.Learning.Data;
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
                Report = JsonSerializer.Serialize(report, ModelJson.Default.TrainingReport),
            };
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

    private async Task<(TrainingReport Report, int? Version)> RunStagesAsync(TrainingOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var stages = new Stages(progress, time);
        stages.Begin("reading events", 0);
        var data = TrainingData.Read(events, catalogue, read => stages.Tell($"reading events: {read:N0}"), cancellation);
        if (data.Users.Count == 0 || data.TouchedItems < 2)
        {
            throw new InvalidOperationException(
                $"There is too little to learn from: {data.Users.Count} shoppers and {data.TouchedItems} items with views, carts, purchases or ratings. Import a file with `aisle import`, or send events to /api/v1/events.");
        }

        if (options.Models.Contains(ContentVectorsTrainer.ModelName)) await this.FetchVectorsAsync(data, stages, cancellation);
        var candidates = Candidates(options, data);
        stages.Begin("splitting by time", 0.1);
        var split = data.Split(options.ValidationShare);
        var scores = new List<ModelScore>();
        var metric = $"ndcg@{options.Cutoff}";
        if (split.Validation.Count > 0)
        {
            for (var i = 0; i < candidates.Count; i++)
                scores.Add(Evaluate(candidates[i], data, split, options, stages, 0.1 + (0.4 * i / candidates.Count), cancellation).Score);
            if (options.Ensemble && TryEnsemble(candidates, scores, metric, data, split, options, stages, cancellation) is { } mixed)
            {
                candidates.Add(mixed.Recipe);
                scores.Add(mixed.Score);
            }
        }

        var chosen = Choose(candidates, scores, metric);
        var serving = this.EvaluateServing(scores, candidates, data, split, options, stages, cancellation);
        var window = new DataWindow(data.First!.Value, data.Last!.Value, data.LastSequence, data.Events, data.Users.Count, data.Items.Count, data.Baskets);
        var worse = serving is not null && Find(scores, chosen).Metrics[metric] < serving.Metrics[metric];

        ServingModel? published = null;
        if (!worse) published = this.Publish(chosen, data, scores, window, options, stages, cancellation);

        var verdict = Verdict(chosen, scores, serving, metric, published);
        stages.Begin("done", 1);
        return (
            new TrainingReport(chosen.Name, metric, scores, serving, scores.Count > 0 ? split.At : null, UsersIn(split.Validation), window, verdict, stages.Seconds),
            published?.Manifest.Version);
    }

    private async Task FetchVectorsAsync(TrainingData data, Stages stages, CancellationToken cancellation)
    {
        if (embeddings is null)
            throw new InvalidOperationException($"{ContentVectorsTrainer.ModelName} needs an embeddings endpoint. Set AISLE_EMBEDDINGS_URL and AISLE_EMBEDDINGS_MODEL, or leave the model out.");
        stages.Begin("fetching embeddings", 0.05);
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

    private static ITrainer Create(string name, TrainingOptions options)
    {
        var settings = options.Settings.TryGetValue(name, out var given) ? JsonObject.Create(given)! : [];
        if (Trainers.Find(name).OptionNames.Contains("seed")) settings.TryAdd("seed", options.Seed);
        return Trainers.Create(name, settings.ToJsonString());
    }

    private static (ModelScore Score, IModel Model) Evaluate(
        Recipe recipe, TrainingData data, TrainingSplit split, TrainingOptions options, Stages stages, double fraction, CancellationToken cancellation)
    {
        stages.Begin($"validating {recipe.Name}", fraction);
        var train = split.Train(recipe.HalfLifeDays);
        var model = recipe.Trainer.Fit(data.Content.With(train), new FitContext { Threads = options.Threads, Progress = stages.For(fraction), Cancellation = cancellation });
        var cutoff = Math.Min(options.Cutoff, train.Items);
        var found = RankingEvaluator.Evaluate(model, train, split.Validation, [cutoff], options.Threads, cancellation: cancellation).At(cutoff);
        var score = new ModelScore(recipe.Name, new Dictionary<string, double>
        {
            [$"ndcg@{options.Cutoff}"] = found.Ndcg,
            [$"recall@{options.Cutoff}"] = found.Recall,
            [$"precision@{options.Cutoff}"] = found.Precision,
            [$"hit@{options.Cutoff}"] = found.HitRate,
            [$"mrr@{options.Cutoff}"] = found.Mrr,
            [$"map@{options.Cutoff}"] = found.Map,
            [$"coverage@{options.Cutoff}"] = found.Coverage,
        });
        return (score, model);
    }

    /// <summary>
    /// The best families, each once, as one candidate more. Its weights are learned within the training part, so its validation is as honest as the
    /// others'; the recipe carries them, and publishing need not learn them again.
    /// </summary>
    private static (Recipe Recipe, ModelScore Score)? TryEnsemble(
        List<Recipe> candidates, List<ModelScore> scores, string metric, TrainingData data, TrainingSplit split, TrainingOptions options, Stages stages, CancellationToken cancellation)
    {
        if (candidates.Exists(recipe => recipe.Trainer.Name == EnsembleTrainer.ModelName)) return null;
        var ranked = candidates.Where(recipe => recipe.Trainer.Name != Baseline)
            .OrderByDescending(recipe => Find(scores, recipe).Metrics[metric]).DistinctBy(recipe => recipe.Trainer.Name).Take(MostMembers).ToList();
        if (ranked.Count < 2) return null;

        // Members learn from one matrix: that of the best of them.
        var learning = new EnsembleOptions
        {
            Members = [.. ranked.Select(recipe => new HybridMember(recipe.Trainer.Name, recipe.Trainer.Options))], Cutoff = Math.Min(options.Cutoff, 200), Seed = options.Seed,
        };
        var halfLife = ranked[0].HalfLifeDays;
        var (score, model) = Evaluate(new Recipe(new EnsembleTrainer(learning), halfLife, Competes: true), data, split, options, stages, 0.5, cancellation);
        var members = ((EnsembleModel)model).Members;
        var learned = learning with
        {
            Members = [.. members.Select(member => learning.Members.First(given => given.Model == member.Model.Name))],
            Weights = [.. members.Select(member => Math.Round(member.Weight, 4))],
        };
        return (new Recipe(new EnsembleTrainer(learned), halfLife, Competes: true), score);
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
        List<ModelScore> scores, List<Recipe> candidates, TrainingData data, TrainingSplit split, TrainingOptions options, Stages stages, CancellationToken cancellation)
    {
        if (registry.Serving?.Manifest.Part(ModelRole.Personal) is not { } part || scores.Count == 0) return null;
        var serving = new Recipe(Trainers.Create(part.Model, part.Options.GetRawText()), part.HalfLifeDays, Competes: false);
        return candidates.Find(recipe => recipe.Name == serving.Name && JsonElement.DeepEquals(recipe.Trainer.Options, serving.Trainer.Options)) is { } same
            ? Find(scores, same)
            : Evaluate(serving, data, split, options, stages, 0.6, cancellation).Score;
    }

    private ServingModel Publish(
        Recipe chosen, TrainingData data, List<ModelScore> scores, DataWindow window, TrainingOptions options, Stages stages, CancellationToken cancellation)
    {
        // Likeness of items lasts longer than a shopper's wishes: neighbours are fitted on everything alike.
        var neighbours = new Recipe(Create(Neighbours, options), null, Competes: false);
        var parts = new List<(ModelPart, IModel)>();
        Fit(ModelRole.Personal, chosen, data.All(chosen.HalfLifeDays), 0.65);
        Fit(ModelRole.Similar, neighbours, data.All(null), 0.8);
        if (data.Baskets > 0) Fit(ModelRole.BoughtTogether, neighbours, data.AllBaskets(), 0.9);

        stages.Begin("publishing", 0.97);
        var manifest = new ModelManifest
        {
            Version = 0, CreatedAt = time.GetUtcNow(), Seed = options.Seed, Window = window, Parts = [], Validation = scores,
        };
        return registry.Publish(manifest, data.Users, data.Items, parts, options.Keep);

        void Fit(string role, Recipe recipe, Interactions interactions, double fraction)
        {
            stages.Begin($"fitting {role} ({recipe.Name})", fraction);
            var model = recipe.Trainer.Fit(data.Content.With(interactions), new FitContext { Threads = options.Threads, Progress = stages.For(fraction), Cancellation = cancellation });
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

    /// <summary>Names the stages for a display and measures each.</summary>
    private sealed class Stages(IProgress<TrainingProgress>? progress, TimeProvider time)
    {
        private readonly Dictionary<string, double> _seconds = [];
        private string? _stage;
        private double _fraction;
        private long _since;

        public IReadOnlyDictionary<string, double> Seconds => this._seconds;

        public void Begin(string stage, double fraction)
        {
            if (this._stage is { } ended) this._seconds[ended] = Math.Round(time.GetElapsedTime(this._since).TotalSeconds, 3);
            (this._stage, this._fraction, this._since) = (stage, fraction, time.GetTimestamp());
            this.Tell(stage);
        }

        public void Tell(string stage) => progress?.Report(new TrainingProgress(stage, this._fraction));

        public IProgress<TrainingStep> For(double fraction) => new StepProgress(this, fraction);

        private sealed class StepProgress(Stages stages, double fraction) : IProgress<TrainingStep>
        {
            public void Report(TrainingStep step)
            {
                // A fit moves the bar by at most a tenth: the stages' own fractions are spaced wider than that.
                stages._fraction = fraction + 0.1 * step.Step / Math.Max(1, step.Steps);
                stages.Tell($"{stages._stage}: {step.Stage} {step.Step}/{step.Steps}");
            }
        }
    }
}
