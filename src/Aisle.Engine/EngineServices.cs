using Aisle.Engine.Access;
using Aisle.Engine.Carts;
using Aisle.Engine.Catalog;
using Aisle.Engine.Catalog.Embeddings;
using Aisle.Engine.ChoicePoints;
using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Engine.Experiments;
using Aisle.Engine.Expressions;
using Aisle.Engine.Feedback;
using Aisle.Engine.Profiles;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;
using Aisle.Engine.Shop;
using Aisle.Engine.Storage.Sqlite;
using Aisle.Engine.Training;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine;

/// <summary>The one place that wires the engine: a store, and everything that lives on it.</summary>
public sealed class EngineServices : IAsyncDisposable
{
    private readonly SqliteStore _store;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private EngineServices(SqliteStore store, TimeProvider time, ILoggerFactory logs)
    {
        this._store = store;
        this.Time = time;
        this.Catalogue = new Catalogue(store.Catalog);
        this.Histories = new ShopperHistories(store.Events, this.Catalogue);
        this.Statistics = new ItemStatistics(this.Catalogue, time);
        this.Feed = new EventFeed(store.Events);
        this.Feed.Subscribe(this.Histories.Add);
        this.Feed.Subscribe(this.Statistics.Add);
        this.Exposure = new ItemExposure(this.Catalogue, time);
        this.Feed.Subscribe(this.Exposure.Add);
        this.Quality = new EventQuality(this.Catalogue);
        this.Feed.Subscribe(this.Quality.Add);
        this.Feed.Subscribe(this.Feedback.Add);
        this.Impressions = new ImpressionCounts(this.Catalogue);
        this.Feed.Subscribe(this.Impressions.Add);
        this.Feed.Subscribe(this.ExperimentStatistics.Add);
        this.Intake = new EventIntake(store.Events, this.Feed, logs.CreateLogger<EventIntake>());
        this.Keys = new ApiKeys(store.ApiKeys, time);
        var embeddings = EmbeddingsOptions.FromEnvironment(Environment.GetEnvironmentVariable) is { } endpoint
            ? new EmbeddingsClient(this._http, endpoint, Path.Combine(store.Directory, "embeddings.cache"), time, logs.CreateLogger<EmbeddingsClient>())
            : null;
        this.Models = new ModelRegistry(Path.Combine(store.Directory, "models"), this.Catalogue, logs.CreateLogger<ModelRegistry>());
        this.Training = new TrainingRun(
            store.Events, store.Users, this.Catalogue, embeddings, this.Models, () => this.Pipelines!.Current.ModelRoles, store.TrainingRuns, store.Directory, time);
        var settings = logs.CreateLogger<EngineServices>();
        this.Pipelines = new PublishedConfiguration<PipelineSet>(
            PipelineSet.ConfigurationKind, store.Configuration, document => PipelineSet.Parse(document, this.Expressions), time, settings);
        this.Rules = new PublishedConfiguration<RuleSet>(
            RuleSet.ConfigurationKind, store.Configuration, document => RuleSet.Parse(document, this.Expressions), time, settings);
        this.Promotions = new PromotionBudgets(store.Settings);
        this.Experiments = new PublishedConfiguration<ExperimentSet>(
            ExperimentSet.ConfigurationKind, store.Configuration, document => ExperimentSet.Parse(document, name => this.Pipelines.Current.Find(new Scenario(name)) is not null), time, settings);
        this.ExperimentStops = new ExperimentStops(store.Settings, settings);
        this.ExperimentSegments = new ExperimentSegments(store.Users, time);
        this.ChoicePoints = new PublishedConfiguration<ChoicePointSet>(ChoicePointSet.ConfigurationKind, store.Configuration, ChoicePointSet.Parse, time, settings);
        this.Choices = new ChoiceService(store.Choices, this.ChoicePoints, store.Users, time, settings);
        this.Served = new ServedLog(store.Served, ServedLogOptions.FromEnvironment(Environment.GetEnvironmentVariable), time, logs.CreateLogger<ServedLog>());
        this.Ranking = new PublishedConfiguration<RankingSettings>(RankingSettings.ConfigurationKind, store.Configuration, RankingSettings.Parse, time, settings);
        this.ServedScores = new ServedScores(store.Settings, time);
        this.Rankers = new RankerRegistry(Path.Combine(store.Directory, "rankers"), CandidateFeatures.Schema, logs.CreateLogger<RankerRegistry>());
        this.RankerTraining = new RankerTraining(
            store.Served, store.Events, this.Catalogue, this.Ranking, CandidateFeatures.Schema, CandidateFeatures.IsOfOrder, this.Rankers, time);
        this.Shadows = new ShadowJudgement(store.Served, store.Events, this.Catalogue, this.Ranking, CandidateFeatures.Schema, CandidateFeatures.IsOfOrder);
        this.Recommendations = new RecommendationService(
            this.Catalogue, this.Histories, new ShopperFactsReader(store.Events, store.Users), this.Statistics, this.Exposure, this.Models, this.Rankers,
            new PipelineRouting(this.Pipelines, this.Experiments, this.ExperimentStops, time), this.Rules, new ListRecorder(this.Feed, this.Promotions, this.Ranking, this.Served, this.ServedScores), time);
        this.Delivery = new ShopDelivery(store.Settings);
        this.CartModels = new CartModelRegistry(Path.Combine(store.Directory, "models"), logs.CreateLogger<CartModelRegistry>());
        this.CartTraining = new CartModelTraining(store.Events, this.Catalogue, this.Delivery, this.CartModels);
        this.Carts = new CartService(
            this.Catalogue, store.Events, this.Histories, this.Recommendations, new CartOrder(this.Histories, this.Models, this.Statistics, time), this.CartModels, this.Delivery, time);
    }

