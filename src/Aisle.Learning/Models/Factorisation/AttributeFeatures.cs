using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>The features of a factorisation machine that the rows of one side, items or users, have through their attributes.</summary>
internal sealed class AttributeFeatures
{
    private readonly Attributes _attributes;

    private AttributeFeatures(Attributes attributes, int factors)
    {
        this._attributes = attributes;
        this.Table = new FeatureTable(attributes.Values, factors);
    }

    /// <summary>A row per value.</summary>
    public FeatureTable Table { get; }

    /// <returns>Null without a value.</returns>
    public static AttributeFeatures? Of(Attributes? attributes, int factors) => attributes is { Values: > 0 } ? new AttributeFeatures(attributes, factors) : null;

    /// <summary>n features of one kind count 1/√n each, so that a long history or many tags do not drown the rest.</summary>
    public static float Share(ReadOnlySpan<int> features) => 1f / MathF.Sqrt(features.Length);

    public ReadOnlySpan<int> ValuesOf(int row) => this._attributes.ValuesOf(row);

    /// <summary>Starts those of a row's values that have not been started.</summary>
    public void Start(int row, float deviation, ref RandomStream random)
    {
        foreach (var value in this.ValuesOf(row))
        {
            if (!this.Table.Factors.Values(value).ContainsAnyExcept(0f)) this.Table.Start(value, deviation, ref random);
        }
    }

    public void Add(int row, Span<float> sum)
    {
        var values = this.ValuesOf(row);
        foreach (var value in values) Vectors.AddScaled(Share(values), this.Table.Factors.PaddedValues(value), sum);
    }

    public float WeightOf(int row)
    {
        var values = this.ValuesOf(row);
        var sum = 0f;
        foreach (var value in values) sum += Share(values) * this.Table.Weights[value];
        return sum;
    }
}
