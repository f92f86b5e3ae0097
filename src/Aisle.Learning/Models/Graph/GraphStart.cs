using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Where the embeddings of a graph model begin.</summary>
public enum GraphStart
{
    /// <summary>At the leading singular vectors of the normalised matrix: what the layers keep most of. Far fewer epochs are then needed.</summary>
    [JsonStringEnumMemberName("spectral")]
    Spectral,

    /// <summary>At random, as published.</summary>
    [JsonStringEnumMemberName("random")]
    Random,
}

/// <summary>Makes the embeddings that a graph model begins with.</summary>
internal static class GraphStarts
{
    /// <summary>Size of the numbers at the start.</summary>
    private const float StartScale = 0.1f;

    /// <summary>Share of chance in a spectral start, so that columns beyond the rank of the matrix can learn too.</summary>
    private const float StartNoise = 0.1f;

    private const int StartRounds = 4;

    public static void Check(string model, GraphStart start)
    {
        if (!Enum.IsDefined(start)) throw new ArgumentException($"{model}: start is {start}; allowed are spectral and random.");
    }

    /// <param name="users">Users × factors.</param>
    /// <param name="items">Items × factors.</param>
    public static void Fill(GraphStart start, Interactions train, Span<float> users, Span<float> items, int factors, int seed, FitContext context)
    {
        var random = new RandomStream(seed, -1);
        var chance = StartScale * (start == GraphStart.Random ? 1f : StartNoise);
        foreach (ref var value in users) value = chance * random.Normal();
        foreach (ref var value in items) value = chance * random.Normal();
        if (start == GraphStart.Spectral) AddLeadingVectors(train, users, items, factors, seed, context);
    }

    /// <summary>Adds the eigenvectors of Â with the largest eigenvalues: (R̃ V Σ⁻¹, V) for the right singular vectors V of R̃ = D^−½ R D^−½.</summary>
    private static void AddLeadingVectors(Interactions train, Span<float> users, Span<float> items, int factors, int seed, FitContext context)
    {
        var degrees = new int[train.Items];
        foreach (var item in train.AllItems) degrees[item]++;
        var weights = new float[train.Count];
        for (int user = 0, at = 0; user < train.Users; user++)
        {
            foreach (var item in train.ItemsOf(user)) weights[at++] = 1f / MathF.Sqrt((float)train.CountOf(user) * degrees[item]);
        }

        var matrix = Interactions.FromSortedRows(train.Items, train.RowStarts.ToArray(), train.AllItems.ToArray(), weights);
        var found = TopSingularVectors.Compute(
            matrix, matrix.Transpose(), Math.Min(factors, train.Items), StartRounds, seed, context.Threads, _ => { }, context.Cancellation);
        var image = new FactorMatrix(train.Users, found.Vectors.Dimensions);
        SparseProduct.Multiply(matrix, found.Vectors, image, context.Threads, context.Cancellation);
        var scales = Array.ConvertAll(found.Squares, square => square > 0f ? StartScale * MathF.Sqrt((train.Users + train.Items) / 2f / square) : 0f);
        for (var user = 0; user < train.Users; user++)
        {
            for (var k = 0; k < scales.Length; k++) users[(user * factors) + k] += scales[k] * image.Values(user)[k];
        }

        for (var k = 0; k < scales.Length; k++) scales[k] *= MathF.Sqrt(found.Squares[k]);
        for (var item = 0; item < train.Items; item++)
        {
            for (var k = 0; k < scales.Length; k++) items[(item * factors) + k] += scales[k] * found.Vectors.Values(item)[k];
        }
    }
}