    public TimeProvider Time { get; }

    /// <summary>Full path of the store's folder.</summary>
    public string Directory => this._store.Directory;

    public IEventStore Events => this._store.Events;

    public IUserStore Users => this._store.Users;

    public IShopSettings Settings => this._store.Settings;

    public ITrainingRunStore TrainingRuns => this._store.TrainingRuns;

    public Catalogue Catalogue { get; }

    public ShopperHistories Histories { get; }

    public ItemStatistics Statistics { get; }

    /// <summary>How often items were shown and clicked.</summary>
    public ItemExposure Exposure { get; }

    /// <summary>What lists caused.</summary>
    public FeedbackStatistics Feedback { get; } = new();

    /// <summary>How the scores of lists are distributed.</summary>
    public ServedScores ServedScores { get; }

    /// <summary>How often items were shown and clicked, day by day.</summary>
    public ImpressionCounts Impressions { get; }

    /// <summary>What events lack.</summary>
    public EventQuality Quality { get; }

    public EventFeed Feed { get; }

    public EventIntake Intake { get; }

    public ApiKeys Keys { get; }

    public ModelRegistry Models { get; }

    public TrainingRun Training { get; }

    /// <summary>The log of lists that the ranker learns from.</summary>
    public ServedLog Served { get; }

    public RankerRegistry Rankers { get; }

    /// <summary>What the shop wants of its ranker.</summary>
    public PublishedConfiguration<RankingSettings> Ranking { get; }

    public RankerTraining RankerTraining { get; }

    /// <summary>What pipelines that nobody sees would have earned.</summary>
    public ShadowJudgement Shadows { get; }

    public RecommendationService Recommendations { get; }

    public CartService Carts { get; }

    public CartModelRegistry CartModels { get; }

    public CartModelTraining CartTraining { get; }

    /// <summary>What delivery costs.</summary>
    public ShopDelivery Delivery { get; }

    /// <summary>How lists come about.</summary>
    public PublishedConfiguration<PipelineSet> Pipelines { get; }

    /// <summary>What merchandisers want of lists.</summary>
    public PublishedConfiguration<RuleSet> Rules { get; }

