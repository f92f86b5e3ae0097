namespace Aisle.Learning.Exploration;

/// <summary>
/// Bayesian linear regression from sums that can be added: G = Σxxᵀ, b = Σrx, Σr² and the count. Weights have the mean A⁻¹b and the
/// covariance σ²A⁻¹, A = λI + G.
/// </summary>
internal sealed class LinearBelief(int dimensions, double regularization)
{
    /// <summary>Rank-one updates let rounding grow; the inverse is made anew after so many.</summary>
    private const int UpdatesBetweenInversions = 1000;

    /// <summary>How many rewards the told noise weighs against those that were seen.</summary>
    private const double NoiseWeight = 10;

    private readonly double[] _inverse = new double[dimensions * dimensions];
    private readonly double[] _mean = new double[dimensions];
    private readonly double[] _product = new double[dimensions];
    private int _updates = UpdatesBetweenInversions;

    /// <summary>G, row-major and symmetric.</summary>
    public double[] Gram { get; } = new double[dimensions * dimensions];

    public double[] Products { get; } = new double[dimensions];

    public double SquaredRewards { get; private set; }

    public double Count { get; private set; }

    /// <summary>A⁻¹b; right until the next change.</summary>
    public ReadOnlySpan<double> Mean
    {
        get
        {
            this.Settle();
            return this._mean;
        }
    }

    /// <summary>A⁻¹, row-major; right until the next change.</summary>
    public ReadOnlySpan<double> Inverse
    {
        get
        {
            this.Settle();
            return this._inverse;
        }
    }

    public void Learn(ReadOnlySpan<float> x, double reward)
    {
        for (var i = 0; i < dimensions; i++)
        {
            this.Products[i] += reward * x[i];
            for (var j = 0; j < dimensions; j++) this.Gram[(i * dimensions) + j] += (double)x[i] * x[j];
        }

        this.SquaredRewards += reward * reward;
        this.Count++;
        if (++this._updates < UpdatesBetweenInversions)
        {
            this.UpdateInverse(x);
            this.FindMean();
        }
    }

    /// <summary>As if a reward that was learned had been another.</summary>
    public void Amend(ReadOnlySpan<float> x, double before, double after)
    {
        for (var i = 0; i < dimensions; i++) this.Products[i] += (after - before) * x[i];
        this.SquaredRewards += (after * after) - (before * before);
        if (this._updates < UpdatesBetweenInversions) this.FindMean();
    }

    public void Scale(double factor)
    {
        foreach (ref var value in this.Gram.AsSpan()) value *= factor;
        foreach (ref var value in this.Products.AsSpan()) value *= factor;
        this.SquaredRewards *= factor;
        this.Count *= factor;
        this._updates = UpdatesBetweenInversions;
    }

    public void Add(ReadOnlySpan<double> gram, ReadOnlySpan<double> products, double squaredRewards, double count)
    {
        for (var i = 0; i < gram.Length; i++) this.Gram[i] += gram[i];
        for (var i = 0; i < products.Length; i++) this.Products[i] += products[i];
        this.SquaredRewards += squaredRewards;
        this.Count += count;
        this._updates = UpdatesBetweenInversions;
    }

    /// <summary>x·A⁻¹b and xᵀA⁻¹x.</summary>
    public (double Mean, double Spread) Expect(ReadOnlySpan<float> x)
    {
        this.Settle();
        var (mean, spread) = (0.0, 0.0);
        for (var i = 0; i < dimensions; i++)
        {
            mean += x[i] * this._mean[i];
            var row = 0.0;
            for (var j = 0; j < dimensions; j++) row += this._inverse[(i * dimensions) + j] * x[j];
            spread += x[i] * row;
        }

        return (mean, Math.Max(0, spread));
    }

    /// <summary>σ², from Σr² − bᵀA⁻¹b, what the regression and its prior leave over.</summary>
    public double NoiseVariance(double told)
    {
        this.Settle();
        var left = this.SquaredRewards;
        for (var i = 0; i < dimensions; i++) left -= this.Products[i] * this._mean[i];
        return ((NoiseWeight * told * told) + Math.Max(0, left)) / (NoiseWeight + this.Count);
    }

    /// <summary>Whether A is positive definite, as sums of real observations always make it.</summary>
    public bool IsSound()
    {
        var factor = new double[dimensions * dimensions];
        return this.Factor(factor);
    }

    /// <summary>Sherman, Morrison 1950: (A + xxᵀ)⁻¹ = A⁻¹ − (A⁻¹x)(A⁻¹x)ᵀ / (1 + xᵀA⁻¹x).</summary>
    private void UpdateInverse(ReadOnlySpan<float> x)
    {
        var denominator = 1.0;
        for (var i = 0; i < dimensions; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < dimensions; j++) sum += this._inverse[(i * dimensions) + j] * x[j];
            this._product[i] = sum;
            denominator += sum * x[i];
        }

        for (var i = 0; i < dimensions; i++)
        {
            var scaled = this._product[i] / denominator;
            for (var j = 0; j < dimensions; j++) this._inverse[(i * dimensions) + j] -= scaled * this._product[j];
        }
    }

    private void Settle()
    {
        if (this._updates < UpdatesBetweenInversions) return;
        this.Invert();
        this.FindMean();
        this._updates = 0;
    }

    private void FindMean()
    {
        for (var i = 0; i < dimensions; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < dimensions; j++) sum += this._inverse[(i * dimensions) + j] * this.Products[j];
            this._mean[i] = sum;
        }
    }

    /// <summary>A⁻¹ = L⁻ᵀL⁻¹ from A = LLᵀ.</summary>
    private void Invert()
    {
        var lower = new double[dimensions * dimensions];
        if (!this.Factor(lower)) throw new InvalidOperationException("The sums of a linear belief are not those of observations: their matrix is not positive definite. Load the state anew.");
        var column = new double[dimensions];
        for (var c = 0; c < dimensions; c++)
        {
            Array.Clear(column);
            column[c] = 1;
            for (var i = c; i < dimensions; i++)
            {
                for (var k = c; k < i; k++) column[i] -= lower[(i * dimensions) + k] * column[k];
                column[i] /= lower[(i * dimensions) + i];
            }

            for (var i = dimensions - 1; i >= 0; i--)
            {
                for (var k = i + 1; k < dimensions; k++) column[i] -= lower[(k * dimensions) + i] * column[k];
                column[i] /= lower[(i * dimensions) + i];
                this._inverse[(i * dimensions) + c] = column[i];
            }
        }
    }

    private bool Factor(double[] lower) => Factor(dimensions, (i, j) => this.Gram[(i * dimensions) + j] + (i == j ? regularization : 0), lower);

    /// <summary>The lower triangle L of a matrix LLᵀ; false where there is none.</summary>
    public static bool Factor(int dimensions, Func<int, int, double> matrix, double[] lower)
    {
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix(i, j);
                for (var k = 0; k < j; k++) sum -= lower[(i * dimensions) + k] * lower[(j * dimensions) + k];
                if (i == j && !(sum > 0 && double.IsFinite(sum))) return false;
                lower[(i * dimensions) + j] = i == j ? Math.Sqrt(sum) : sum / lower[(j * dimensions) + j];
            }
        }

        return true;
    }
}
