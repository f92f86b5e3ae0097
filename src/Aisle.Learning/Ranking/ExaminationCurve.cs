using Aisle.Learning.Models;

namespace Aisle.Learning.Ranking;

/// <summary>One item as it was shown.</summary>
/// <param name="Subject">Number of what is shown to whom or for what: showings with the same one are taken to be equally relevant (an item in a context).</param>
/// <param name="Position">From 0 on, 0 the first.</param>
public readonly record struct Showing(int Subject, int Position, bool Clicked);

/// <summary>
/// How likely an item is looked at by its position, beside the first: P(click) = propensity of the position · relevance of the subject
/// (position-based model; Craswell et al., WSDM 2008). Clicks weighted by 1 / propensity are unbiased by position.
/// </summary>
public sealed class ExaminationCurve
{
    /// <summary>Propensities below this would let single clicks outweigh thousands.</summary>
    private const double Least = 1e-4;

    private readonly float[] _propensities;

    /// <param name="propensities">By position, above 0; scaled so that the first is 1.</param>
    public ExaminationCurve(IReadOnlyList<double> propensities)
    {
        if (propensities.Count == 0) throw new ArgumentException("There is no position; give at least one propensity.");
        foreach (var propensity in propensities)
        {
            if (!(propensity > 0 && double.IsFinite(propensity))) throw new ArgumentException($"A propensity is {propensity}; allowed are finite numbers above 0.");
        }

        this._propensities = [.. propensities.Select(propensity => (float)Math.Max(propensity / propensities[0], Least))];
    }

    /// <summary>By position; 1 for the first.</summary>
    public ReadOnlySpan<float> Propensities => this._propensities;

    /// <summary>The weight of an example: 1 / propensity for what was clicked, at most <paramref name="most"/>, and 1 for the rest. Positions beyond the last count as the last.</summary>
    /// <param name="most">Clips weights: less variance for some bias. At least 1, default 20.</param>
    public float Weight(int position, bool clicked, float most = 20)
    {
        if (!(most >= 1)) throw new ArgumentException($"The largest weight is {most}; allowed are numbers from 1 on.");
        return clicked ? Math.Min(most, 1 / this._propensities[Math.Min(position, this._propensities.Length - 1)]) : 1;
    }

    /// <summary>
    /// From subjects that stood at several positions, by randomisation, exchanges, or changes of the ranker: for each pair of positions the subjects seen
    /// at both are the same, so that their click rates c_k, each subject counting the same at both, are p_k r and p_l r with the pair's relevance r. The curve that fits best maximises
    /// Σ_{k,l} n_kl [c_k log(p_k r_kl) + (1 − c_k) log(1 − p_k r_kl)].
    /// </summary>
    /// <param name="positions">Of the curve, 2 to 100; later ones are left out.</param>
    /// <remarks>Joachims et al. (WSDM 2017); Agarwal et al.: Estimating position bias without intrusive interventions (WSDM 2019), AllPairs. p and r are found in turns, each from its own equation.</remarks>
    public static ExaminationCurve FromHarvest(IEnumerable<Showing> showings, int positions)
    {
        CheckPositions(positions);
        var pairs = PairSums(showings, positions);
        var propensities = Enumerable.Repeat(0.5, positions).ToArray();
        var relevances = new double[positions, positions];
        CheckConnected(pairs, positions);

        // As expectation–maximisation of the position-based model: the chance that an item without a click was examined, and that it was relevant.
        for (var a = 0; a < positions; a++)
        {
            for (var b = 0; b < positions; b++) relevances[a, b] = 0.5;
        }

        for (var round = 0; round < 2000; round++)
        {
            var moved = 0.0;
            var (seen, shown) = (new double[positions], new double[positions]);
            for (var k = 0; k < positions; k++)
            {
                for (var l = k + 1; l < positions; l++)
                {
                    if (pairs[k, l].Weight == 0) continue;
                    var (relevant, both) = (0.0, 0.0);
                    for (var turn = 0; turn < 2; turn++)
                    {
                        var (own, other) = turn == 0 ? (k, l) : (l, k);
                        var (clicks, rest) = (pairs[own, other].Clicks, pairs[own, other].Weight - pairs[own, other].Clicks);
                        var (p, r) = (propensities[own], relevances[k, l]);
                        var missed = 1 - (p * r);
                        seen[own] += clicks + (rest * p * (1 - r) / missed);
                        shown[own] += clicks + rest;
                        relevant += clicks + (rest * r * (1 - p) / missed);
                        both += clicks + rest;
                    }

                    relevances[k, l] = Math.Clamp(relevant / both, 1e-9, 1 - 1e-9);
                }
            }

            for (var k = 0; k < positions; k++)
            {
                var next = Math.Clamp(seen[k] / shown[k], 1e-9, 1 - 1e-9);
                moved = Math.Max(moved, Math.Abs(next - propensities[k]));
                propensities[k] = next;
            }

            if (moved < 1e-7) break;
        }

        return new ExaminationCurve(propensities);
    }

