using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;
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
    RankerRegistry rankers,
    PipelineRouting routing,
    PublishedConfiguration<RuleSet> rules,
    ListRecorder recorder,
    TimeProvider time)
{
    /// <summary>Rows of one call.</summary>
    public const int MaxRows = 20;

    /// <summary>What is wrong with a request: a limit that it breaks, a scenario that there is not, what its pipeline needs; null if nothing is.</summary>
    /// <param name="preview">What the shop might publish; null for what is published.</param>
    public FieldProblem? Check(RecommendationRequest request, Merchandising? preview = null) =>
        request.Check() ?? PipelineRouting.Check(request, preview?.Pipelines ?? routing.Current);

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
        return MissingItem.Of(item, asked.Context, asked.Checks, asked.Left, recorder.LeftOf);
    }

    private RecommendationList Recommend(RecommendationRequest request, Merchandising? preview, bool served)
    {
        var list = Guid.CreateVersion7(time.GetUtcNow());
        var asked = this.Prepare(request, preview, isLogged: served && recorder.Wants(list));
        var choice = ListChoice.Of(asked.Context, asked.Checks, asked.Left, recorder.LeftOf);
        var shadow = asked.Context.IsLogged ? this.InShadowOf(asked, choice) : null;
        var exchange = recorder.Exchange(list, choice.Chosen, asked.Context);
        var model = asked.Context.Model?.Manifest.Version;
        var id = new RecommendationId(list, model, routing.Version, rules.Version?.Version, asked.Variants).ToString();
        if (served) recorder.Record((list, id), routing.Version, choice.Chosen, exchange, shadow, asked.Context);
        return new RecommendationList(
            id, new Scenario(asked.Context.Pipeline.Name), request.Placement, model, routing.Version, rules.Version?.Version, Provenance.Of(choice.Chosen, asked.Context))
        {
            Exposure = choice.Cost,
        };
    }

    private Question Prepare(RecommendationRequest request, Merchandising? preview, bool isLogged = false)
    {
        if (this.Check(request, preview) is { } wrong) throw new ArgumentException(wrong.Message, nameof(request));
        var set = preview?.Pipelines ?? routing.Current;
        var pipeline = PipelineRouting.Find(request, set)!;
        IReadOnlyList<(uint, int)> variants = [];
        if (preview is null) (pipeline, variants) = routing.Tried(pipeline, request);
        var count = request.Count ?? set.PlacementOf(request.Placement)?.Count ?? RecommendationRequest.DefaultCount;
        return this.Ask(request, pipeline, count, preview?.Rules ?? rules.Current, isLogged, isShadow: false) with { Variants = variants };
    }

    /// <summary>What the pipeline in the shadow of the one that served would have shown; null where there is none, or it needs more than the request brings.</summary>
    private ShadowList? InShadowOf(Question served, ListChoice choice)
    {
        var context = served.Context;
        if (context.Pipeline.Shadow is not { } name || routing.Current.Find(new Scenario(name)) is not { } pipeline || pipeline.MissingFrom(context.Request) is not null) return null;
        var shadow = this.Ask(context.Request, pipeline, context.Count, rules.Current, isLogged: true, isShadow: true);
        return ShadowLists.Of(ListChoice.Of(shadow.Context, shadow.Checks, shadow.Left, recorder.LeftOf), shadow.Context, choice, context, served.Checks, served.Left);
    }

    private Question Ask(RecommendationRequest request, Pipeline pipeline, int count, RuleSet rules, bool isLogged, bool isShadow)
    {
        var history = request.User is { } user ? histories.Of(user) : null;
        var context = new RecommendationContext
        {
            Request = request,
            Pipeline = pipeline,
            Count = count,
            Model = models.Serving,
            Catalogue = catalogue,
            Rankings = statistics.Ranked(),
            Exposure = exposure,
            Statistics = statistics,
            Ranker = pipeline.Rank == RankedBy.Learned ? rankers.Serving : null,
            IsLogged = isLogged,
            IsShadow = isShadow,
            ReadAttributes = facts.AttributesOf,
            Shopper = history,
            History = history?.Items ?? [],
            Events = history?.Events ?? [],
            Now = time.GetUtcNow(),
            LatestEvent = statistics.LatestEvent,
            Among = pipeline.AmongItems ? request.Items.Select(catalogue.IndexOf).OfType<int>().ToHashSet() : null,
        };
        return new Question(context, new CandidateChecks(context, facts, rules), this.LeftOut(context), []);
    }

    /// <summary>Indexes that must not appear: the question's own items, the exclude list, what was shown already and what the seen policy holds back.</summary>
    private HashSet<int> LeftOut(RecommendationContext context)
    {
        var left = new HashSet<int>();
        foreach (var id in (context.Pipeline.AmongItems ? [] : context.Request.Items).Concat(context.Request.Exclude).Concat(context.Request.Above))
            if (catalogue.IndexOf(id) is { } index) left.Add(index);
        left.UnionWith(recorder.ShownBy(context.Request.Continues));
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
