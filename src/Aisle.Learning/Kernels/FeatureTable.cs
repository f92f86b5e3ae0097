namespace Aisle.Learning.Kernels;

/// <summary>
/// A vector and a weight per feature, learned by AdaGrad (Duchi, Hazan, Singer 2011) with one rate per vector: the pulls of a batch are
/// gathered row by row, then applied. Rows may be worked on by different threads at the same time.
/// </summary>
internal sealed class FeatureTable(int rows, int dimensions)
{
    private readonly FactorMatrix _pulls = new(rows, dimensions);
    private readonly float[] _weightPulls = new float[rows];
    private readonly int[] _samples = new int[rows];
    private readonly float[] _squares = new float[rows];
    private readonly float[] _weightSquares = new float[rows];

    public int Rows => this.Factors.Rows;

    public FactorMatrix Factors { get; } = new(rows, dimensions);

    public float[] Weights { get; } = new float[rows];

    /// <summary>Gives a row small random numbers; rows that are never given any stay zero until they are pulled.</summary>
    public void Start(int row, float deviation, ref RandomStream random)
    {
        foreach (ref var value in this.Factors.Values(row)) value = deviation * random.Normal();
    }

    /// <summary>Notes a pull on a row.</summary>
    /// <param name="samples">How many samples it comes from: each lets the row decay once.</param>
    /// <returns>Whether it is the first since the last <see cref="Apply"/>.</returns>
    public bool Pull(int row, float strength, ReadOnlySpan<float> direction, float weightPull, int samples)
    {
        var isFirst = this._samples[row] == 0;
        Vectors.AddScaled(strength, direction, this._pulls.PaddedValues(row));
        this._weightPulls[row] += weightPull;
        this._samples[row] += samples;
        return isFirst;
    }

    /// <summary>Moves a row by what has been noted: vector += rate · g / √Σ g², where g = pull − decay · samples · vector.</summary>
    public void Apply(int row, float rate, float decay, float weightDecay)
    {
        var pull = this._pulls.PaddedValues(row);
        var vector = this.Factors.PaddedValues(row);
        Vectors.AddScaled(-decay * this._samples[row], vector, pull);
        this._squares[row] += Vectors.Dot(pull, pull) / this.Factors.Dimensions;
        if (this._squares[row] > 0) Vectors.AddScaled(rate / MathF.Sqrt(this._squares[row]), pull, vector);
        pull.Clear();

        var weightPull = this._weightPulls[row] - (weightDecay * this._samples[row] * this.Weights[row]);
        this._weightSquares[row] += weightPull * weightPull;
        if (this._weightSquares[row] > 0) this.Weights[row] += rate / MathF.Sqrt(this._weightSquares[row]) * weightPull;
        this._weightPulls[row] = 0;
        this._samples[row] = 0;
    }
}
