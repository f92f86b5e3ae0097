using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Those weights between items that are not zero. Items to which none leads from a history score −∞ for it.</summary>
/// <param name="rows">Items × items: row i holds what item i adds to the scores of others.</param>
internal sealed class SparseItemWeights(Interactions rows) : IItemWeights
{
    public Interactions Rows => rows;

    public float this[int from, int to]
    {
        get
        {
            var at = rows.ItemsOf(from).BinarySearch(to);
            return at < 0 ? 0f : rows.WeightsOf(from)[at];
        }
    }

    public void Score(ReadOnlySpan<int> items, ReadOnlySpan<float> strengths, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        for (var i = 0; i < items.Length; i++)
        {
            var strength = strengths.IsEmpty ? 1f : strengths[i];
            var reached = rows.ItemsOf(items[i]);
            var weights = rows.WeightsOf(items[i]);
            for (var j = 0; j < reached.Length; j++)
            {
                ref var score = ref scores[reached[j]];
                var share = strength * weights[j];
                score = float.IsNegativeInfinity(score) ? share : score + share;
            }
        }
    }

    public void Save(ModelWriter writer) => writer.WriteSparseRows(rows);
}
