namespace Aisle.Learning.Ranking;

/// <summary>Makes one label of several gains: Σ weight · gain. Which gains there are is the caller's affair; a weight of 0 leaves one out.</summary>
/// <remarks>The mixture is as a gain is in <see cref="RankingObjective.LambdaMart"/>: linear. Bring gains of very different size (an event, an amount of money) to like scales by their weights.</remarks>
public sealed record GainMixture
{
    private readonly float[] _weights;

    /// <param name="gains">Names, which must be distinct, and weights, finite and not negative, at least one above 0.</param>
    public GainMixture(IReadOnlyList<KeyValuePair<string, double>> gains)
    {
        foreach (var (name, weight) in gains)
        {
            if (!(weight >= 0 && double.IsFinite(weight))) throw new ArgumentException($"The weight of the gain '{name}' is {weight}; allowed are finite numbers from 0 on.");
        }

        this.Names = [.. gains.Select(gain => gain.Key)];
        if (this.Names.Distinct().Count() < gains.Count) throw new ArgumentException($"Each gain stands once; given were {string.Join(", ", this.Names)}.");
        if (!gains.Any(gain => gain.Value > 0)) throw new ArgumentException("All gains weigh 0, so nothing would be learned; give at least one a weight above 0.");
        this._weights = [.. gains.Select(gain => (float)gain.Value)];
    }

    public IReadOnlyList<string> Names { get; }

    /// <param name="gains">One per name, in their order. Negative amounts (a loss) count as 0.</param>
    public float Label(ReadOnlySpan<float> gains)
    {
        if (gains.Length != this._weights.Length) throw new ArgumentException($"There are {gains.Length} gains; expected are {this._weights.Length}: {string.Join(", ", this.Names)}.");
        var label = 0f;
        for (var i = 0; i < gains.Length; i++) label += this._weights[i] * Math.Max(0, gains[i]);
        return label;
    }
}
