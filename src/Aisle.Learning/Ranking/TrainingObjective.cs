using System.Runtime.Intrinsics;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>What is made small on some rows: its first and second derivative by each row's score, and its value.</summary>
internal abstract class TrainingObjective(RankingExamples examples)
{
    protected RankingExamples Examples { get; } = examples;

    /// <summary>The score that all rows begin with.</summary>
    public abstract float Start { get; }

    /// <param name="derivatives">One per row: receives gradient, second derivative, 1 (a row), 0.</param>
    public abstract void Derive(float[] scores, Vector128<float>[] derivatives, int threads, CancellationToken cancellation);

    /// <summary>Smaller is better.</summary>
    public abstract double Loss(float[] scores);

    public static TrainingObjective Of(BoostedTreesOptions options, RankingExamples examples) => options.Objective switch
    {
        RankingObjective.Logistic => new LogisticObjective(examples),
        RankingObjective.SquaredError => new SquaredObjective(examples),
        _ => new LambdaMartObjective(examples, options.Truncation, options.ExponentialGain),
    };

    protected double WeightedMean()
    {
        var labels = this.Examples.Labels;
        var weights = this.Examples.Weights;
        double sum = 0, total = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            sum += (double)weights[row] * labels[row];
            total += weights[row];
        }

        return total > 0 ? sum / total : throw new ArgumentException("All weights are 0, so there is nothing to learn from. Give at least one row a weight above 0.");
    }
}

internal sealed class LogisticObjective : TrainingObjective
{
    public LogisticObjective(RankingExamples examples)
        : base(examples)
    {
        foreach (var label in examples.Labels)
        {
            if (label > 1) throw new ArgumentException($"A label is {label}; the logistic objective allows 0 to 1. Use squared-error or lambdamart for other gains.");
        }

        // Where all is one class the log-odds are infinite; a thousandth of a row of the other keeps them finite.
        var mean = Math.Clamp(this.WeightedMean(), 1e-6, 1 - 1e-6);
        this.Start = (float)Math.Log(mean / (1 - mean));
    }

    public override float Start { get; }

    public override void Derive(float[] scores, Vector128<float>[] derivatives, int threads, CancellationToken cancellation)
    {
        var labels = this.Examples.Labels;
        var weights = this.Examples.Weights;
        for (var row = 0; row < scores.Length; row++)
        {
            var p = 1 / (1 + MathF.Exp(-scores[row]));
            derivatives[row] = Vector128.Create(weights[row] * (p - labels[row]), weights[row] * p * (1 - p), 1, 0);
        }
    }

    public override double Loss(float[] scores)
    {
        var labels = this.Examples.Labels;
        var weights = this.Examples.Weights;
        double loss = 0, total = 0;
        for (var row = 0; row < scores.Length; row++)
        {
            // log(1 + e^s) − y s, without overflow.
            double s = scores[row];
            loss += weights[row] * (Math.Max(s, 0) + Math.Log(1 + Math.Exp(-Math.Abs(s))) - (labels[row] * s));
            total += weights[row];
        }

        return loss / total;
    }
}

internal sealed class SquaredObjective : TrainingObjective
{
    public SquaredObjective(RankingExamples examples)
        : base(examples) => this.Start = (float)this.WeightedMean();

    public override float Start { get; }

    public override void Derive(float[] scores, Vector128<float>[] derivatives, int threads, CancellationToken cancellation)
    {
        var labels = this.Examples.Labels;
        var weights = this.Examples.Weights;
        for (var row = 0; row < scores.Length; row++) derivatives[row] = Vector128.Create(weights[row] * (scores[row] - labels[row]), weights[row], 1, 0);
    }

    public override double Loss(float[] scores)
    {
        var labels = this.Examples.Labels;
        var weights = this.Examples.Weights;
        double loss = 0, total = 0;
        for (var row = 0; row < scores.Length; row++)
        {
            loss += 0.5 * weights[row] * ((double)scores[row] - labels[row]) * ((double)scores[row] - labels[row]);
            total += weights[row];
        }

        return loss / total;
    }
}

/// <summary>
/// For a pair whose first item gains more: λ = ρ |ΔNDCG| w with ρ = 1 / (1 + e^(s_first − s_second)), which draws the first up and the second down;
/// the second derivative is ρ (1 − ρ) |ΔNDCG| w. ΔNDCG is what exchanging their places would change,
/// |gain_first − gain_second| · |1/log₂(1 + rank_first) − 1/log₂(1 + rank_second)| / DCG of the best order.
/// </summary>
/// <remarks>
/// Burges: From RankNet to LambdaRank to LambdaMART: an overview (Microsoft Research 2010). Pairs count of which at least one stands within
/// the truncation. w is the weight of the item that gains more: with inverse propensities each click stands for those that were not examined
/// (Joachims, Swaminathan, Schnabel: Unbiased learning-to-rank with biased feedback, WSDM 2017).
/// </remarks>
internal sealed class LambdaMartObjective : TrainingObjective
{
    private const int ListsPerPortion = 16;

    private readonly float[] _gains;
    private readonly float[] _ideals;
    private readonly float[] _listWeights;
    private readonly float[] _discounts;
    private readonly int _truncation;
    private readonly int _longest;

