using System.Runtime.InteropServices;

namespace Aisle.Learning.Ranking;

/// <summary>
/// What a ranker learns from: lists as they were served, each with the feature values of its rows at that time (never computed anew
/// afterwards, which would let the future in), what was gained by each row, and how much each counts.
/// </summary>
/// <param name="schema">What the numbers of a row mean.</param>
public sealed class RankingExamples(FeatureSchema schema)
{
    private readonly List<float> _features = [];
    private readonly List<float> _labels = [];
    private readonly List<float> _weights = [];
    private readonly List<int> _starts = [0];

    public FeatureSchema Schema { get; } = schema;

    public int Rows => this._labels.Count;

    public int Lists => this._starts.Count - 1;

    internal ReadOnlySpan<float> Features => CollectionsMarshal.AsSpan(this._features);

    internal ReadOnlySpan<float> Labels => CollectionsMarshal.AsSpan(this._labels);

    internal ReadOnlySpan<float> Weights => CollectionsMarshal.AsSpan(this._weights);

    /// <summary>Lists + 1 numbers: list l has the rows from starts[l] to before starts[l + 1].</summary>
    internal ReadOnlySpan<int> Starts => CollectionsMarshal.AsSpan(this._starts);

    /// <param name="features">Rows × features, row by row; NaN where a value is missing.</param>
    /// <param name="labels">One per row, finite and not negative: what the row gained; 0 for nothing.</param>
    /// <param name="weights">One per row, finite and not negative, such as inverse propensities; empty: each 1.</param>
    public void AddList(ReadOnlySpan<float> features, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights = default)
    {
        if (labels.IsEmpty) throw new ArgumentException("The list is empty; a list has at least one row.");
        if (features.Length != (long)labels.Length * this.Schema.Count)
            throw new ArgumentException($"The list has {features.Length} feature values; {labels.Length} rows of {this.Schema.Count} features have {(long)labels.Length * this.Schema.Count}.");
        if (!weights.IsEmpty && weights.Length != labels.Length) throw new ArgumentException($"The list has {weights.Length} weights and {labels.Length} labels; give one each, or no weights.");
        if ((long)this._features.Count + features.Length > Array.MaxLength)
            throw new ArgumentException($"More than {Array.MaxLength} feature values do not fit in memory at once. Train on fewer lists: the latest, or a sample.");
        Check("label", labels);
        Check("weight", weights);
        this._features.AddRange(features);
        this._labels.AddRange(labels);
        if (weights.IsEmpty) CollectionsMarshal.SetCount(this._weights, this._labels.Count);
        else this._weights.AddRange(weights);
        if (weights.IsEmpty) CollectionsMarshal.AsSpan(this._weights)[^labels.Length..].Fill(1);
        this._starts.Add(this._labels.Count);
    }

    private static void Check(string what, ReadOnlySpan<float> values)
    {
        for (var row = 0; row < values.Length; row++)
        {
            if (!(values[row] >= 0 && float.IsFinite(values[row]))) throw new ArgumentException($"The {what} of row {row} is {values[row]}; allowed are finite numbers from 0 on.");
        }
    }
}
