using Aisle.Learning.Index;

namespace Aisle.Learning.Tests.Index;

/// <summary>Made-up vectors, and the truth about them by plain loops.</summary>
internal static class Clouds
{
    /// <summary>Gaussian clusters around centres of length about 1 per dimension.</summary>
    public static float[] Clustered(int count, int dimensions, int clusters, int seed)
    {
        var random = new RandomStream(7);
        var centres = new float[clusters * dimensions];
        foreach (ref var value in centres.AsSpan()) value = random.Normal();
        random = new RandomStream(seed);
        var vectors = new float[count * dimensions];
        for (var i = 0; i < count; i++)
        {
            var centre = random.Below(clusters);
            for (var j = 0; j < dimensions; j++) vectors[(i * dimensions) + j] = centres[(centre * dimensions) + j] + (0.5f * random.Normal());
        }

        return vectors;
    }

    public static float[] Uniform(int count, int dimensions, int seed)
    {
        var random = new RandomStream(seed);
        var vectors = new float[count * dimensions];
        foreach (ref var value in vectors.AsSpan()) value = (2 * random.Uniform()) - 1;
        return vectors;
    }

    public static double Score(VectorMeasure measure, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double product = 0, squareA = 0, squareB = 0, distance = 0;
        for (var i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            squareA += (double)a[i] * a[i];
            squareB += (double)b[i] * b[i];
            distance += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        }

        return measure switch
        {
            VectorMeasure.InnerProduct => product,
            VectorMeasure.Cosine => squareA * squareB == 0 ? 0 : product / Math.Sqrt(squareA * squareB),
            _ => -distance,
        };
    }

    /// <summary>Items with their scores, nearest first, equal scores by lower item.</summary>
    public static (int Item, double Score)[] Nearest(VectorMeasure measure, ReadOnlyMemory<float> vectors, float[] query, int places, Func<int, bool> isAllowed) =>
        [.. Enumerable.Range(0, vectors.Length / query.Length)
            .Where(isAllowed)
            .Select(item => (Item: item, Score: Score(measure, query, vectors.Span.Slice(item * query.Length, query.Length))))
            .OrderByDescending(pair => pair.Score).ThenBy(pair => pair.Item).Take(places)];

    /// <summary>The share of the true nearest that is found, over the queries.</summary>
    public static double Recall(VectorIndex index, float[] vectors, float[] queries, int places, Func<int, bool>? isAllowed = null)
    {
        var (items, scores) = (new int[places], new float[places]);
        var (hits, all) = (0, 0);
        foreach (var query in queries.Chunk(index.Dimensions))
        {
            var truth = Nearest(index.Measure, vectors, query, places, isAllowed ?? index.Contains);
            var found = isAllowed is null ? index.Search(query, items, scores) : index.Search(query, items, scores, isAllowed);
            hits += items.AsSpan(0, found).ToArray().Intersect(truth.Select(pair => pair.Item)).Count();
            all += truth.Length;
        }

        return hits / (double)all;
    }
}
