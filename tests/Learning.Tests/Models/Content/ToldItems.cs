using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Models;

/// <summary>Words, attributes and vectors by which the two colours of <see cref="Checkerboard"/> can be told.</summary>
internal static class ToldItems
{
    public static Dataset WithTexts(Interactions interactions) => new(interactions)
    {
        ItemTexts = [.. Enumerable.Range(0, interactions.Items).Select(item => item % 2 == 0 ? $"Red ceramic mug, no. {item}" : $"Blue linen towels ({item})")],
    };

    public static Dataset WithAttributes(Interactions interactions) => new(interactions)
    {
        ItemAttributes = Attributes.From(Enumerable.Range(0, interactions.Items)
            .Select(item => new[] { ("colour", item % 2 == 0 ? "red" : "blue"), ("price", $"{item % 3}"), ("brand", $"{item % 2}-{item % 6}") })),
    };

    public static Dataset WithVectors(Interactions interactions)
    {
        var values = new float[interactions.Items * 3];
        for (var item = 0; item < interactions.Items; item++) new[] { 1f, item % 2 == 0 ? 1f : -1f, 0.1f * (item % 5) }.CopyTo(values, item * 3);
        return new Dataset(interactions) { ItemVectors = new ItemVectors(3, values) };
    }

    /// <summary>Both texts and attributes.</summary>
    public static Dataset WithAll(Interactions interactions) => WithTexts(interactions) with { ItemAttributes = WithAttributes(interactions).ItemAttributes };
}
