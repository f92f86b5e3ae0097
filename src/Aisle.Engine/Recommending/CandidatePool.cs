using Aisle.Engine.Catalog;
using Aisle.Engine.Recommending.Rules;
using Aisle.Engine.Recommending.Sources;

namespace Aisle.Engine.Recommending;

/// <summary>A candidate on its way to the list, with its score at each stage.</summary>
internal sealed class PooledCandidate
{
    public required int Index { get; init; }

    /// <summary>The item; one of its identifier alone where only events know it.</summary>
    public required Item Item { get; init; }

    /// <summary>The source that brought it; of several, the one that spoke for it most.</summary>
    public required ICandidateSource Source { get; init; }

    /// <summary>As that source brought it.</summary>
    public required Candidate Candidate { get; init; }

    /// <summary>Its place in that source's list, from 1, among those that may be shown.</summary>
    public required int SourceRank { get; init; }

    /// <summary>Sources before fallbacks, fallbacks in their order.</summary>
    public required int Tier { get; init; }

    /// <summary>After blending.</summary>
    public required double Gathered { get; init; }

    /// <summary>Its place when all sources had been asked, from 1; 0 where it came from outside the pool.</summary>
    public int GatheredRank { get; set; }

    /// <summary>What the ranker was told of it; null where none was asked. Never computed again: what is logged is what served.</summary>
    public ReadOnlyMemory<float>? Features { get; set; }

    /// <summary>The ranker's score, in (0, 1]; null where none was asked.</summary>
    public double? Ranked { get; set; }

    /// <summary>After the boosts of pipeline and request.</summary>
    public double Boosted { get; set; }

    /// <summary>After the rules' boosts.</summary>
    public double Score { get; set; }

    public bool Buried { get; set; }

    /// <summary>Its place in the pool when all scores are known, from 1; 0 where a rule brought it from outside.</summary>
    public int PoolRank { get; set; }

    /// <summary>The rule that gave it its place; null where its score did.</summary>
    public Rule? PlacedBy { get; set; }

    /// <summary>Whether it stands in a place kept for new items.</summary>
    public bool IsPlacedAsNew { get; set; }

    /// <summary>The group for whose share of the exposure it stands before better ones; null where it does not.</summary>
    public string? LiftedFor { get; set; }

    /// <summary>The probability with which exploration drew it for its place; null where it was not drawn.</summary>
    public double? Propensity { get; set; }

    /// <summary>Which of its list's draws that was, from 0.</summary>
    public int Draw { get; set; }

    /// <summary>The place, from 1, that it left to its neighbour by chance; null where it did not.</summary>
    public int? ExchangedFrom { get; set; }

    /// <summary>Every source's part in a blend, where anything asks for it.</summary>
    public IReadOnlyList<SourcePart> Parts { get; init; } = [];
}

/// <param name="Rank">Place in the source's list, from 1.</param>
internal readonly record struct SourcePart(string Source, int Rank, double Score);

/// <summary>Gathers the candidates of one request from the pipeline's sources, best first.</summary>
internal sealed class CandidatePool
{
    /// <summary>k of reciprocal rank fusion: how much less than the first the later ranks count.</summary>
    private const double RankOffset = 60;

    private readonly RecommendationContext _context;
    private readonly CandidateChecks _checks;
    private readonly IReadOnlySet<int> _left;
    private readonly List<PooledCandidate> _found = [];

    private CandidatePool(RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left)
    {
        this._context = context;
        this._checks = checks;
        this._left = left;
    }

    /// <param name="left">Catalogue indexes that must not appear.</param>
    /// <param name="size">Candidates taken from the pipeline's own sources.</param>
    /// <param name="fill">Fallback sources are asked until there are so many.</param>
    public static List<PooledCandidate> Gather(RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left, int size, int fill)
    {
        var pool = new CandidatePool(context, checks, left);
        if (context.Pipeline.Sources.Count == 1) pool.TakeFrom(context.Pipeline.Sources[0].Source, tier: 0, size);
        else pool.Blend(size);
        for (var tier = 1; tier <= context.Pipeline.Fallback.Count && pool._found.Count < fill; tier++)
            pool.TakeFrom(context.Pipeline.Fallback[tier - 1], tier, fill);
        for (var place = 0; place < pool._found.Count; place++) pool._found[place].GatheredRank = place + 1;
        if (context.Ranker is { } ranker) LearnedOrder.Score(pool._found, ranker, context);
        pool.Score();
        return pool._found;
    }

