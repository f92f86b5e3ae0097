using Aisle.Learning.Evaluation;
using Aisle.Learning.Experiments;

namespace Aisle.Learning.Exploration;

/// <summary>
/// Each unit's sums of all that estimates are made of: decisions, IPS and doubly robust terms, and for each place w·r and w. Estimates are
/// ratios of sums over units, so that units may have different numbers of decisions.
/// </summary>
internal sealed class OffPolicySums
{
    public const int Ips = 1;
    public const int DoublyRobust = 2;
    private const int FirstPlace = 3;

    private readonly OffPolicyOptions _options;
    private readonly int _places;
    private readonly int _width;

    /// <summary>Units × width.</summary>
    private readonly double[] _rows;
    private readonly double[] _totals;

    public OffPolicySums(IReadOnlyList<LoggedDecision> decisions, OffPolicyOptions options)
    {
        this._options = options;
        this._places = decisions.Max(decision => decision.Logged.Length);
        this._width = FirstPlace + (2 * this._places);
        this.HasPredictions = decisions.All(decision => decision.Predicted is not null);
        this.RawWeights = new double[decisions.Count];
        var units = new Dictionary<long, int>();
        foreach (var decision in decisions) units.TryAdd(decision.Unit, units.Count);
        this.Units = units.Count;
        this._rows = new double[units.Count * this._width];
        var (excess, largest) = (0.0, 0.0);
        for (var i = 0; i < decisions.Count; i++)
        {
            excess += this.Add(decisions[i], i, this._rows.AsSpan(units[decisions[i].Unit] * this._width, this._width));
            foreach (var reward in decisions[i].Rewards) largest = Math.Max(largest, Math.Abs(reward));
        }

        this.ClippingBias = excess / decisions.Count * largest;
        this._totals = new double[this._width];
        for (var at = 0; at < this._rows.Length; at++) this._totals[at % this._width] += this._rows[at];
    }

    public int Units { get; }

    public bool HasPredictions { get; }

    /// <summary>Of whole slates, not clipped.</summary>
    public double[] RawWeights { get; }

    /// <summary>Mean of Σ_k (w_k − clip)₊ times the largest reward.</summary>
    public double ClippingBias { get; }

    /// <summary>A sum per decision.</summary>
    public ValueEstimate Estimate(int term)
    {
        var value = this._totals[term] / this._totals[0];
        return this.With(value, row => row[term] - (value * row[0]), row => row[term] / row[0]);
    }

    /// <summary>Σ_k Σwr / Σw, each place by its own weights.</summary>
    public ValueEstimate EstimateSelfNormalised()
    {
        var value = this.SelfNormalised(this._totals);
        return this.With(value, this.SelfNormalisedInfluence, this.SelfNormalised);
    }

    private double Add(LoggedDecision decision, int at, Span<double> row)
    {
        var clip = this._options.Clip;
        var places = decision.Logged.Length;
        var whole = 1.0;
        for (var place = 0; place < places; place++) whole *= decision.Target[place] / decision.Logged[place];
        this.RawWeights[at] = whole;
        row[0]++;
        var (before, here, raw, excess) = (1.0, 1.0, 1.0, 0.0);
        for (var place = 0; place < this._places; place++)
        {
            // A place that a shorter slate lacks earns nothing, whatever is chosen there.
            if (place < places)
            {
                raw = this._options.Slates == SlateAssumption.Whole ? whole : raw * decision.Target[place] / decision.Logged[place];
                here = Math.Min(clip, raw);
                excess += raw - here;
                row[Ips] += here * decision.Rewards[place];
                if (this.HasPredictions) row[DoublyRobust] += (here * (decision.Rewards[place] - decision.Predicted![place])) + (before * decision.TargetPredicted![place]);
                row[FirstPlace + (2 * place)] += here * decision.Rewards[place];
                before = here;
            }

            row[FirstPlace + (2 * place) + 1] += here;
        }

        return excess;
    }

    private double SelfNormalised(double[] sums)
    {
        var value = 0.0;
        for (var at = FirstPlace; at < this._width; at += 2) value += sums[at + 1] > 0 ? sums[at] / sums[at + 1] : 0;
        return value;
    }

    /// <summary>Of a unit, times the number of decisions: Σ_k (wr − v_k w) / w̄_k.</summary>
    private double SelfNormalisedInfluence(ReadOnlySpan<double> row)
    {
        var influence = 0.0;
        for (var at = FirstPlace; at < this._width; at += 2)
        {
            var weight = this._totals[at + 1];
            if (weight > 0) influence += (row[at] - (this._totals[at] / weight * row[at + 1])) * this._totals[0] / weight;
        }

        return influence;
    }

    private ValueEstimate With(double value, Func<ReadOnlySpan<double>, double> influence, Func<double[], double> again)
    {
        var squares = 0.0;
        for (var unit = 0; unit < this.Units; unit++)
        {
            var one = influence(this._rows.AsSpan(unit * this._width, this._width));
            squares += one * one;
        }

        var error = Math.Sqrt(squares * this.Units / (this.Units - 1)) / this._totals[0];
        if (this._options.Intervals == OffPolicyInterval.Bootstrap) return new ValueEstimate(value, error, this.Resampled(again));
        var half = Distributions.StudentPoint(1 - this._options.Level, this.Units - 1) * error;
        return new ValueEstimate(value, error, new Interval(value - half, value + half));
    }

    private Interval Resampled(Func<double[], double> estimate)
    {
        var (values, sums) = (new double[this._options.Resamples], new double[this._width]);
        for (var resample = 0; resample < values.Length; resample++)
        {
            var random = new RandomStream(this._options.Seed, resample);
            Array.Clear(sums);
            for (var draw = 0; draw < this.Units; draw++)
            {
                var row = this._rows.AsSpan(random.Below(this.Units) * this._width, this._width);
                for (var at = 0; at < this._width; at++) sums[at] += row[at];
            }

            values[resample] = estimate(sums);
        }

        var (low, high) = Bootstrap.Middle(values, this._options.Level);
        return new Interval(low, high);
    }
}
