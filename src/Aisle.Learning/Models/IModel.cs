using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>A fitted model: it scores and is saved, nothing else. Safe for concurrent use.</summary>
/// <remarks>
/// Scores are comparable within one call only; larger is better. An item about which the model knows nothing scores
/// <see cref="float.NegativeInfinity"/>; callers leave such items out.
/// </remarks>
public interface IModel
{
    string Name { get; }

    /// <summary>Users seen in training; known users are 0 … Users − 1.</summary>
    int Users { get; }

    /// <summary>Items of the catalogue that the model was trained on, 0 … Items − 1.</summary>
    int Items { get; }

    /// <summary>Scores every item for known users.</summary>
    /// <param name="users">User indices in [0, Users).</param>
    /// <param name="scores">Row-major, users.Length × Items; overwritten.</param>
    void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores);

    /// <summary>Scores every item for a shopper given only by what they did (fold-in): no retraining, not even a known user.</summary>
    /// <param name="history">The shopper's interactions; may be empty.</param>
    /// <param name="scores">Items values; overwritten.</param>
    void ScoreHistory(History history, Span<float> scores);

    /// <summary>
    /// The best items for a history, best first, ties by lower index, with the scores that <see cref="ScoreHistory"/> gives them; items that score −∞ are left
    /// out. Families that can do without scoring every item do so for large catalogues; they may then miss an item that would stand near the end.
    /// </summary>
    /// <param name="items">Receives as many items as it has places.</param>
    /// <param name="scores">As long as <paramref name="items"/>.</param>
    /// <returns>How many places were filled.</returns>
    int RankHistory(History history, Span<int> items, Span<float> scores);

    /// <summary>Scores some items for a history, as <see cref="ScoreHistory"/> does.</summary>
    /// <param name="items">Item indices.</param>
    /// <param name="scores">One per item; overwritten.</param>
    void ScoreItems(History history, ReadOnlySpan<int> items, Span<float> scores);

    /// <summary>Scores every item by its likeness to one item; the item itself scores <see cref="float.NegativeInfinity"/>.</summary>
    void ScoreSimilar(int item, Span<float> scores);

    /// <summary>Says how much each interaction of a history contributes to the scores of some items.</summary>
    /// <param name="history">As given to <see cref="ScoreHistory"/>.</param>
    /// <param name="items">Item indices; asked together, because what the history costs is then paid once.</param>
    /// <param name="contributions">Row-major, items × interactions of the history; overwritten. Where a score is a sum over the history, its row adds up to it.</param>
    /// <returns>False where the score does not come from the history (popularity); contributions are then 0.</returns>
    bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions);

    /// <summary>Writes the model's numbers. The registry adds name, options, id map, scores and checksum around them.</summary>
    void Save(Stream stream);
}

/// <summary>Predicts what a user would say of an item, not only what they would take up next: scores are ratings.</summary>
public interface IRatingModel : IModel
{
    /// <summary>The lowest and highest rating seen in training; predictions stay between them.</summary>
    (float Lowest, float Highest) RatingRange { get; }

    /// <summary>Predicts the rating of each (user, item) pair. A user or item without training data is predicted from what is left: biases, the mean.</summary>
    /// <param name="ratings">One per pair; overwritten.</param>
    void PredictRatings(ReadOnlySpan<int> users, ReadOnlySpan<int> items, Span<float> ratings);
}

/// <summary>Takes in new behaviour without a fit from the start.</summary>
public interface IUpdatable : IModel
{
    /// <summary>The model as it would be, or nearly, had it been fitted on the old and the new behaviour together. This one stays as it is.</summary>
    /// <param name="added">New behaviour; its shape is at least the model's, and users and items beyond that are new.</param>
    IModel Update(Dataset added, FitContext context);
}

/// <summary>
/// A shopper's interactions as parallel spans, oldest first where their order is known. An item may stand there repeatedly, a row for each event:
/// models that learn from order read the rows as they are, without their weights, which rows of training do not have either; all others take an item's
/// rows as one interaction at the latest place, with the sum of the weights. So one form of history serves every model.
/// </summary>
/// <param name="items">Item indices.</param>
/// <param name="weights">Strength of each interaction, &gt; 0; empty means 1 each.</param>
/// <param name="ages">Age of each interaction in days at the time of asking, ≥ 0; empty means unknown.</param>
/// <param name="kinds">What each interaction was, numbered as in training; empty means unknown.</param>
public readonly ref struct History(ReadOnlySpan<int> items, ReadOnlySpan<float> weights = default, ReadOnlySpan<float> ages = default, ReadOnlySpan<byte> kinds = default)
{
    public ReadOnlySpan<int> Items { get; } = items;

    public ReadOnlySpan<float> Weights { get; } = weights;

    public ReadOnlySpan<float> Ages { get; } = ages;

    public ReadOnlySpan<byte> Kinds { get; } = kinds;

    public float Weight(int position) => this.Weights.IsEmpty ? 1f : this.Weights[position];
}
