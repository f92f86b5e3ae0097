using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Losses, each a 1 × 1 tensor: a mean over rows, or over their weights.</summary>
internal static class Losses
{
    /// <summary>
    /// Cross-entropy of each row whose first score belongs to the target and whose others to drawn candidates: mean of −ln softmax(scores)[0].
    /// A score of −∞ takes no part (a draw that met the target).
    /// </summary>
    /// <param name="scores">Rows × candidates. For the log-Q correction of drawn candidates subtract ln(draws · probability) from each score first.</param>
    public static Tensor FirstOfRow(this Tape tape, Tensor scores)
    {
        var loss = tape.New(1, 1, scores.NeedsGradient);
        var slopes = tape.Scratch(scores.Length);
        scores.Values.CopyTo(slopes.Span);
        var share = 1f / Math.Max(1, scores.Rows);
        var sum = 0.0;
        for (var row = 0; row < scores.Rows; row++)
        {
            var own = slopes.Span.Slice(row * scores.Columns, scores.Columns);
            var wanted = own[0];
            sum += SoftmaxRow.Apply(own, 1f) - (double)wanted;
            own[0] -= 1f;
        }

        loss.Values[0] = (float)(sum * share);
        tape.OnBackward(loss, () => Vectors.AddScaled(loss.Gradient[0] * share, slopes.Span[..scores.Length], scores.Gradient));
        return loss;
    }

    /// <summary>Binary cross-entropy with scores before the sigmoid: mean over rows of Σ weight · (softplus(s) − label · s).</summary>
    /// <param name="labels">0 to 1 for each score.</param>
    /// <param name="weights">For each score; empty means 1.</param>
    public static Tensor BinaryCrossEntropy(this Tape tape, Tensor scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights = default)
    {
        Shapes.Match(labels.Length, scores.Length, "labels and scores");
        var loss = tape.New(1, 1, scores.NeedsGradient);
        var slopes = tape.Scratch(scores.Length).Span[..scores.Length];
        Activations.Apply<Sigmoid>(scores.Values, slopes);
        var sum = 0.0;
        for (var i = 0; i < slopes.Length; i++)
        {
            var score = scores.Values[i];
            var weight = weights.IsEmpty ? 1f : weights[i];
            sum += weight * (Math.Max(score, 0) + Math.Log(1 + Math.Exp(-Math.Abs(score))) - ((double)labels[i] * score));
            slopes[i] = weight * (slopes[i] - labels[i]);
        }

        return tape.MeanOverRows(loss, scores, slopes, sum);
    }

    /// <summary>Bayesian personalised ranking: mean over rows of Σ −ln σ(positive − negative).</summary>
    /// <param name="positives">Rows × 1.</param>
    /// <param name="negatives">Rows × draws.</param>
    public static Tensor PairwiseRanking(this Tape tape, Tensor positives, Tensor negatives)
    {
        Shapes.Match(positives.Length, negatives.Rows, "positives and rows of the negatives");
        var loss = tape.New(1, 1, positives.NeedsGradient || negatives.NeedsGradient);
        var slopes = tape.Scratch(negatives.Length);
        var share = 1f / Math.Max(1, negatives.Rows);
        var sum = 0.0;
        for (var row = 0; row < negatives.Rows; row++)
        {
            for (var j = 0; j < negatives.Columns; j++)
            {
                var margin = positives.Values[row] - (double)negatives.Values[(row * negatives.Columns) + j];
                sum += Math.Max(-margin, 0) + Math.Log(1 + Math.Exp(-Math.Abs(margin)));
                slopes.Span[(row * negatives.Columns) + j] = (float)(1 / (1 + Math.Exp(margin)));
            }
        }

        loss.Values[0] = (float)(sum * share);
        tape.OnBackward(loss, () =>
        {
            var above = loss.Gradient[0] * share;
            if (negatives.NeedsGradient) Vectors.AddScaled(above, slopes.Span[..negatives.Length], negatives.Gradient);
            if (!positives.NeedsGradient) return;
            var gradient = positives.Gradient;
            for (var row = 0; row < negatives.Rows; row++)
            {
                for (var j = 0; j < negatives.Columns; j++) gradient[row] -= above * slopes.Span[(row * negatives.Columns) + j];
            }
        });
        return loss;
    }

    /// <summary>Mean over rows of Σ weight · (x − target)² / 2.</summary>
    public static Tensor SquaredError(this Tape tape, Tensor x, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights = default)
    {
        Shapes.Match(targets.Length, x.Length, "targets and numbers");
        var loss = tape.New(1, 1, x.NeedsGradient);
        var slopes = tape.Scratch(x.Length).Span[..x.Length];
        var sum = 0.0;
        for (var i = 0; i < slopes.Length; i++)
        {
            var weight = weights.IsEmpty ? 1f : weights[i];
            var difference = x.Values[i] - targets[i];
            sum += 0.5 * weight * difference * difference;
            slopes[i] = weight * difference;
        }

        return tape.MeanOverRows(loss, x, slopes, sum);
    }

    /// <summary>Σ x² / 2 over the rows of x: added to a loss, an L2 penalty on what a batch used.</summary>
    public static Tensor SquaredNorm(this Tape tape, Tensor x)
    {
        var loss = tape.New(1, 1, x.NeedsGradient);
        loss.Values[0] = 0.5f * Vectors.Dot(x.Values, x.Values);
        tape.OnBackward(loss, () => Vectors.AddScaled(loss.Gradient[0], x.Values, x.Gradient));
        return loss;
    }

    private static Tensor MeanOverRows(this Tape tape, Tensor loss, Tensor x, ReadOnlySpan<float> slopes, double sum)
    {
        var share = 1f / Math.Max(1, x.Rows);
        loss.Values[0] = (float)(sum * share);
        var kept = tape.Scratch(slopes.Length);
        slopes.CopyTo(kept.Span);
        tape.OnBackward(loss, () => Vectors.AddScaled(loss.Gradient[0] * share, kept.Span[..x.Length], x.Gradient));
        return loss;
    }
}
