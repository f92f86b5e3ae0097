namespace Aisle.Learning.Models;

/// <summary>The weights B of a linear item model: an item's score is Σ strength · B(i, item) over the items i of a history.</summary>
internal interface IItemWeights
{
    /// <summary>What one item adds to the score of another; 0 where they have nothing to do with each other.</summary>
    float this[int from, int to] { get; }

    /// <param name="strengths">One per item, or none for 1 each.</param>
    /// <param name="scores">One per item of the catalogue; overwritten. All −∞ for no items.</param>
    void Score(ReadOnlySpan<int> items, ReadOnlySpan<float> strengths, Span<float> scores);

    void Save(ModelWriter writer);
}