    /// <summary>Takes a source's candidates, those first that it brings first, until the pool has so many.</summary>
    private void TakeFrom(ICandidateSource source, int tier, int until)
    {
        // Whatever became of it, an item is looked at once: later sources bring it again.
        var known = this._found.Select(candidate => candidate.Index).ToHashSet();
        var rank = 0;
        foreach (var candidate in source.Candidates(this._context, until + this._left.Count))
        {
            if (this._found.Count >= until) return;
            if (!known.Add(candidate.Index) || this._left.Contains(candidate.Index) || this._checks.Refuse(candidate.Index) is not null) continue;
            this._found.Add(new PooledCandidate
            {
                Index = candidate.Index, Item = this._checks.ItemAt(candidate.Index), Source = source, Candidate = candidate, SourceRank = ++rank, Tier = tier, Gathered = candidate.Score,
            });
        }
    }

    private void Blend(int size)
    {
        var sums = new Dictionary<int, Blended>();
        foreach (var (source, weight) in this._context.Pipeline.Sources.Select(source => (source.Source, source.Weight)))
        {
            var rank = 0;
            var known = new HashSet<int>();
            foreach (var candidate in source.Candidates(this._context, size + this._left.Count))
            {
                if (rank >= size) break;
                if (!known.Add(candidate.Index)) continue;
                if (!sums.TryGetValue(candidate.Index, out var sum))
                {
                    if (this._left.Contains(candidate.Index) || this._checks.Refuse(candidate.Index) is not null) continue;
                    sums[candidate.Index] = sum = new Blended();
                }

                sum.Add(source, candidate, ++rank, weight / (RankOffset + rank), this._context.KeepsParts);
            }
        }

        foreach (var (index, sum) in sums.OrderByDescending(sum => sum.Value.Score).ThenBy(sum => sum.Key).Take(size))
        {
            this._found.Add(new PooledCandidate
            {
                Index = index, Item = this._checks.ItemAt(index), Source = sum.Strongest!, Candidate = sum.Candidate, SourceRank = sum.Rank, Tier = 0, Gathered = sum.Score, Parts = sum.Parts,
            });
        }
    }

    /// <summary>Boosts, and puts the pool in order: those that are not buried, sources before fallbacks, by score.</summary>
    private void Score()
    {
        var reorders = this._checks.CanReorder;
        foreach (var candidate in this._found)
        {
            var score = candidate.Ranked ?? candidate.Gathered;
            candidate.Boosted = reorders ? this._checks.Boosted(score, candidate.Item) : score;
            candidate.Score = reorders ? this._checks.Ruled(candidate.Boosted, candidate.Item) : candidate.Boosted;
            candidate.Buried = reorders && this._checks.Rules.Buries(candidate.Item);
        }

        if (reorders || this._context.Ranker is not null)
        {
            var ordered = this._found.OrderBy(candidate => candidate.Buried).ThenBy(candidate => candidate.Tier).ThenByDescending(candidate => candidate.Score).ToList();
            this._found.Clear();
            this._found.AddRange(ordered);
        }

        for (var place = 0; place < this._found.Count; place++) this._found[place].PoolRank = place + 1;
    }

    private sealed class Blended
    {
        private readonly List<SourcePart> _parts = [];
        private double _most;

        public double Score { get; private set; }

        public ICandidateSource? Strongest { get; private set; }

        public Candidate Candidate { get; private set; }

        public int Rank { get; private set; }

        public IReadOnlyList<SourcePart> Parts => this._parts;

        public void Add(ICandidateSource source, Candidate candidate, int rank, double part, bool keep)
        {
            this.Score += part;
            if (keep) this._parts.Add(new SourcePart(source.Name, rank, candidate.Score));
            if (part <= this._most) return;
            this._most = part;
            this.Strongest = source;
            this.Candidate = candidate;
            this.Rank = rank;
        }
    }
}
