using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// Rows of the items × items matrix XᵀDX, of which only those entries are visited that are not zero, one row at a time: D holds a
/// weight per user. The matrix itself is never held. One per thread.
/// </summary>
internal sealed class ItemProducts(Interactions train, Interactions byItem, float[] userWeights)
{
    private readonly float[] _products = new float[train.Items];
    private readonly int[] _touched = new int[train.Items];

    /// <summary>Items that share a user with the item of the last <see cref="Compute"/>, itself included, in no order.</summary>
    public ReadOnlySpan<int> Touched => this._touched.AsSpan(0, this.Count);

    public int Count { get; private set; }

    /// <summary>The product of the item with another; 0 where they share no user.</summary>
    public float this[int other] => this._products[other];

    public void Compute(int item)
    {
        foreach (var other in this.Touched) this._products[other] = 0f;
        var count = 0;
        var users = byItem.ItemsOf(item);
        var weights = byItem.WeightsOf(item);
        for (var u = 0; u < users.Length; u++)
        {
            var others = train.ItemsOf(users[u]);
            var otherWeights = train.WeightsOf(users[u]);
            var weight = weights[u] * userWeights[users[u]];
            for (var i = 0; i < others.Length; i++)
            {
                // A share too small for single precision stays out: an item must be listed once only.
                var share = weight * otherWeights[i];
                ref var sum = ref this._products[others[i]];
                if (sum == 0f && share > 0f) this._touched[count++] = others[i];
                sum += share;
            }
        }

        this.Count = count;
    }
}
