using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Sources;
using Aisle.Learning.Ranking;

namespace Aisle.Engine.Recommending;

/// <summary>What the ranker is told of a candidate, as it is known when the list is made. None of it is the place in the list. NaN where something is not known.</summary>
internal sealed class CandidateFeatures
{
    private const int FirstSource = 3;
    private static readonly int FirstItem = FirstSource + 2 * CandidateSources.All.Count;
    private static readonly Dictionary<string, int> SourceColumns =
        CandidateSources.All.Select((source, place) => (source.Name, Column: FirstSource + 2 * place)).ToDictionary(source => source.Name, source => source.Column);

    private readonly RecommendationContext _context;
    private readonly Dictionary<ItemId, HistoryItem> _history = [];
    private readonly Dictionary<string, double> _departments = [];
    private readonly Dictionary<string, double> _subcategories = [];
    private readonly Dictionary<string, double> _brands = [];
    private readonly double _points;
    private readonly double _averagePrice = double.NaN;
    private readonly int _orders;

    public CandidateFeatures(RecommendationContext context)
    {
        this._context = context;
        var (paid, pricedPoints) = (0.0, 0.0);
        foreach (var entry in context.History)
        {
            this._history[entry.Item] = entry;
            if (entry.Points <= 0 || context.Catalogue.Find(entry.Item) is not { } item) continue;
            this._points += entry.Points;
            Count(this._departments, GroupLimits.GroupOf(item, ItemGroup.Department), entry.Points);
            Count(this._subcategories, GroupLimits.GroupOf(item, ItemGroup.Subcategory), entry.Points);
            Count(this._brands, item.Brand, entry.Points);
            if (item.Price is not { } price) continue;
            paid += price * entry.Points;
            pricedPoints += entry.Points;
        }

        if (pricedPoints > 0) this._averagePrice = paid / pricedPoints;
        this._orders = context.Events.Where(@event => @event.Type == EventType.Purchase).Select(@event => @event.Time.UtcDateTime.Date).Distinct().Count();

        static void Count(Dictionary<string, double> sums, string? group, double points)
        {
            if (group is not null) sums[group] = sums.GetValueOrDefault(group) + points;
        }
    }

    /// <summary>The columns in their order (docs/ranking.md). A ranker of others is refused, so that a change here asks for training, never for guesses.</summary>
    public static FeatureSchema Schema { get; } = new(
    [
        new("gathered.score"), new("gathered.rank"), new("gathered.tier"),
        .. CandidateSources.All.SelectMany(source => new RankingFeature[] { new($"{source.Name}.score"), new($"{source.Name}.rank") }),
        new("item.impressions"), new("item.clicks"), new("item.click-rate"), new("item.interest-short"), new("item.interest-long"), new("item.sales"),
        new("item.price"), new("item.age-days"), new("item.stock"),
        new("shopper.price-ratio"), new("shopper.department"), new("shopper.subcategory"), new("shopper.brand"), new("shopper.item-points"), new("shopper.item-days"),
        new("shopper.events"), new("shopper.order-days"), new("shopper.average-price"),
    ]);

    /// <summary>Whether a column tells what sources thought of the item, and with it nearly the place that it got.</summary>
    public static bool IsOfOrder(int column) => column < FirstItem;

    /// <param name="row">As many values as <see cref="Schema"/> has columns.</param>
    public void Write(PooledCandidate candidate, Span<float> row)
    {
        row.Fill(float.NaN);
        if (candidate.GatheredRank > 0)
        {
            row[0] = (float)candidate.Gathered;
            row[1] = candidate.GatheredRank;
            row[2] = candidate.Tier;
        }

        WriteSources(candidate, row);
        this.WriteItem(candidate, row[FirstItem..]);
        this.WriteShopper(candidate.Item, row[(FirstItem + 9)..]);
    }

    private static void WriteSources(PooledCandidate candidate, Span<float> row)
    {
        if (candidate.Parts.Count == 0)
        {
            if (candidate.SourceRank > 0 && SourceColumns.TryGetValue(candidate.Source.Name, out var column)) (row[column], row[column + 1]) = ((float)candidate.Candidate.Score, candidate.SourceRank);
            return;
        }

        foreach (var part in candidate.Parts)
            if (SourceColumns.TryGetValue(part.Source, out var column)) (row[column], row[column + 1]) = ((float)part.Score, part.Rank);
    }

    private void WriteItem(PooledCandidate candidate, Span<float> row)
    {
        var (impressions, clicks) = this._context.Exposure.Of(candidate.Index);
        var (fast, slow, sold) = this._context.Statistics.Of(candidate.Index);
        row[0] = (float)impressions;
        row[1] = (float)clicks;
        row[2] = (float)this._context.Exposure.Belief(candidate.Index).Mean;
        row[3] = (float)fast;
        row[4] = (float)slow;
        row[5] = (float)sold;
        if (candidate.Item.Price is { } price) row[6] = (float)price;
        if (candidate.Item.AvailableFrom is { } from) row[7] = (float)Math.Max(0, (this._context.LatestEvent - from).TotalDays);
        if (candidate.Item.Stock is { } stock) row[8] = stock;
    }

    private void WriteShopper(Item item, Span<float> row)
    {
        if (item.Price is { } price && this._averagePrice > 0) row[0] = (float)(price / this._averagePrice);
        if (this._points > 0)
        {
            row[1] = this.ShareOf(this._departments, GroupLimits.GroupOf(item, ItemGroup.Department));
            row[2] = this.ShareOf(this._subcategories, GroupLimits.GroupOf(item, ItemGroup.Subcategory));
            row[3] = this.ShareOf(this._brands, item.Brand);
        }

        if (this._history.TryGetValue(item.Id, out var entry))
        {
            row[4] = entry.Points;
            row[5] = (float)(this._context.LatestEvent - entry.Last).TotalDays;
        }

        row[6] = this._context.Events.Count;
        row[7] = this._orders;
        row[8] = (float)this._averagePrice;
    }

    private float ShareOf(Dictionary<string, double> sums, string? group) => group is null ? float.NaN : (float)(sums.GetValueOrDefault(group) / this._points);
}
