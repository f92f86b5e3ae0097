using Aisle.Engine.Catalog;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;
using Aisle.Engine.Recommending.Sources;
using Aisle.Learning;
using Exploration = Aisle.Engine.Recommending.Pipelines.Exploration;

namespace Aisle.Engine.Recommending;

/// <summary>Puts a pool's candidates into the places of the list: pins first, then the shares of promotions, new items and exploration, then by score within the limits.</summary>
internal sealed class ListArrangement
{
    private readonly RecommendationContext _context;
    private readonly CandidateChecks _checks;
    private readonly IReadOnlySet<int> _left;
    private readonly GroupLimits _limits;
    private readonly PooledCandidate?[] _places;
    private readonly HashSet<int> _placed = [];

    private ListArrangement(RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left)
    {
        this._context = context;
        this._checks = checks;
        this._left = left;
        this._limits = new GroupLimits([.. context.Pipeline.Limits, .. checks.Rules.Of(RuleAction.Limit).Select(rule => rule.Rule.Limit!)]);
        this._places = new PooledCandidate?[context.Count];
    }

    /// <param name="pool">Best first.</param>
    /// <param name="left">Catalogue indexes that must not appear.</param>
    /// <param name="budgetOf">How often a promotion may still be shown.</param>
    /// <returns>The list; shorter than asked where the pool and the limits give no more.</returns>
    public static List<PooledCandidate> Arrange(
        RecommendationContext context, CandidateChecks checks, IReadOnlyList<PooledCandidate> pool, IReadOnlySet<int> left, Func<Rule, long> budgetOf)
    {
        var arrangement = new ListArrangement(context, checks, left);
        arrangement.Pin();
        foreach (var rule in checks.Rules.Of(RuleAction.Promote)) arrangement.Promote(rule, pool, budgetOf(rule.Rule));
        if (context.Pipeline.NewItems is { } fresh) arrangement.TakeNewItems(fresh, pool);
        if (context.Pipeline.Explore is { } explore) arrangement.Explore(explore, pool);
        arrangement.Fill(pool);
        return [.. arrangement._places.OfType<PooledCandidate>()];
    }

    /// <summary>Whether a list can differ from the first of its pool.</summary>
    public static bool IsNeeded(RecommendationContext context, CandidateChecks checks) =>
        context.Pipeline.Limits.Count > 0 || context.Pipeline.NewItems is not null || context.Pipeline.Explore is not null
        || checks.Rules.Of(RuleAction.Pin).Any() || checks.Rules.Of(RuleAction.Promote).Any() || checks.Rules.Of(RuleAction.Limit).Any();

    /// <summary>Catalogue indexes that exploration draws from, if rules leave them a place.</summary>
    public static IEnumerable<int> Open(Exploration explore, RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left) =>
        context.Exposure.Underexposed(explore.Below).Where(index => !left.Contains(index) && checks.Refuse(index) is null);

    private void Pin()
    {
        foreach (var rule in this._checks.Rules.Of(RuleAction.Pin).Select(bound => bound.Rule))
        {
            var place = rule.Position - 1;
            foreach (var id in rule.Items)
            {
                if (this._context.Catalogue.IndexOf(id) is not { } index || !this.CanPlace(index)) continue;
                place = this.FreeFrom(place);
                if (place < 0) break;
                this.Put(this.FromOutside(index, RuleSource.Instance), place, rule);
            }
        }
    }

    /// <summary>Spreads a promotion's items evenly over the list: the likeliest of them for this shopper, or where the pool has too few, best sellers among them.</summary>
    private void Promote(BoundRule bound, IReadOnlyList<PooledCandidate> pool, long budget)
    {
        var count = this._places.Length;
        this.Spread(this.Promoted(bound, pool), (int)Math.Min(budget, Math.Max(1, Math.Round(bound.Rule.Share * count, MidpointRounding.AwayFromZero))), bound.Rule);
    }

    /// <summary>New items: the likeliest of them for this shopper, or where the pool has too few, the latest.</summary>
    private void TakeNewItems(NewItemShare fresh, IReadOnlyList<PooledCandidate> pool)
    {
        var since = this._context.Now.AddDays(-fresh.Days);
        var wanted = (int)Math.Round(fresh.Share * this._places.Length, MidpointRounding.AwayFromZero);
        // Those that stand high by themselves count towards the share.
        var standing = pool.Take(this._places.Length).Count(candidate => IsNew(candidate.Item));
        if (standing >= wanted) return;
        var latest = this._context.Rankings.NewArrivals.TakeWhile(ranked => IsNew(this._checks.ItemAt(ranked.Index))).Select(ranked => this.FromOutside(ranked.Index, RankedSource.NewArrivals));
        foreach (var candidate in this.Spread(pool.Where(candidate => IsNew(candidate.Item)).Concat(latest), wanted, by: null)) candidate.IsPlacedAsNew = true;

        bool IsNew(Item item) => item.AvailableFrom >= since;
    }

