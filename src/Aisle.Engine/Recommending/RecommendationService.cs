using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Engine.Experiments;
using Aisle.Engine.Feedback;
using Aisle.Engine.Profiles;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;
using Aisle.Engine.Recommending.Sources;
using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending;

/// <summary>What a shop has set: how lists come about, and what its merchandisers want of them.</summary>
public sealed record Merchandising(PipelineSet Pipelines, RuleSet Rules);

/// <summary>Answers every placement: gathers candidates along the scenario's pipeline, drops what may not be shown, arranges what is left, says why.</summary>
public sealed class RecommendationService(
    Catalogue catalogue,
    ShopperHistories histories,
    ShopperFactsReader facts,
    ItemStatistics statistics,
    ItemExposure exposure,
    ModelRegistry models,
    PublishedConfiguration<PipelineSet> pipelines,
    PublishedConfiguration<RuleSet> rules,
    PromotionBudgets budgets,
    PublishedConfiguration<ExperimentSet> experiments,
    ExperimentStops stops,
    RankerRegistry rankers,
    PublishedConfiguration<RankingSettings> ranking,
    ServedLog log,
    ServedScores scores,
    TimeProvider time)
{
    /// <summary>Rows of one call.</summary>
    public const int MaxRows = 20;

    private static readonly long FeaturesKind = ServedList.SchemaOf(CandidateFeatures.Schema);

    private readonly ServedLists _served = new();

    /// <summary>What is wrong with a request: a limit that it breaks, a scenario that there is not, what its pipeline needs; null if nothing is.</summary>
    /// <param name="preview">What the shop might publish; null for what is published.</param>
    public FieldProblem? Check(RecommendationRequest request, Merchandising? preview = null)
    {
        if (request.Check() is { } wrong) return wrong;
        var set = preview?.Pipelines ?? pipelines.Current;
        if (PipelineOf(request, set) is not { } pipeline)
        {
            return new FieldProblem("scenario", request.Scenario is { } scenario
                ? set.Explain(scenario)
                : $"scenario is missing, and there is no pipeline for the placement{(request.Placement is { } name ? $" {name}" : "")}. scenario must be one of {string.Join(", ", set.Pipelines.Select(known => known.Name))}.");
        }

        return MissingNeed(pipeline, request);
    }

    private static FieldProblem? MissingNeed(Pipeline pipeline, RecommendationRequest request)
    {
        if (pipeline.Needs.HasFlag(PipelineNeeds.Items) && request.Items.Count == 0)
            return new FieldProblem("items", $"items is empty; {pipeline.Name} needs the item or items that the list is for.");
        if (pipeline.Needs.HasFlag(PipelineNeeds.User) && request.User is null)
            return new FieldProblem("user", $"user is missing; {pipeline.Name} needs the shopper.");
        return pipeline.Needs.HasFlag(PipelineNeeds.Category) && request.Filter.Category.Count == 0
            ? new FieldProblem("category", $"category is missing; {pipeline.Name} orders the products of one.")
            : null;
    }

    /// <exception cref="ArgumentException"><see cref="Check"/> finds something wrong; the message names the part.</exception>
    public RecommendationList Recommend(RecommendationRequest request) => this.Recommend(request, preview: null, served: true);

    /// <summary>The list as it would be if something else were published. Counts towards no budget.</summary>
    /// <exception cref="ArgumentException"><see cref="Check"/> finds something wrong; the message names the part.</exception>
    public RecommendationList Preview(RecommendationRequest request, Merchandising preview) => this.Recommend(request, preview, served: false);

    /// <summary>Several lists for one page: each is without what stands in those before it.</summary>
    /// <exception cref="ArgumentException"><see cref="Check"/> finds something wrong with one of them.</exception>
    public IReadOnlyList<RecommendationList> RecommendRows(IReadOnlyList<RecommendationRequest> rows)
    {
        var lists = new List<RecommendationList>(rows.Count);
        var shown = new List<ItemId>();
        foreach (var row in rows)
        {
            var list = this.Recommend(row with { Above = shown });
            shown.AddRange(list.Items.Select(item => item.Id));
            lists.Add(list);
        }

        return lists;
    }

    /// <summary>Why an item is not in the list that a request gets; that it is, where it is.</summary>
    /// <exception cref="ArgumentException"><see cref="Check"/> finds something wrong with the request.</exception>
    public MissingItem WhyMissing(RecommendationRequest request, ItemId item)
    {
        var asked = this.Prepare(request, preview: null);
        return MissingItem.Of(item, asked.Context, asked.Checks, asked.Left, budgets.LeftOf);
    }

    private RecommendationList Recommend(RecommendationRequest request, Merchandising? preview, bool served)
    {
        var list = Guid.CreateVersion7(time.GetUtcNow());
        var asked = this.Prepare(request, preview, isLogged: served && log.Wants(list));
        var (chosen, _, cost) = Choose(asked.Context, asked.Checks, asked.Left, budgets.LeftOf);
        var exchange = asked.Context.IsLogged ? NeighbourExchanges.Draw(list, chosen, ranking.Current.Exchange) : null;
        var id = new RecommendationId(
            list, asked.Context.Model?.Manifest.Version, pipelines.Version?.Version, rules.Version?.Version, asked.Variants).ToString();
        if (served)
        {
            foreach (var promoted in chosen.Where(candidate => candidate.PlacedBy?.Action == RuleAction.Promote).GroupBy(candidate => candidate.PlacedBy!.Name))
                budgets.Add(promoted.Key, promoted.Count());
            scores.Add(
                new ScoreOrigin(asked.Context.Pipeline.Name, asked.Context.Model?.Manifest.Version, pipelines.Version?.Version, asked.Context.Ranker?.Version),
                [.. chosen.Select(candidate => ComparableScore(candidate, asked.Context))]);
            if (asked.Context.IsLogged && chosen.Count > 0) this.Log(list, chosen, exchange, asked.Context);
            this._served.Add(id, [.. asked.Context.Request.Continues is { } before ? this._served.ShownBy(before) ?? [] : [], .. chosen.Select(candidate => candidate.Index)]);
        }

        return new RecommendationList(
            id, new Scenario(asked.Context.Pipeline.Name), request.Placement, asked.Context.Model?.Manifest.Version, pipelines.Version?.Version, rules.Version?.Version,
            Provenance.Of(chosen, asked.Context))
        {
            Exposure = cost,
        };
    }

    /// <summary>What models, a ranker or a blend think of an item, before boosts; NaN for fallbacks and for what everybody is shown, whose scores follow the shop's sales.</summary>
    private static double ComparableScore(PooledCandidate candidate, RecommendationContext context)
    {
        if (candidate.Tier > 0 || candidate.GatheredRank == 0) return double.NaN;
        if (candidate.Ranked is { } ranked) return ranked;
        return context.Pipeline.Sources.Count > 1 || candidate.Source is PersonalSource or NeighbourSource or ModelSource or SegmentSource ? candidate.Gathered : double.NaN;
    }

    private void Log(Guid list, List<PooledCandidate> chosen, ServedExchange? exchange, RecommendationContext context) =>
        log.Add(new ServedList(
            list, context.Now, context.Pipeline.Name, context.Ranker is not null, FeaturesKind, [.. chosen.Select(candidate => candidate.Item.Id)], LearnedOrder.FeaturesOf(chosen, context))
        {
            Exchange = exchange,
        });

    /// <summary>Gathers as many candidates as it takes to fill the list within its limits.</summary>
    /// <returns>The list, the pool that it was chosen from, and what shares of exposure cost; null where the pipeline has none.</returns>
    internal static (List<PooledCandidate> Chosen, List<PooledCandidate> Pool, ExposureCost? Cost) Choose(
        RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left, Func<Rule, long> budgetOf)
    {
        var arranges = ListArrangement.IsNeeded(context, checks);
        var diversity = context.Pipeline.Diversity;
        var shares = context.Pipeline.Exposure.Count > 0;
        var size = arranges || checks.CanReorder || diversity is not null || shares || context.Ranker is not null || context.Pipeline.Sources.Count > 1 ? context.PoolSize : context.Count;
        var fill = arranges ? Math.Min(4 * context.Count, context.PoolSize) : context.Count;
        while (true)
        {
            var pool = CandidatePool.Gather(context, checks, left, size, fill);
            if (diversity is not null) pool = ListDiversity.Reorder(pool, diversity, arranges ? 2 * context.Count : context.Count, context);
            ExposureCost? cost = null;
            if (shares) (pool, cost) = ExposureShares.Reorder(pool, arranges ? 2 * context.Count : context.Count, context.Count, context, checks);
            if (!arranges) return (pool.Count > context.Count ? pool[..context.Count] : pool, pool, cost);
            var chosen = ListArrangement.Arrange(context, checks, pool, left, budgetOf);
            if (chosen.Count == context.Count || pool.Count < fill || fill >= context.Catalogue.Count) return (chosen, pool, cost);
            // The limits kept out too many: look further.
            size *= 4;
            fill = Math.Max(size, 4 * fill);
        }
    }

    private Question Prepare(RecommendationRequest request, Merchandising? preview, bool isLogged = false)
    {
        if (this.Check(request, preview) is { } wrong) throw new ArgumentException(wrong.Message, nameof(request));
        var set = preview?.Pipelines ?? pipelines.Current;
        var pipeline = PipelineOf(request, set)!;
        var variants = new List<(uint, int)>();
        if (preview is null) pipeline = this.Experimental(pipeline, request, set, variants);
        var history = request.User is { } user ? histories.Of(user) : null;
        var context = new RecommendationContext
        {
            Request = request,
            Pipeline = pipeline,
            Count = request.Count ?? set.PlacementOf(request.Placement)?.Count ?? RecommendationRequest.DefaultCount,
            Model = models.Serving,
            Catalogue = catalogue,
            Rankings = statistics.Ranked(),
            Exposure = exposure,
            Statistics = statistics,
            Ranker = pipeline.Rank == RankedBy.Learned ? rankers.Serving : null,
            IsLogged = isLogged,
            ReadAttributes = facts.AttributesOf,
            Shopper = history,
            History = history?.Items ?? [],
            Events = history?.Events ?? [],
            Now = time.GetUtcNow(),
            LatestEvent = statistics.LatestEvent,
            Among = pipeline.AmongItems ? request.Items.Select(catalogue.IndexOf).OfType<int>().ToHashSet() : null,
        };
        return new Question(context, new CandidateChecks(context, facts, preview?.Rules ?? rules.Current), this.LeftOut(context), variants);
    }

    /// <summary>The pipeline after the experiments that the shopper is in; the variants are told even where they change nothing.</summary>
    private Pipeline Experimental(Pipeline pipeline, RecommendationRequest request, PipelineSet set, List<(uint Experiment, int Variant)> variants)
    {
        if (request.User is not { } user || experiments.Current.Experiments.Count == 0) return pipeline;
        var now = time.GetUtcNow();
        var served = pipeline;
        foreach (var experiment in experiments.Current.Experiments)
        {
            if (variants.Count == RecommendationId.MostExperiments) break;
            if (!experiment.Scope.IsActive(now) || !experiment.Scope.Covers(pipeline.Name, request.Placement) || stops.ReasonOf(experiment.Name) is not null) continue;
            if (experiment.Assignment.VariantOf(user.Value) is not { } variant) continue;
            variants.Add((experiment.Hash, variant));
            // One that asks for more than the request brings cannot take its place.
            if (experiment.Pipelines[variant] is { } name && set.Find(new Scenario(name)) is { } other && MissingNeed(other, request) is null) served = other;
        }

        return served;
    }

    /// <summary>The placement's pipeline where the shop gave it one, else the scenario's.</summary>
    private static Pipeline? PipelineOf(RecommendationRequest request, PipelineSet set) =>
        set.PlacementOf(request.Placement) is { } placement ? set.Find(new Scenario(placement.Pipeline)) : request.Scenario is { } scenario ? set.Find(scenario) : null;

    /// <summary>Indexes that must not appear: the question's own items, the exclude list, what was shown already and what the seen policy holds back.</summary>
    private HashSet<int> LeftOut(RecommendationContext context)
    {
        var left = new HashSet<int>();
        foreach (var id in (context.Pipeline.AmongItems ? [] : context.Request.Items).Concat(context.Request.Exclude).Concat(context.Request.Above))
            if (catalogue.IndexOf(id) is { } index) left.Add(index);
        if (context.Request.Continues is { } before) left.UnionWith(this._served.ShownBy(before) ?? []);
        foreach (var entry in context.History)
            if (HoldsBack(context, entry) && catalogue.IndexOf(entry.Item) is { } index) left.Add(index);
        return left;
    }

    internal static bool HoldsBack(RecommendationContext context, HistoryItem entry) => (context.Request.Seen ?? context.Pipeline.Seen) switch
    {
        SeenPolicy.ExcludeSeen => true,
        SeenPolicy.ExcludeBought => entry.Bought,
        _ => false,
    };

    /// <param name="Variants">The experiments that the answer is in, with the number of the variant of each.</param>
    private sealed record Question(RecommendationContext Context, CandidateChecks Checks, HashSet<int> Left, IReadOnlyList<(uint Experiment, int Variant)> Variants);
}
