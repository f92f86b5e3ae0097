using System.Numerics;

namespace Aisle.Learning.Kernels;

/// <summary>What the scores of one row have in common. Scores of −∞ (unknown items) do not count.</summary>
/// <param name="Count">Known scores.</param>
/// <param name="Deviation">Standard deviation of the known scores.</param>
internal readonly record struct RowSummary(int Count, double Mean, double Deviation, float Lowest, float Highest);

/// <summary>Passes over a row of scores, one per item, in which −∞ means unknown.</summary>
internal static class ScoreRows
{
    /// <summary>Values added in single precision before the sum goes on in double.</summary>
    private const int Block = 4096;

    public static RowSummary Summarise(ReadOnlySpan<float> scores)
    {
        var firstKnown = scores.IndexOfAnyExcept(float.NegativeInfinity);
        if (firstKnown < 0) return new RowSummary(0, 0, 0, float.NegativeInfinity, float.NegativeInfinity);

        // Sums are of differences from one of the scores: squares of numbers far from zero would swallow their spread.
        var shift = scores[firstKnown];
        double sum = 0, squares = 0;
        var count = 0;
        float lowest = shift, highest = shift;
        for (var start = 0; start < scores.Length; start += Block)
            Add(scores.Slice(start, Math.Min(Block, scores.Length - start)), shift, ref count, ref sum, ref squares, ref lowest, ref highest);

        var offset = sum / count;
        return new RowSummary(count, shift + offset, Math.Sqrt(Math.Max(0, (squares / count) - (offset * offset))), lowest, highest);
    }

    /// <summary>
    /// total += scale · score, where a score of −∞ counts as <paramref name="lowest"/>. An entry of the total that is −∞ (unknown so far) counts as
    /// <paramref name="floor"/>, and stays −∞ where the score is −∞ too.
    /// </summary>
    public static void AddScaled(Span<float> total, ReadOnlySpan<float> scores, float scale, float lowest, float floor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, total.Length);
        var unknown = new Vector<float>(float.NegativeInfinity);
        var i = 0;
        for (; i <= scores.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var score = new Vector<float>(scores[i..]);
            var before = new Vector<float>(total[i..]);
            var sum = Vector.Max(before, new Vector<float>(floor)) + (Vector.Max(score, new Vector<float>(lowest)) * scale);
            Vector.ConditionalSelect(Vector.Equals(Vector.Max(before, score), unknown), unknown, sum).CopyTo(total[i..]);
        }

        AddScaledReference(total[i..], scores[i..], scale, lowest, floor);
    }

    /// <summary>Plain twin of <see cref="AddScaled"/>.</summary>
    public static void AddScaledReference(Span<float> total, ReadOnlySpan<float> scores, float scale, float lowest, float floor)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNegativeInfinity(scores[i]) && float.IsNegativeInfinity(total[i])) continue;
            total[i] = Math.Max(total[i], floor) + (Math.Max(scores[i], lowest) * scale);
        }
    }

    /// <summary>Plain twin of <see cref="Summarise"/>, summed in double.</summary>
    public static RowSummary SummariseReference(ReadOnlySpan<float> scores)
    {
        var known = scores.ToArray().Where(score => !float.IsNegativeInfinity(score)).ToArray();
        if (known.Length == 0) return new RowSummary(0, 0, 0, float.NegativeInfinity, float.NegativeInfinity);
        var mean = known.Average(score => (double)score);
        return new RowSummary(known.Length, mean, Math.Sqrt(known.Average(score => (score - mean) * (score - mean))), known.Min(), known.Max());
    }

    private static void Add(ReadOnlySpan<float> scores, float shift, ref int count, ref double sum, ref double squares, ref float lowest, ref float highest)
    {
        var unknown = new Vector<float>(float.NegativeInfinity);
        var (sums, squareSums, counts) = (Vector<float>.Zero, Vector<float>.Zero, Vector<int>.Zero);
        var (low, high) = (new Vector<float>(lowest), new Vector<float>(highest));
        var i = 0;
        for (; i <= scores.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var score = new Vector<float>(scores[i..]);
            var isKnown = Vector.GreaterThan(score, unknown);
            var known = Vector.ConditionalSelect(isKnown, score, new Vector<float>(shift));
            var difference = known - new Vector<float>(shift);
            sums += difference;
            squareSums += difference * difference;
            counts -= isKnown;
            low = Vector.Min(low, known);
            high = Vector.Max(high, known);
        }

        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            sum += sums[lane];
            squares += squareSums[lane];
            count += counts[lane];
            lowest = Math.Min(lowest, low[lane]);
            highest = Math.Max(highest, high[lane]);
        }

        for (; i < scores.Length; i++)
        {
            if (float.IsNegativeInfinity(scores[i])) continue;
            var difference = (double)scores[i] - shift;
            sum += difference;
            squares += difference * difference;
            count++;
            lowest = Math.Min(lowest, scores[i]);
            highest = Math.Max(highest, scores[i]);
        }
    }
}
