using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>A categorical feature: a row may have any number of its values, none included.</summary>
/// <param name="Values">Values are 0 … Values − 1.</param>
public sealed record ClickField(string Name, int Values);

/// <summary>One row of features as a caller brings them.</summary>
/// <param name="Values">For each field of the model, in its order, the values that the row has.</param>
/// <param name="Numbers">For each number of the model, in its order; NaN where it is not known.</param>
public sealed record ClickRow(IReadOnlyList<int[]> Values, float[] Numbers);

/// <summary>Rows of categorical and numeric features. What rows have in common (a shopper, their history) stands in it once.</summary>
public sealed class ClickRows
{
    internal ClickRows(int count, int fields, int numbers)
    {
        this.Count = count;
        this.Fields = [.. Enumerable.Range(0, fields).Select(_ => new FieldBags(count))];
        this.Numbers = new float[count * numbers];
        this.Numbers.AsSpan().Fill(float.NaN);
    }

    public int Count { get; }

    internal IReadOnlyList<FieldBags> Fields { get; }

    /// <summary>Row-major, rows × numbers; NaN where one is not known.</summary>
    internal float[] Numbers { get; }
}

/// <summary>Bags of values of one field, and which of them each row has. A row that is given none has the first, which is empty.</summary>
internal sealed class FieldBags(int rows)
{
    private readonly List<int> _starts = [0, 0];
    private readonly List<int> _values = [];
    private readonly List<float> _weights = [];

    /// <summary>The bag of each row.</summary>
    public int[] Bags { get; } = new int[rows];

    public WeightedBags Take() => new(new Bags([.. this._starts], [.. this._values]), [.. this._weights]);

    /// <summary>Whether every row has the empty bag.</summary>
    public bool IsEmpty => this._values.Count == 0;

    /// <param name="weights">One a value; empty: they share 1.</param>
    /// <returns>The number of the new bag.</returns>
    public int Add(ReadOnlySpan<int> values, ReadOnlySpan<float> weights = default)
    {
        this._values.AddRange(values);
        if (weights.IsEmpty) for (var i = 0; i < values.Length; i++) this._weights.Add(1f / values.Length);
        else this._weights.AddRange(weights);
        this._starts.Add(this._values.Count);
        return this._starts.Count - 2;
    }
}
