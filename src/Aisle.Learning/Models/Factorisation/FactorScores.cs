using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Scores of all items as dot products with a shopper's row. A row of zeros belongs to someone unknown; for them all items score −∞, for others the unknown ones.</summary>
internal sealed class FactorScores(PackedMatrix items, IEnumerable<int> unknownItems)
{
    private readonly int[] _unknownItems = [.. unknownItems];

    public void OfUsers(FactorMatrix users, ReadOnlySpan<int> which, Span<float> scores)
    {
        var gathered = ArrayPool<float>.Shared.Rent(which.Length * items.Depth);
        for (var i = 0; i < which.Length; i++) users.Values(which[i]).CopyTo(gathered.AsSpan(i * items.Depth, items.Depth));
        this.Of(gathered.AsSpan(0, which.Length * items.Depth), which.Length, scores);
        ArrayPool<float>.Shared.Return(gathered);
    }

    /// <param name="rows">count × factors.</param>
    /// <param name="scores">count × items; overwritten.</param>
    public void Of(ReadOnlySpan<float> rows, int count, Span<float> scores)
    {
        Gemm.Multiply(rows, count, items.Depth, items, scores);
        for (var i = 0; i < count; i++)
        {
            var row = scores.Slice(i * items.Columns, items.Columns);
            if (!rows.Slice(i * items.Depth, items.Depth).ContainsAnyExcept(0f)) row.Fill(float.NegativeInfinity);
            else foreach (var item in this._unknownItems) row[item] = float.NegativeInfinity;
        }
    }
}
