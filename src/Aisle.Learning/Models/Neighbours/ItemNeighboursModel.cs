using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// An item's score for a shopper is Σ w·sim over those of its neighbours that stand in the history. Items without a neighbour there
/// are unknown for that shopper and score −∞. Keeps the training rows to score known users.
/// </summary>
public sealed class ItemNeighboursModel : IModel
{
    private const int LayoutVersion = 1;

    /// <summary>Items × items: row i holds the neighbours of item i with their similarities.</summary>
    private readonly Interactions _neighbours;

    /// <summary>The same lists seen from the other end: row i holds the items that have item i among their neighbours.</summary>
    private readonly Interactions _neighbourOf;

    private readonly Interactions _train;

    internal ItemNeighboursModel(Interactions neighbours, Interactions train)
    {
        this._neighbours = neighbours;
        this._neighbourOf = neighbours.Transpose();
        this._train = train;
    }

    public string Name => ItemNeighboursTrainer.ModelName;

    public int Users => this._train.Users;

    public int Items => this._train.Items;

    public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores)
    {
        TrainingInput.CheckUsers(this, users);
        TrainingInput.CheckScores(this, users.Length, scores);
        for (var i = 0; i < users.Length; i++)
            this.Score(this._train.ItemsOf(users[i]), this._train.WeightsOf(users[i]), scores.Slice(i * this.Items, this.Items));
    }

    public void ScoreHistory(History history, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckScores(this, 1, scores);
        this.Score(history.Items, history.Weights, scores);
    }

    /// <summary>The stored similarities; items that are no neighbours score −∞.</summary>
    public void ScoreSimilar(int item, Span<float> scores)
    {
        TrainingInput.CheckItem(this, item);
        TrainingInput.CheckScores(this, 1, scores);
        scores.Fill(float.NegativeInfinity);
        var neighbours = this._neighbours.ItemsOf(item);
        var similarities = this._neighbours.WeightsOf(item);
        for (var i = 0; i < neighbours.Length; i++) scores[neighbours[i]] = similarities[i];
    }

    public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckContributions(this, history, items, contributions);
        for (var row = 0; row < items.Length; row++)
        {
            var neighbours = this._neighbours.ItemsOf(items[row]);
            for (var i = 0; i < history.Items.Length; i++)
            {
                var at = neighbours.BinarySearch(history.Items[i]);
                contributions[(row * history.Items.Length) + i] = at < 0 ? 0f : history.Weight(i) * this._neighbours.WeightsOf(items[row])[at];
            }
        }

        return true;
    }

    public void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteSparseRows(this._neighbours);
        writer.WriteSparseRows(this._train);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static ItemNeighboursModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, ItemNeighboursTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        return new ItemNeighboursModel(reader.ReadSparseRows("the neighbours", items, items), reader.ReadSparseRows("the histories", users, items));
    }

    private void Score(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        for (var i = 0; i < items.Length; i++)
        {
            var weight = weights.IsEmpty ? 1f : weights[i];
            var candidates = this._neighbourOf.ItemsOf(items[i]);
            var similarities = this._neighbourOf.WeightsOf(items[i]);
            for (var j = 0; j < candidates.Length; j++)
            {
                ref var score = ref scores[candidates[j]];
                var share = weight * similarities[j];
                score = float.IsNegativeInfinity(score) ? share : score + share;
            }
        }
    }
}
