using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What a state and an item's embedding say of each other: their product, or their cosine over a temperature.</summary>
/// <param name="Temperature">0: the product.</param>
/// <remarks>
/// A product grows with the length of the embedding, and so with how often the item was met; a cosine does not. Gupta, Garg, Malhotra, Vig, Shroff:
/// NISER: Normalized item and session representations to handle popularity bias (GRLIRS at CIKM 2019).
/// </remarks>
internal readonly record struct ItemScoring(float Temperature)
{
    /// <summary>What is multiplied with <see cref="Items"/>.</summary>
    public Tensor States(Tape tape, Tensor states) => this.Temperature == 0f ? states : tape.RowsOfLength(states, 1f / this.Temperature);

    public Tensor Items(Tape tape, Tensor items) => this.Temperature == 0f ? items : tape.RowsOfLength(items, 1f);
}
