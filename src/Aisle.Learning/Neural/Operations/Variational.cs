using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Shares of the three parts of RecVAE's prior, which add up to 1: a standard normal, what the encoder said of the same shopper before,
/// and a normal so wide that it holds nothing back.
/// </summary>
/// <remarks>Shenbin, Alekseev, Tutubalina, Malykh, Nikolenko: RecVAE (WSDM 2020).</remarks>
internal readonly record struct CompositePrior(float Standard, float Earlier, float Wide)
{
    /// <summary>ln of the variance of the wide part.</summary>
    public const float WideLogVariance = 10f;
}

/// <summary>Normal distributions that an encoder tells by mean and logarithm of the variance, a number each.</summary>
internal static class Variational
{
    /// <summary>A draw that passes gradients back: z = mean + ε · exp(logVariance / 2) with ε normal (Kingma, Welling 2014); the mean where the tape does not train.</summary>
    public static Tensor Reparameterise(this Tape tape, Tensor mean, Tensor logVariance)
    {
        Shapes.Same(mean, logVariance);
        if (!tape.IsTraining) return mean;
        var key = tape.NextKey();
        var z = tape.New(mean.Rows, mean.Columns, mean.NeedsGradient || logVariance.NeedsGradient);
        tape.ForEach(z.Length, (first, count) =>
        {
            Span<float> means = mean.Values, logs = logVariance.Values, draws = z.Values;
            for (var i = first; i < first + count; i++) draws[i] = means[i] + (CounterNoise.Normal((uint)i, key) * MathF.Exp(0.5f * logs[i]));
        });
        tape.OnBackward(z, () =>
        {
            Pointwise.AddGradient(tape, mean, z, 1f);
            if (!logVariance.NeedsGradient) return;
            _ = logVariance.Gradient;
            _ = z.Gradient;
            tape.ForEach(z.Length, (first, count) =>
            {
                Span<float> means = mean.Values, draws = z.Values, above = z.Gradient, gradient = logVariance.Gradient;
                for (var i = first; i < first + count; i++) gradient[i] += 0.5f * above[i] * (draws[i] - means[i]);
            });
        });
        return z;
    }

    /// <summary>Mean over rows of the divergence from the standard normal: Σ (mean² + e^logVariance − logVariance − 1) / 2.</summary>
    public static Tensor DivergenceFromNormal(this Tape tape, Tensor mean, Tensor logVariance)
    {
        Shapes.Same(mean, logVariance);
        var loss = tape.New(1, 1, mean.NeedsGradient || logVariance.NeedsGradient);
        var variances = tape.Scratch(mean.Length);
        Activations.Apply<Exponential>(logVariance.Values, variances.Span[..mean.Length]);
        var sum = 0.0;
        for (var i = 0; i < mean.Length; i++)
            sum += 0.5 * (((double)mean.Values[i] * mean.Values[i]) + variances.Span[i] - logVariance.Values[i] - 1);
        var share = 1f / Math.Max(1, mean.Rows);
        loss.Values[0] = (float)(sum * share);
        tape.OnBackward(loss, () =>
        {
            var above = loss.Gradient[0] * share;
            if (mean.NeedsGradient) Vectors.AddScaled(above, mean.Values, mean.Gradient);
            if (!logVariance.NeedsGradient) return;
            var gradient = logVariance.Gradient;
            for (var i = 0; i < gradient.Length; i++) gradient[i] += 0.5f * above * (variances.Span[i] - 1f);
        });
        return loss;
    }

    /// <summary>
    /// Mean over rows of weight · Σ (ln q(z) − ln p(z)), the divergence of the encoder's normal q from a composite prior p, at one draw z of q.
    /// Each dimension has a prior of its own: p = standard · N(0, 1) + earlier · N(earlierMean, earlierVariance) + wide · N(0, e¹⁰).
    /// </summary>
    /// <param name="z">A draw, from <see cref="Reparameterise"/>.</param>
    /// <param name="earlierMean">What the encoder said before; nothing is learned about it.</param>
    /// <param name="rowWeights">One per row.</param>
    public static Tensor DivergenceFromComposite(
        this Tape tape, Tensor z, Tensor mean, Tensor logVariance, Tensor earlierMean, Tensor earlierLogVariance, CompositePrior prior, float[] rowWeights)
    {
        Shapes.Same(z, mean);
        Shapes.Same(z, logVariance);
        Shapes.Same(z, earlierMean);
        Shapes.Same(z, earlierLogVariance);
        Shapes.Match(rowWeights.Length, z.Rows, "weights and rows");
        var loss = tape.New(1, 1, z.NeedsGradient || mean.NeedsGradient || logVariance.NeedsGradient);
        AlignedFloats dz = tape.Scratch(z.Length), dmean = tape.Scratch(z.Length), dlogs = tape.Scratch(z.Length);
        var sums = new double[z.Rows];
        tape.ForRows(z.Rows, 8 * z.Columns, (first, count) =>
        {
            Span<float> draws = z.Values, means = mean.Values, logs = logVariance.Values, means0 = earlierMean.Values, logs0 = earlierLogVariance.Values;
            for (var row = first; row < first + count; row++)
            {
                for (var i = row * z.Columns; i < (row + 1) * z.Columns; i++)
                {
                    var away = draws[i] - means[i];
                    var precision = MathF.Exp(-logs[i]);
                    var (log, slope) = LogDensity(prior, draws[i], means0[i], logs0[i]);
                    sums[row] += (-0.5f * (logs[i] + (away * away * precision))) - log;
                    dz.Span[i] = rowWeights[row] * ((-away * precision) - slope);
                    dmean.Span[i] = rowWeights[row] * away * precision;
                    dlogs.Span[i] = rowWeights[row] * 0.5f * ((away * away * precision) - 1f);
                }
            }
        });
        var share = 1f / Math.Max(1, z.Rows);
        loss.Values[0] = (float)(sums.Select((sum, row) => sum * rowWeights[row]).Sum() * share);
        tape.OnBackward(loss, () =>
        {
            var above = loss.Gradient[0] * share;
            if (z.NeedsGradient) Vectors.AddScaled(above, dz.Span[..z.Length], z.Gradient);
            if (mean.NeedsGradient) Vectors.AddScaled(above, dmean.Span[..z.Length], mean.Gradient);
            if (logVariance.NeedsGradient) Vectors.AddScaled(above, dlogs.Span[..z.Length], logVariance.Gradient);
        });
        return loss;
    }

    /// <summary>ln p(z) without the constant −ln(2π) / 2, which the other side has too, and its slope by z.</summary>
    private static (float Log, float Slope) LogDensity(CompositePrior prior, float z, float earlierMean, float earlierLogVariance)
    {
        float away = z - earlierMean, precision = MathF.Exp(-earlierLogVariance);
        var widePrecision = MathF.Exp(-CompositePrior.WideLogVariance);
        var standard = MathF.Log(prior.Standard) - (0.5f * z * z);
        var earlier = MathF.Log(prior.Earlier) - (0.5f * (earlierLogVariance + (away * away * precision)));
        var wide = MathF.Log(prior.Wide) - (0.5f * (CompositePrior.WideLogVariance + (z * z * widePrecision)));
        var top = MathF.Max(standard, MathF.Max(earlier, wide));
        float a = MathF.Exp(standard - top), b = MathF.Exp(earlier - top), c = MathF.Exp(wide - top);
        return (top + MathF.Log(a + b + c), -((a * z) + (b * away * precision) + (c * z * widePrecision)) / (a + b + c));
    }
}
