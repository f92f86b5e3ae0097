using Aisle.Learning.Evaluation;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Learns the members' weights: of each member it keeps, for each user of the validation sample, the head of the ranking alone; so memory
/// does not grow with the catalogue, and a set of weights is judged in milliseconds.
/// </summary>
internal sealed class EnsembleWeights(InnerHoldOut part, Fusion fusion, int cutoff, FitContext context)
{
    /// <summary>Places kept of each member. An item behind them counts as the last of them.</summary>
    private const int Kept = 1000;

    /// <summary>Places that make an item a candidate: what no member has among them hardly reaches the head of the sum.</summary>
    private const int Head = 200;

    /// <summary>Weights below this are left out: fitting and asking a member costs more than they bring.</summary>
    private const double Least = 0.02;

    private static readonly double[] Strides = [0.4, 0.2, 0.1, 0.05, 0.025];

    private readonly List<RankedHead[]> _members = [];

    /// <summary>Ranks the sample's users with a member fitted on what was not held out.</summary>
    public void Add(IModel model)
    {
        var heads = new RankedHead[part.Users.Length];
        var items = model.Items;
        var batch = Math.Clamp((1 << 20) / items, 1, 256);
        var workers = new (float[] Scores, int[] Best, float[] BestScores)[context.Threads];
        ParallelRows.Run(
            context.Threads,
            heads.Length,
            batch,
            (worker, first, end) =>
            {
                if (workers[worker].Scores is null) workers[worker] = (new float[batch * items], new int[Kept], new float[Kept]);
                var (buffer, best, bestScores) = workers[worker];
                var scores = buffer.AsSpan(0, (end - first) * items);
                model.ScoreUsers(part.Users.AsSpan(first, end - first), scores);
                for (var i = first; i < end; i++)
                    heads[i] = this.HeadOf(scores.Slice((i - first) * items, items), part.Train.Interactions.ItemsOf(part.Users[i]), best, bestScores);
            },
            context.Cancellation);
        this._members.Add(heads);
    }

    /// <summary>
    /// Coordinate ascent on NDCG from equal weights: each weight in turn is moved by a stride, which shrinks when none helps. The best single
    /// member is kept where no mixture beats it.
    /// </summary>
    public double[] Learn()
    {
        var cases = this.Cases();
        var members = this._members.Count;
        var best = Enumerable.Repeat(1.0 / members, members).ToArray();
        var bestValue = this.Judge(cases, best);
        foreach (var stride in Strides)
        {
            for (var improved = true; improved;)
            {
                improved = false;
                for (var move = 0; move < 2 * members; move++)
                {
                    context.Cancellation.ThrowIfCancellationRequested();
                    var tried = Moved(best, move / 2, move % 2 == 0 ? stride : -stride);
                    if (tried is null || this.Judge(cases, tried) is var value && value <= bestValue + 1e-7) continue;
                    (best, bestValue, improved) = (tried, value, true);
                }
            }
        }

        for (var member = 0; member < members; member++)
        {
            var alone = new double[members];
            alone[member] = 1;
            if (this.Judge(cases, alone) is var value && value >= bestValue) (best, bestValue) = (alone, value);
        }

        var kept = Array.ConvertAll(best, weight => weight < Least ? 0 : weight);
        return Array.ConvertAll(kept, weight => weight / kept.Sum());
    }

    /// <summary>Weights that add up to 1 with one of them changed; null where nothing changes or nothing is left.</summary>
    private static double[]? Moved(double[] weights, int member, double by)
    {
        var moved = (double[])weights.Clone();
        moved[member] = Math.Max(0, moved[member] + by);
        var sum = moved.Sum();
        if (sum <= 0 || moved[member] == weights[member]) return null;
        return Array.ConvertAll(moved, weight => weight / sum);
    }

    private RankedHead HeadOf(Span<float> row, ReadOnlySpan<int> seen, int[] best, float[] bestScores)
    {
        foreach (var item in seen) row[item] = float.NegativeInfinity;
        var count = TopK.Select(row, best, bestScores);
        var items = best.AsSpan(0, count).ToArray();
        var values = new float[count];
        if (fusion.IsByRank)
        {
            for (var place = 0; place < count; place++) values[place] = fusion.Points(place);
            return new RankedHead(items, values, count < Kept ? 0f : values[^1]);
        }

        var summary = ScoreRows.Summarise(row);
        var scale = fusion.Scale(summary);
        for (var place = 0; place < count; place++) values[place] = bestScores[place] * scale;
        return new RankedHead(items, values, count == 0 ? 0f : count < Kept ? summary.Lowest * scale : values[^1]);
    }

    private Case[] Cases()
    {
        var cases = new Case[part.Users.Length];
        ParallelRows.Run(
            context.Threads,
            cases.Length,
            64,
            (_, first, end) =>
            {
                for (var i = first; i < end; i++) cases[i] = this.CaseOf(i);
            },
            context.Cancellation);
        return cases;
    }

    private Case CaseOf(int user)
    {
        var candidates = this._members.SelectMany(heads => heads[user].Items.Take(Math.Max(Head, cutoff))).Distinct().ToArray();
        Array.Sort(candidates);
        var values = new float[this._members.Count][];
        for (var member = 0; member < values.Length; member++)
        {
            var head = this._members[member][user];
            values[member] = new float[candidates.Length];
            values[member].AsSpan().Fill(head.Beyond);
            for (var place = 0; place < head.Items.Length; place++)
            {
                var at = Array.BinarySearch(candidates, head.Items[place]);
                if (at >= 0) values[member][at] = head.Values[place];
            }
        }

        return new Case(candidates, values, part.Targets[user]);
    }

    /// <summary>Mean NDCG of the sample; each user's is put in its own place, so threads do not change the sum.</summary>
    private double Judge(Case[] cases, double[] weights)
    {
        var gains = new double[cases.Length];
        var longest = cases.Max(@case => @case.Candidates.Length);
        var workers = new (float[] Sums, int[] Best, float[] BestSums)[context.Threads];
        ParallelRows.Run(
            context.Threads,
            cases.Length,
            64,
            (worker, first, end) =>
            {
                if (workers[worker].Sums is null) workers[worker] = (new float[longest], new int[cutoff], new float[cutoff]);
                var (sums, best, bestSums) = workers[worker];
                for (var i = first; i < end; i++)
                {
                    var (candidates, values, targets) = cases[i];
                    var row = sums.AsSpan(0, candidates.Length);
                    row.Clear();
                    for (var member = 0; member < weights.Length; member++)
                    {
                        if (weights[member] > 0) Vectors.AddScaled((float)weights[member], values[member], row);
                    }

                    var ranked = best.AsSpan(0, TopK.Select(row, best, bestSums)).ToArray();
                    gains[i] = UserMetrics.Of(Array.ConvertAll(ranked, place => candidates[place]), targets, cutoff).Ndcg;
                }
            },
            context.Cancellation);
        return gains.Sum() / gains.Length;
    }

    /// <summary>The first places of one member for one user.</summary>
    /// <param name="Items">Best first.</param>
    /// <param name="Values">Beside them, on the scale of the fusion.</param>
    /// <param name="Beyond">What an item counts that is not among them.</param>
    private readonly record struct RankedHead(int[] Items, float[] Values, float Beyond);

    /// <param name="Candidates">Ascending, so that ties go to the lower number as in any ranking.</param>
    /// <param name="Values">For each member, beside the candidates.</param>
    private readonly record struct Case(int[] Candidates, float[][] Values, int[] Targets);
}
