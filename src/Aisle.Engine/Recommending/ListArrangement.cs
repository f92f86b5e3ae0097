using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;
using Aisle.Engine.Recommending.Sources;

namespace Aisle.Engine.Recommending;

/// <summary>Puts a pool's candidates into the places of the list: pins first, then the promotions' share, then by score within the limits.</summary>
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
        arrangement.Fill(pool);
        return [.. arrangement._places.OfType<PooledCandidate>()];
    }

    /// <summary>Whether a list can differ from the first of its pool.</summary>
    public static bool IsNeeded(RecommendationContext context, CandidateChecks checks) =>
        context.Pipeline.Limits.Count > 0
        || checks.Rules.Of(RuleAction.Pin).Any() || checks.Rules.Of(RuleAction.Promote).Any() || checks.Rules.Of(RuleAction.Limit).Any();

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
                this.Put(this.FromOutside(index), place, rule);
            }
        }
    }

    /// <summary>Spreads a promotion's items evenly over the list: the likeliest of them for this shopper, or where the pool has too few, best sellers among them.</summary>
    private void Promote(BoundRule bound, IReadOnlyList<PooledCandidate> pool, long budget)
    {
        var count = this._places.Length;
        var wanted = (int)Math.Min(budget, Math.Max(1, Math.Round(bound.Rule.Share * count, MidpointRounding.AwayFromZero)));
        var put = 0;
        foreach (var candidate in this.Promoted(bound, pool))
        {
            if (put >= wanted) return;
            if (!this.CanPlace(candidate.Index) || this._limits.Broken(candidate.Item) is not null) continue;
            var place = this.FreeFrom((int)((put + 0.5) * count / wanted));
            if (place < 0) place = this.FreeFrom(0);
            if (place < 0) return;
            this.Put(candidate, place, bound.Rule);
            put++;
        }
    }

    private IEnumerable<PooledCandidate> Promoted(BoundRule bound, IReadOnlyList<PooledCandidate> pool)
    {
        foreach (var candidate in pool)
            if (bound.Speaks(candidate.Item)) yield return candidate;
        foreach (var ranked in this._context.Rankings.BestSellers)
            if (bound.Speaks(this._checks.ItemAt(ranked.Index))) yield return this.FromOutside(ranked.Index);
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

    private PooledCandidate FromOutside(int index) => new()
    {
        Index = index, Item = this._checks.ItemAt(index), Source = RuleSource.Instance, Candidate = new Candidate(index, 0), SourceRank = 0, Tier = 0, Gathered = 0,
    };
}
