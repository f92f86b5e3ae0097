namespace Aisle.Learning.Ranking;

/// <summary>
/// Turns the number of a category into the mean label of its rows, drawn towards the mean of all:
/// (Σ w y + m ȳ) / (Σ w + m). Unknown categories are missing values.
/// </summary>
/// <remarks>
/// Micci-Barreca: A preprocessing scheme for high-cardinality categorical attributes (SIGKDD Explorations 2001). A training row's own list
/// must not tell it its label, so rows are encoded from the lists of the other four of five parts; a category seen in one part alone is missing
/// there, as a category first seen when serving is, so that the trees learn what to do with one. Chosen over splits by sets of categories
/// because prediction then has numbers only, and thousands of categories (brands, sellers) do not invite splits that fit noise.
/// </remarks>
internal static class CategoryStatistics
{
    public const int MaxCategories = 1 << 20;
    private const int Parts = 5;

    /// <param name="encoded">One per row: receives what the rows are trained on.</param>
    /// <returns>What other rows are encoded by: by category, NaN where unknown.</returns>
    public static float[] Fit(RankingExamples examples, int feature, double smoothing, Span<float> encoded)
    {
        var features = examples.Features;
        var labels = examples.Labels;
        var weights = examples.Weights;
        var starts = examples.Starts;
        var columns = examples.Schema.Count;
        var largest = -1;
        double total = 0, totalWeight = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            largest = Math.Max(largest, Category(features[(row * columns) + feature]));
            total += (double)weights[row] * labels[row];
            totalWeight += weights[row];
        }

        var mean = totalWeight > 0 ? total / totalWeight : 0;
        var sums = new (double Label, double Weight)[(largest + 1) * Parts];
        for (var list = 0; list < starts.Length - 1; list++)
        {
            for (var row = starts[list]; row < starts[list + 1]; row++)
            {
                var category = Category(features[(row * columns) + feature]);
                if (category < 0) continue;
                ref var sum = ref sums[(category * Parts) + (list % Parts)];
                sum = (sum.Label + ((double)weights[row] * labels[row]), sum.Weight + weights[row]);
            }
        }

        var table = new float[largest + 1];
        for (var category = 0; category < table.Length; category++) table[category] = Mean(sums.AsSpan(category * Parts, Parts), -1, mean, smoothing);
        for (var list = 0; list < starts.Length - 1; list++)
        {
            for (var row = starts[list]; row < starts[list + 1]; row++)
            {
                var category = Category(features[(row * columns) + feature]);
                encoded[row] = category < 0 ? float.NaN : Mean(sums.AsSpan(category * Parts, Parts), list % Parts, mean, smoothing);
            }
        }

        return table;
    }

    public static float Encode(float value, float[] table)
    {
        var category = Category(value);
        return (uint)category < (uint)table.Length ? table[category] : float.NaN;
    }

    /// <returns>−1 where the number is not one of a category.</returns>
    private static int Category(float value) => value >= 0 && value < MaxCategories ? (int)value : -1;

    private static float Mean(ReadOnlySpan<(double Label, double Weight)> parts, int without, double mean, double smoothing)
    {
        double label = 0, weight = 0;
        for (var part = 0; part < parts.Length; part++)
        {
            if (part == without) continue;
            label += parts[part].Label;
            weight += parts[part].Weight;
        }

        return weight > 0 ? (float)((label + (smoothing * mean)) / (weight + smoothing)) : float.NaN;
    }
}
