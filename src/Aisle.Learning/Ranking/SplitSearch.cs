namespace Aisle.Learning.Ranking;

/// <summary>A way to divide the rows of a leaf: bins up to <paramref name="Bin"/> of a feature go left.</summary>
/// <param name="Gain">What the objective falls by; 0 where there is no way.</param>
internal readonly record struct Split(double Gain, int Feature, int Bin, bool MissingRight, BinSum Left);

/// <summary>The values that a leaf may take, which monotone splits above it leave over.</summary>
internal readonly record struct ValueRange(double Low, double High)
{
    public static readonly ValueRange Any = new(double.NegativeInfinity, double.PositiveInfinity);
}

/// <summary>
/// With G, H the sums of first and second derivatives in a leaf its best value is v = −G / (H + λ), kept within its range, and the objective
/// falls by −(G v + ½ (H + λ) v²). The best split of a feature is found by one walk over its bins, or two where values are missing:
/// with them on the right and on the left.
/// </summary>
/// <remarks>Chen, Guestrin: XGBoost, a scalable tree boosting system (KDD 2016); default directions from there.</remarks>
internal readonly struct SplitSearch(BoostedTreesOptions options)
{
    private readonly double _l2 = options.L2;
    private readonly double _minWeight = options.MinLeafWeight;
    private readonly int _minRows = options.MinLeafRows;
    private readonly double _minGain = options.MinSplitGain;

    public double Value(in BinSum sum, ValueRange range) => Math.Clamp(-sum.Gradient / (Math.Max(sum.Second, 0) + this._l2), range.Low, range.High);

    public Split Best(ReadOnlySpan<BinSum> bins, int count, int feature, in BinSum total, ValueRange range, MonotoneDirection direction)
    {
        var missing = bins[BinnedRows.Missing];
        var hasMissing = missing.Rows > 0.5;
        var best = default(Split);
        var parent = this.Fall(total, this.Value(total, range));
        this.Walk(bins, hasMissing ? count : count - 1, feature, total, default, range, direction, parent, ref best);
        if (hasMissing) this.Walk(bins, count - 1, feature, total, missing, range, direction, parent, ref best);

        // Where none was missing in training, missing values go with the most.
        else if (best.Gain > 0) best = best with { MissingRight = best.Left.Rows < total.Rows / 2 };
        return best;
    }

    /// <param name="ends">Bins after which a split is tried.</param>
    /// <param name="before">What stands left of the first bin: missing values, or nothing.</param>
    private void Walk(
        ReadOnlySpan<BinSum> bins, int ends, int feature, in BinSum total, BinSum before, ValueRange range, MonotoneDirection direction, double parent, ref Split best)
    {
        var left = before;
        for (var bin = 0; bin < ends; bin++)
        {
            if (bins[bin].Rows < 0.5) continue;
            left.Add(bins[bin]);
            if (left.Rows < this._minRows || left.Second < this._minWeight) continue;
            var right = total.Without(left);
            if (right.Rows < this._minRows || right.Second < this._minWeight) return;
            var (low, high) = (this.Value(left, range), this.Value(right, range));
            if ((direction == MonotoneDirection.Rising && low > high) || (direction == MonotoneDirection.Falling && low < high)) continue;
            var gain = this.Fall(left, low) + this.Fall(right, high) - parent;
            if (gain > best.Gain && gain > this._minGain) best = new Split(gain, feature, bin, before.Rows < 0.5, left);
        }
    }

    private double Fall(in BinSum sum, double value) => -value * (sum.Gradient + (0.5 * (Math.Max(sum.Second, 0) + this._l2) * value));
}
