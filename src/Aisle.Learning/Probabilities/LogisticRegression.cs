namespace Aisle.Learning.Probabilities;

/// <summary>
/// The probability of a yes, from a row of numbers: P = 1 / (1 + exp(−(b + Σ wⱼ zⱼ))) with zⱼ = (xⱼ − μⱼ) / σⱼ, mean and standard deviation being those of
/// the rows that it was fitted to. Immutable.
/// </summary>
public sealed class LogisticRegression
{
    public const int MaxFeatures = 1000;

    private const int MostSteps = 50;
    private const double Precision = 1e-8;

    private readonly double[] _means;
    private readonly double[] _deviations;
    private readonly double[] _weights;

    /// <param name="deviations">0 for a feature that did not vary: it says nothing.</param>
    /// <exception cref="ArgumentException">The parts do not fit together, or hold what is no number.</exception>
    public LogisticRegression(double bias, IReadOnlyList<double> weights, IReadOnlyList<double> means, IReadOnlyList<double> deviations)
    {
        if (weights.Count is 0 or > MaxFeatures || means.Count != weights.Count || deviations.Count != weights.Count)
            throw new ArgumentException($"There are {weights.Count} weights, {means.Count} means and {deviations.Count} deviations; there must be as many of each, from 1 to {MaxFeatures}.");
        if (!double.IsFinite(bias) || weights.Concat(means).Concat(deviations).Any(value => !double.IsFinite(value)) || deviations.Any(value => value < 0))
            throw new ArgumentException("Every weight, mean and deviation must be a finite number, and no deviation below 0.");
        this.Bias = bias;
        this._weights = [.. weights];
        this._means = [.. means];
        this._deviations = [.. deviations];
    }

    public int Features => this._weights.Length;

    public double Bias { get; }

    /// <summary>What a standard deviation more of each feature adds to the log-odds.</summary>
    public IReadOnlyList<double> Weights => this._weights;

    public IReadOnlyList<double> Means => this._means;

    public IReadOnlyList<double> Deviations => this._deviations;

    /// <param name="row">As many numbers as there are features.</param>
    public double Probability(ReadOnlySpan<double> row) => Of(this.LogOdds(row));

    public double LogOdds(ReadOnlySpan<double> row)
    {
        this.Check(row);
        var sum = this.Bias;
        for (var feature = 0; feature < row.Length; feature++) sum += this.Part(row, feature);
        return sum;
    }

    /// <summary>What each feature adds to the log-odds beside the mean row, whose log-odds are <see cref="Bias"/>.</summary>
    public double[] Contributions(ReadOnlySpan<double> row)
    {
        this.Check(row);
        var parts = new double[row.Length];
        for (var feature = 0; feature < row.Length; feature++) parts[feature] = this.Part(row, feature);
        return parts;
    }

    /// <summary>
    /// Minimises −Σ log P(label) + ½ ridge · Σ wⱼ² by Newton's method with halved steps: convex, so that the start does not matter; the bias is free.
    /// </summary>
    /// <param name="rows">labels.Count rows of <paramref name="features"/> finite numbers each.</param>
    /// <param name="ridge">Above 0; it keeps weights finite where a feature tells the labels apart.</param>
    /// <exception cref="ArgumentException">The rows are none, of another length, or not finite; or the labels are all the same.</exception>
    public static LogisticRegression Fit(ReadOnlySpan<double> rows, ReadOnlySpan<bool> labels, int features, double ridge, CancellationToken cancellation = default)
    {
        if (features is < 1 or > MaxFeatures) throw new ArgumentException($"There are {features} features; allowed are 1 to {MaxFeatures}.");
        if (labels.IsEmpty || rows.Length != labels.Length * features) throw new ArgumentException($"There are {rows.Length} numbers for {labels.Length} rows of {features}.");
        if (!(ridge > 0) || !double.IsFinite(ridge)) throw new ArgumentException($"The ridge is {ridge}; it must be above 0.");
        foreach (var value in rows)
            if (!double.IsFinite(value)) throw new ArgumentException("Every number of the rows must be finite.");
        var yes = 0;
        foreach (var label in labels) yes += label ? 1 : 0;
        if (yes == 0 || yes == labels.Length) throw new ArgumentException("The labels are all the same; there is nothing to tell apart.");

        var (means, deviations) = Scales(rows, features);
        var standard = Standardised(rows, features, means, deviations);
        // The last is the bias.
        var weights = new double[features + 1];
        weights[features] = Math.Log((double)yes / (labels.Length - yes));
        var loss = Loss(standard, labels, features, ridge, weights);
        for (var step = 0; step < MostSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var direction = Direction(standard, labels, features, ridge, weights);
            var (taken, reached) = Descend(standard, labels, features, ridge, weights, direction, loss);
            var gained = loss - reached;
            (weights, loss) = (taken, reached);
            if (gained <= Precision * (1 + Math.Abs(loss))) break;
        }

        return new LogisticRegression(weights[features], weights[..features], means, deviations);
    }

    private static double Of(double logOdds) => logOdds >= 0 ? 1 / (1 + Math.Exp(-logOdds)) : Math.Exp(logOdds) / (1 + Math.Exp(logOdds));