    /// <summary>
    /// Draws items of which little is known and which would not be shown by themselves, one place after another: P(i) ∝ exp(upper(i) / (½ · mean upper)), upper being the mean plus a standard deviation
    /// of what is believed of the item's click-through rate. The probability of each draw is told with the item, so that logs can judge other pipelines.
    /// </summary>
    private void Explore(Exploration explore, IReadOnlyList<PooledCandidate> pool)
    {
        var expected = explore.Share * this._places.Length;
        var wanted = (int)expected + (Uniform(-1) < expected - (int)expected ? 1 : 0);
        if (wanted == 0) return;
        var standing = pool.Where(candidate => !this._placed.Contains(candidate.Index)).Take(this._places.Count(place => place is null) - wanted).Select(candidate => candidate.Index).ToHashSet();
        var open = Open(explore, this._context, this._checks, this._left)
            .Where(index => !this._placed.Contains(index) && !standing.Contains(index) && this._limits.Broken(this._checks.ItemAt(index)) is null)
            .Select(index => (Index: index, Upper: this._context.Exposure.Belief(index) is var belief ? belief.Mean + belief.Deviation : 0))
            .ToList();
        for (var put = 0; put < wanted && open.Count > 0; put++)
        {
            var scale = 0.5 * open.Average(candidate => candidate.Upper);
            var weights = open.Select(candidate => Math.Exp(candidate.Upper / scale)).ToList();
            var total = weights.Sum();
            var left = Uniform(put) * total;
            var drawn = 0;
            while (drawn < open.Count - 1 && (left -= weights[drawn]) >= 0) drawn++;
            var candidate = this.FromOutside(open[drawn].Index, ExploredSource.Instance);
            (candidate.Propensity, candidate.Draw) = (weights[drawn] / total, put);
            this.Spread([candidate], 1, by: null, first: (int)((put + 0.5) * this._places.Length / wanted));
            open.RemoveAt(drawn);
        }

        // The same request at the same moment draws the same.
        double Uniform(int draw) => UnitHash.Place(UnitHash.Of(this._context.IsShadow ? "explore-shadow" : "explore", FormattableString.Invariant(
            $"{this._context.Request.User?.Value}|{this._context.Now.UtcTicks}|{this._context.Request.Placement}|{draw}")));
    }

    /// <summary>Puts as many of some candidates as are wanted into places spread evenly over the list.</summary>
    /// <param name="first">The place of the first; null for the middle of its share.</param>
    /// <returns>Those that got a place.</returns>
    private List<PooledCandidate> Spread(IEnumerable<PooledCandidate> candidates, int wanted, Rule? by, int? first = null)
    {
        var put = new List<PooledCandidate>();
        foreach (var candidate in candidates)
        {
            if (put.Count >= wanted) break;
            if (!this.CanPlace(candidate.Index) || this._limits.Broken(candidate.Item) is not null) continue;
            var place = this.FreeFrom(first ?? (int)((put.Count + 0.5) * this._places.Length / wanted));
            if (place < 0) place = this.FreeFrom(0);
            if (place < 0) break;
            this.Put(candidate, place, by);
            put.Add(candidate);
        }

        return put;
    }

    private IEnumerable<PooledCandidate> Promoted(BoundRule bound, IReadOnlyList<PooledCandidate> pool)
    {
        foreach (var candidate in pool)
            if (bound.Speaks(candidate.Item)) yield return candidate;
        foreach (var ranked in this._context.Rankings.BestSellers)
            if (bound.Speaks(this._checks.ItemAt(ranked.Index))) yield return this.FromOutside(ranked.Index, RuleSource.Instance);
    }

    private void Fill(IReadOnlyList<PooledCandidate> pool)
    {
        var place = 0;
        foreach (var candidate in pool)
        {
            while (place < this._places.Length && this._places[place] is not null) place++;
            if (place == this._places.Length) return;
            if (this._placed.Contains(candidate.Index) || this._limits.Broken(candidate.Item) is not null) continue;
            this.Put(candidate, place, by: null);
        }
    }

    private void Put(PooledCandidate candidate, int place, Rule? by)
    {
        candidate.PlacedBy = by;
        this._places[place] = candidate;
        this._placed.Add(candidate.Index);
        this._limits.Count(candidate.Item);
    }

    private bool CanPlace(int index) => !this._placed.Contains(index) && !this._left.Contains(index) && this._checks.Refuse(index) is null;

    private int FreeFrom(int place)
    {
        for (; place < this._places.Length; place++)
            if (this._places[place] is null) return place;
        return -1;
    }

    private PooledCandidate FromOutside(int index, ICandidateSource source) => new()
    {
        Index = index, Item = this._checks.ItemAt(index), Source = source, Candidate = new Candidate(index, 0), SourceRank = 0, Tier = 0, Gathered = 0,
    };
}
