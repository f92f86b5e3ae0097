using System.Runtime.CompilerServices;
using Aisle.Engine.Catalog;
using Aisle.Learning;

namespace Aisle.Engine.Recommending;

/// <summary>What the catalogue tells of an item as a unit vector, so that the product of two is how alike they are: for mixed lists.</summary>
/// <remarks>
/// Each thing told (subcategory, brand, department, price band, tags) is a vector of independent signs drawn from its name, weighted and summed:
/// vectors of different things are nearly orthogonal in 64 dimensions (random projection, Achlioptas 2003), so that the product of two items is about the
/// weight of what they share.
/// </remarks>
internal static class ItemLikeness
{
    public const int Dimensions = 64;

    private const float Subcategory = 1;
    private const float Brand = 0.7f;
    private const float Department = 0.5f;
    private const float PriceBand = 0.3f;
    private const float Tag = 0.3f;

    // An item that changes is another record: its vector goes with it.
    private static readonly ConditionalWeakTable<Item, float[]> Known = [];

    public static ReadOnlySpan<float> Of(Item item) => Known.GetValue(item, Build);

    private static float[] Build(Item item)
    {
        var vector = new float[Dimensions];
        if (item.Category.Count > 0) Add(vector, "c:" + string.Join('/', item.Category), Subcategory);
        if (item.Category.Count > 1) Add(vector, "d:" + item.Category[0], Department);
        if (item.Brand is { Length: > 0 } brand) Add(vector, "b:" + brand, Brand);
        // Bands of a factor of 2: what costs twice as much is another kind of purchase.
        if (item.Price is > 0) Add(vector, FormattableString.Invariant($"p:{Math.Round(Math.Log2(item.Price.Value))}"), PriceBand);
        foreach (var tag in item.Tags) Add(vector, "t:" + tag, Tag);
        // Items of which nothing is told are like nothing.
        if (vector.All(value => value == 0)) Add(vector, "i:" + item.Id.Value, 1);
        var norm = MathF.Sqrt(vector.Sum(value => value * value));
        for (var i = 0; i < Dimensions; i++) vector[i] /= norm;
        return vector;
    }

    private static void Add(float[] vector, string name, float weight)
    {
        var signs = UnitHash.Of("likeness", name);
        for (var i = 0; i < Dimensions; i++) vector[i] += (signs >> i & 1) == 0 ? weight : -weight;
    }
}