    public PromotionBudgets Promotions { get; }

    /// <summary>What is tried on whom.</summary>
    public PublishedConfiguration<ExperimentSet> Experiments { get; }

    public ExperimentStatistics ExperimentStatistics { get; } = new();

    public ExperimentStops ExperimentStops { get; }

    public ExperimentSegments ExperimentSegments { get; }

    /// <summary>Where in the shop something is chosen, and by what policy.</summary>
    public PublishedConfiguration<ChoicePointSet> ChoicePoints { get; }

    public ChoiceService Choices { get; }

    /// <summary>Filters and boosts of recommendation requests, compiled.</summary>
    public ExpressionCache Expressions { get; } = new(ShopEnvironment.Instance);

    /// <summary>Opens the store in a folder, reads its events into the live state and loads the model that serves.</summary>
    /// <exception cref="Storage.StoreException">The store cannot be opened; the message says why and what to do.</exception>
    public static EngineServices Open(string directory, TimeProvider time, ILoggerFactory logs)
    {
        var engine = new EngineServices(SqliteStore.Open(directory, time), time, logs);
        engine.CatchUp();
        return engine;
    }

    /// <summary>Takes in what other processes did to the store since: events, catalogue, published models and settings.</summary>
    public void CatchUp()
    {
        this.Catalogue.Refresh();
        this.Feed.CatchUp();
        this.Models.Refresh();
        this.Rankers.Refresh();
        this.Ranking.Refresh();
        this.CartModels.Refresh();
        this.Delivery.Refresh();
        this.Pipelines.Refresh();
        this.Rules.Refresh();
        this.Experiments.Refresh();
        this.ExperimentStops.Refresh(this.Experiments.Current);
        this.ChoicePoints.Refresh();
        this.Choices.CatchUp();
    }

    /// <summary>Keeps what was counted, and stops experiments that must not go on.</summary>
    public async Task TendAsync(CancellationToken cancellation)
    {
        await this.Promotions.SaveAsync(cancellation);
        await this.ServedScores.SaveAsync(now: false, cancellation);
        await this.Served.FlushAsync(cancellation);
        await this.ExperimentStops.GuardAsync(this.Experiments.Current, this.ExperimentStatistics, this.Time.GetUtcNow(), cancellation);
        await this.Choices.TendAsync(cancellation);
    }

    /// <summary>What changed on the last whole day more than chance explains.</summary>
    public IReadOnlyList<Alert> Alerts()
    {
        var today = DateOnly.FromDateTime(this.Time.GetUtcNow().UtcDateTime);
        return
        [
            .. DriftAlerts.Of(today, this.Events.DailyCounts(), this.Quality.Days(), this.Feedback.Rows(DateOnly.MinValue, DateOnly.MaxValue)),
            .. ScoreDrift.Of(today, this.ServedScores.Days()),
        ];
    }

    /// <summary>Who was shown on the latest days, beside the share of the catalogue.</summary>
    /// <param name="days">1 to <see cref="ImpressionCounts.MostDays"/>, counted back from the last day with an impression.</param>
    public ExposureReport ExposureBy(ExposureGrouping by, int days)
    {
        var last = this.Impressions.LastDay ?? DateOnly.FromDateTime(this.Time.GetUtcNow().UtcDateTime);
        var first = last.AddDays(1 - days);
        return ExposureReport.Of(
            by, first, last, this.Catalogue, this.Impressions.Between(first, last), [.. this.Statistics.Ranked().BestSellers.Select(item => item.Index)], this.Time.GetUtcNow());
    }

    public async ValueTask DisposeAsync()
    {
        await this.Intake.DisposeAsync();
        await this.Choices.DisposeAsync();
        await this.Promotions.SaveAsync(CancellationToken.None);
        await this.ServedScores.SaveAsync(now: true, CancellationToken.None);
        await this.Served.FlushAsync(CancellationToken.None);
        this._http.Dispose();
        this._store.Dispose();
    }
}
