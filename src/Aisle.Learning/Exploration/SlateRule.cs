namespace Aisle.Learning.Exploration;

/// <summary>The probabilities of all actions for the next place of a slate, given which are taken.</summary>
internal abstract class SlateRule
{
    /// <summary>Adds up to 1 over the actions that are not taken; 0 for those that are.</summary>
    public abstract void Fill(ReadOnlySpan<bool> taken, Span<double> probabilities);
}

/// <summary>The largest index; actions that share it share the probability.</summary>
internal sealed class LargestIndex(double[] indices) : SlateRule
{
    public override void Fill(ReadOnlySpan<bool> taken, Span<double> probabilities)
    {
        var (largest, ties) = (double.NegativeInfinity, 0);
        for (var a = 0; a < indices.Length; a++)
        {
            if (taken[a] || indices[a] < largest) continue;
            ties = indices[a] > largest ? 1 : ties + 1;
            largest = indices[a];
        }

        for (var a = 0; a < indices.Length; a++) probabilities[a] = !taken[a] && indices[a] == largest ? 1.0 / ties : 0;
    }
}

/// <summary>In proportion to exp(mean / temperature): Plackett and Luce's model of a ranking.</summary>
internal sealed class SoftmaxOfMeans(double[] means, double temperature) : SlateRule
{
    public override void Fill(ReadOnlySpan<bool> taken, Span<double> probabilities)
    {
        var largest = double.NegativeInfinity;
        for (var a = 0; a < means.Length; a++) largest = taken[a] ? largest : Math.Max(largest, means[a]);
        var sum = 0.0;
        for (var a = 0; a < means.Length; a++)
        {
            probabilities[a] = taken[a] ? 0 : Math.Exp((means[a] - largest) / temperature);
            sum += probabilities[a];
        }

        for (var a = 0; a < means.Length; a++) probabilities[a] /= sum;
    }
}

/// <summary>Thompson's rule for beliefs that do not depend on each other.</summary>
internal sealed class BestOfIndependent(BestOfTable table) : SlateRule
{
    public override void Fill(ReadOnlySpan<bool> taken, Span<double> probabilities) => table.Fill(taken, probabilities);
}

/// <summary>Thompson's rule for beliefs that move together: how often each action is the best among joint draws.</summary>
/// <param name="draws">Draws × actions.</param>
internal sealed class BestOfDraws(float[] draws, int actions) : SlateRule
{
    public override void Fill(ReadOnlySpan<bool> taken, Span<double> probabilities)
    {
        probabilities.Clear();
        var share = (double)actions / draws.Length;
        for (var first = 0; first < draws.Length; first += actions)
        {
            var best = -1;
            for (var a = 0; a < actions; a++)
            {
                if (!taken[a] && (best < 0 || draws[first + a] > draws[first + best])) best = a;
            }

            probabilities[best] += share;
        }
    }
}