    /// <summary>
    /// From lists as they were served, without any exchange: relevance is a function of the features, learned by boosted trees, in turns with the propensities
    /// (expectation–maximisation). Right as far as the features tell relevance and do not tell the position.
    /// </summary>
    /// <param name="served">Labels above 0 are clicks. Positions are the places of the rows in their lists.</param>
    /// <param name="positions">Of the curve, 1 to 1,000; rows beyond are left out.</param>
    /// <param name="rounds">Turns, 1 to 1,000.</param>
    /// <param name="options">Of the trees; their objective is always logistic. Default: 40 trees of 15 leaves.</param>
    /// <remarks>Wang, Golbandi, Bendersky, Metzler, Najork: Position bias estimation for unbiased learning to rank in personal search (WSDM 2018). Chances are learned as soft labels where they draw hard ones.</remarks>
    public static ExaminationCurve FromRegression(RankingExamples served, int positions, int rounds = 10, BoostedTreesOptions? options = null, FitContext? context = null)
    {
        if (positions is < 1 or > 1000) throw new ArgumentException($"There are {positions} positions; allowed are 1 to 1000.");
        if (rounds is < 1 or > 1000) throw new ArgumentException($"There are {rounds} rounds; allowed are 1 to 1000.");
        var trainer = new BoostedTreesTrainer((options ?? new BoostedTreesOptions { Trees = 40, Leaves = 15 }) with { Objective = RankingObjective.Logistic });
        var relevance = new float[served.Rows];
        relevance.AsSpan().Fill(0.5f);
        var propensities = Enumerable.Range(0, positions).Select(position => 1 / (position + 1.0)).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var soft = Expect(served, relevance, propensities);
            var model = trainer.Fit(soft.Examples, null, context);
            model.Predict(soft.Examples.Features, relevance.AsSpan(0, soft.Examples.Rows));
            for (var p = 0; p < positions; p++) propensities[p] = Math.Clamp(soft.Examined[p], 1e-6, 1 - 1e-6);
        }

        return new ExaminationCurve(propensities);
    }

    /// <summary>The expectations under what is believed so far: relevance of each row as labels, and examination by position.</summary>
    /// <param name="relevance">By row of those within the positions.</param>
    private static (RankingExamples Examples, double[] Examined) Expect(RankingExamples served, float[] relevance, double[] propensities)
    {
        var examples = new RankingExamples(served.Schema);
        var examined = new double[propensities.Length];
        var shown = new int[propensities.Length];
        var labels = new float[propensities.Length];
        var row = 0;
        for (var list = 0; list < served.Lists; list++)
        {
            var start = served.Starts[list];
            var length = Math.Min(served.Starts[list + 1] - start, propensities.Length);
            for (var position = 0; position < length; position++, row++)
            {
                var (p, r) = (propensities[position], (double)relevance[row]);
                var isClicked = served.Labels[start + position] > 0;
                labels[position] = isClicked ? 1 : (float)(r * (1 - p) / Math.Max(1 - (p * r), 1e-9));
                examined[position] += isClicked ? 1 : p * (1 - r) / Math.Max(1 - (p * r), 1e-9);
                shown[position]++;
            }

            examples.AddList(served.Features.Slice(start * served.Schema.Count, length * served.Schema.Count), labels.AsSpan(0, length));
        }

        for (var position = 0; position < examined.Length; position++)
        {
            if (shown[position] == 0) throw new ArgumentException($"Nothing was shown at position {position}; ask for {position} positions at most.");
            examined[position] /= shown[position];
        }

        return (examples, examined);
    }

    /// <summary>For each ordered pair of positions: over the subjects seen at both, the sum of their click rates at the first, each weighted by the harmonic mean of its showings.</summary>
    private static (double Clicks, double Weight)[,] PairSums(IEnumerable<Showing> showings, int positions)
    {
        var pairs = new (double Clicks, double Weight)[positions, positions];
        foreach (var subject in showings.Where(showing => showing.Position < positions).GroupBy(showing => showing.Subject))
        {
            var seen = subject.GroupBy(showing => showing.Position).Select(at => (Position: at.Key, Shown: at.Count(), Rate: at.Average(showing => showing.Clicked ? 1.0 : 0))).ToArray();
            foreach (var own in seen)
            {
                if (own.Position < 0) throw new ArgumentException($"A position is {own.Position}; positions are numbered from 0.");
                foreach (var other in seen)
                {
                    if (own.Position == other.Position) continue;
                    var weight = 2.0 * own.Shown * other.Shown / (own.Shown + other.Shown);
                    ref var sum = ref pairs[own.Position, other.Position];
                    sum = (sum.Clicks + (weight * own.Rate), sum.Weight + weight);
                }
            }
        }

        return pairs;
    }

    /// <summary>A position that no chain of exchanges connects with the first has no propensity beside it.</summary>
    private static void CheckConnected((double Clicks, double Weight)[,] pairs, int positions)
    {
        var reached = new bool[positions];
        reached[0] = true;
        for (var round = 1; round < positions; round++)
        {
            for (var k = 0; k < positions; k++)
            {
                for (var l = 0; l < positions; l++) reached[l] |= reached[k] && pairs[k, l].Weight > 0;
            }
        }

        var missing = Array.IndexOf(reached, false);
        if (missing >= 0) throw new ArgumentException($"No subject connects position {missing} with the first. Exchange items between positions for a while, or ask for fewer positions.");
    }

    private static void CheckPositions(int positions)
    {
        if (positions is < 2 or > 100) throw new ArgumentException($"There are {positions} positions; allowed are 2 to 100.");
    }
}