    public LambdaMartObjective(RankingExamples examples, int truncation, bool exponentialGain)
        : base(examples)
    {
        this._truncation = truncation;
        this._gains = examples.Labels.ToArray();
        if (exponentialGain) this._gains = Array.ConvertAll(this._gains, Exponential);
        var starts = examples.Starts;
        var weights = examples.Weights;
        this._ideals = new float[examples.Lists];
        this._listWeights = new float[examples.Lists];
        for (var list = 0; list < examples.Lists; list++)
        {
            var gains = this._gains.AsSpan(starts[list]..starts[list + 1]);
            this._longest = Math.Max(this._longest, gains.Length);
            float[] best = [.. gains];
            best.AsSpan().Sort((a, b) => b.CompareTo(a));
            double sum = 0, weighted = 0;
            for (var i = 0; i < gains.Length; i++)
            {
                sum += gains[i];
                weighted += (double)gains[i] * weights[starts[list] + i];
                if (i < truncation) this._ideals[list] += best[i] * Discount(i);
            }

            this._listWeights[list] = sum > 0 ? (float)(weighted / sum) : 0;
        }

        this._discounts = [.. Enumerable.Range(0, this._longest).Select(Discount)];
        if (!this._listWeights.Any(weight => weight > 0)) throw new ArgumentException("No list has a row with a gain, so there is no order to learn. Give lists in which something was gained.");
    }

    public override float Start => 0;

    public override void Derive(float[] scores, Vector128<float>[] derivatives, int threads, CancellationToken cancellation)
    {
        var keys = new ulong[threads][];
        ParallelRows.Run(
            threads,
            this.Examples.Lists,
            ListsPerPortion,
            (worker, first, end) =>
            {
                var order = keys[worker] ??= new ulong[this._longest];
                var starts = this.Examples.Starts;
                var weights = this.Examples.Weights;
                for (var list = first; list < end; list++)
                {
                    var rows = starts[list]..starts[list + 1];
                    this.DeriveList(list, scores.AsSpan(rows), this._gains.AsSpan(rows), weights[rows], order, derivatives.AsSpan(rows));
                }
            },
            cancellation);
    }

    /// <summary>1 − NDCG, a list counting as much as its gains weigh on average.</summary>
    public override double Loss(float[] scores)
    {
        var starts = this.Examples.Starts;
        var keys = new ulong[this._longest];
        double sum = 0, total = 0;
        for (var list = 0; list < this._ideals.Length; list++)
        {
            if (this._listWeights[list] == 0) continue;
            var own = scores.AsSpan(starts[list]..starts[list + 1]);
            var order = keys.AsSpan(0, starts[list + 1] - starts[list]);
            Order(own, order);
            var dcg = 0.0;
            for (var rank = 0; rank < Math.Min(order.Length, this._truncation); rank++) dcg += this._gains[starts[list] + (int)(uint)order[rank]] * this._discounts[rank];
            sum += this._listWeights[list] * dcg / this._ideals[list];
            total += this._listWeights[list];
        }

        return 1 - (sum / total);
    }

    private void DeriveList(int list, ReadOnlySpan<float> scores, ReadOnlySpan<float> gains, ReadOnlySpan<float> weights, ulong[] keys, Span<Vector128<float>> derivatives)
    {
        derivatives.Fill(Vector128.Create(0f, 0, 1, 0));
        if (this._listWeights[list] == 0) return;
        var order = keys.AsSpan(0, scores.Length);
        Order(scores, order);
        var scale = 1 / this._ideals[list];
        for (var upper = 0; upper < Math.Min(order.Length, this._truncation); upper++)
        {
            var a = (int)(uint)order[upper];
            for (var lower = upper + 1; lower < order.Length; lower++)
            {
                var b = (int)(uint)order[lower];
                if (gains[a] == gains[b]) continue;
                var (better, worse) = gains[a] > gains[b] ? (a, b) : (b, a);
                var change = (gains[better] - gains[worse]) * (this._discounts[upper] - this._discounts[lower]) * scale * weights[better];
                var doubt = 1 / (1 + MathF.Exp(scores[better] - scores[worse]));
                var second = doubt * (1 - doubt) * change;
                derivatives[better] += Vector128.Create(-doubt * change, second, 0, 0);
                derivatives[worse] += Vector128.Create(doubt * change, second, 0, 0);
            }
        }
    }

    /// <summary>Rows by falling score, those with the same in their order: the score's bits, made to rise as it falls, above the row's number.</summary>
    private static void Order(ReadOnlySpan<float> scores, Span<ulong> keys)
    {
        for (var row = 0; row < keys.Length; row++)
        {
            var bits = BitConverter.SingleToInt32Bits(scores[row] + 0f);
            var rising = (uint)(bits ^ ((bits >> 31) | int.MinValue));
            keys[row] = ((ulong)~rising << 32) | (uint)row;
        }

        keys.Sort();
    }

    private static float Discount(int rank) => (float)(1 / Math.Log2(rank + 2));

    private static float Exponential(float label) =>
        label <= 30 ? MathF.Pow(2, label) - 1 : throw new ArgumentException($"A label is {label}; with exponential gain allowed are 0 to 30. Use linear gain for amounts.");
}