    private static (double[] Means, double[] Deviations) Scales(ReadOnlySpan<double> rows, int features)
    {
        var (means, deviations) = (new double[features], new double[features]);
        var count = rows.Length / features;
        for (var place = 0; place < rows.Length; place++) means[place % features] += rows[place] / count;
        for (var place = 0; place < rows.Length; place++)
        {
            var distance = rows[place] - means[place % features];
            deviations[place % features] += distance * distance / count;
        }

        for (var feature = 0; feature < features; feature++)
        {
            var deviation = Math.Sqrt(deviations[feature]);
            // What is left of a constant after rounding is no spread.
            deviations[feature] = deviation > 1e-9 * (1 + Math.Abs(means[feature])) ? deviation : 0;
        }

        return (means, deviations);
    }

    private static double[] Standardised(ReadOnlySpan<double> rows, int features, double[] means, double[] deviations)
    {
        var standard = new double[rows.Length];
        for (var place = 0; place < rows.Length; place++)
        {
            var feature = place % features;
            standard[place] = deviations[feature] > 0 ? (rows[place] - means[feature]) / deviations[feature] : 0;
        }

        return standard;
    }

    private static double LogOdds(ReadOnlySpan<double> row, double[] weights)
    {
        var sum = weights[row.Length];
        for (var feature = 0; feature < row.Length; feature++) sum += weights[feature] * row[feature];
        return sum;
    }

    private static double Loss(double[] standard, ReadOnlySpan<bool> labels, int features, double ridge, double[] weights)
    {
        var loss = 0.0;
        for (var feature = 0; feature < features; feature++) loss += 0.5 * ridge * weights[feature] * weights[feature];
        for (var row = 0; row < labels.Length; row++)
        {
            var signed = LogOdds(standard.AsSpan(row * features, features), weights) * (labels[row] ? 1 : -1);
            // log(1 + e^−s), without overflow on either side.
            loss += Math.Max(0, -signed) + Math.Log(1 + Math.Exp(-Math.Abs(signed)));
        }

        return loss;
    }

    /// <summary>Newton's step: (Zᵀ diag(p (1 − p)) Z + ridge)⁻¹ · (Zᵀ (y − p) − ridge · w).</summary>
    private static double[] Direction(double[] standard, ReadOnlySpan<bool> labels, int features, double ridge, double[] weights)
    {
        var size = features + 1;
        var (curvature, slope) = (new double[size * size], new double[size]);
        var values = new double[size];
        values[features] = 1;
        for (var row = 0; row < labels.Length; row++)
        {
            var z = standard.AsSpan(row * features, features);
            z.CopyTo(values);
            var probability = Of(LogOdds(z, weights));
            var error = (labels[row] ? 1 : 0) - probability;
            var weight = probability * (1 - probability);
            for (var i = 0; i < size; i++)
            {
                slope[i] += error * values[i];
                for (var j = 0; j <= i; j++) curvature[i * size + j] += weight * values[i] * values[j];
            }
        }

        for (var feature = 0; feature < features; feature++)
        {
            slope[feature] -= ridge * weights[feature];
            curvature[feature * size + feature] += ridge;
        }

        // The bias has no penalty; this much keeps the system solvable where every probability is near 0 or 1.
        curvature[features * size + features] += 1e-9;
        Solve(curvature, slope);
        return slope;
    }

    /// <summary>Solves a symmetric positive definite system by Cholesky's factors, in place; only the lower triangle is read.</summary>
    private static void Solve(double[] matrix, double[] right)
    {
        var size = right.Length;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i * size + j];
                for (var k = 0; k < j; k++) sum -= matrix[i * size + k] * matrix[j * size + k];
                matrix[i * size + j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / matrix[j * size + j];
            }
        }

        for (var i = 0; i < size; i++)
        {
            for (var k = 0; k < i; k++) right[i] -= matrix[i * size + k] * right[k];
            right[i] /= matrix[i * size + i];
        }

        for (var i = size - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < size; k++) right[i] -= matrix[k * size + i] * right[k];
            right[i] /= matrix[i * size + i];
        }
    }

    private static (double[] Weights, double Loss) Descend(
        double[] standard, ReadOnlySpan<bool> labels, int features, double ridge, double[] weights, double[] direction, double loss)
    {
        for (var length = 1.0; length > 1e-6; length /= 2)
        {
            var tried = new double[weights.Length];
            for (var i = 0; i < weights.Length; i++) tried[i] = weights[i] + length * direction[i];
            var reached = Loss(standard, labels, features, ridge, tried);
            if (reached <= loss) return (tried, reached);
        }

        return (weights, loss);
    }

    private double Part(ReadOnlySpan<double> row, int feature) =>
        this._deviations[feature] > 0 ? this._weights[feature] * (row[feature] - this._means[feature]) / this._deviations[feature] : 0;

    private void Check(ReadOnlySpan<double> row)
    {
        if (row.Length != this._weights.Length) throw new ArgumentException($"The row has {row.Length} numbers; it must have {this._weights.Length}.");
    }
}
