namespace Aisle.Learning.Models;

/// <summary>Checks what every call brings, once and in one voice, and leaves to the families what is theirs: the numbers.</summary>
public abstract class ScoringModel : IModel
{
    /// <summary>Of all items, one in so many: lists longer than that are not looked for in part.</summary>
    private const int LeastShare = 8;

    public abstract string Name { get; }

    public abstract int Users { get; }

    public abstract int Items { get; }

    public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores)
    {
        TrainingInput.CheckUsers(this, users);
        TrainingInput.CheckScores(this, users.Length, scores);
        this.ScoreKnown(users, scores);
    }

    public void ScoreHistory(History history, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckScores(this, 1, scores);
        if (!this.ReadsRows && MergedHistory.Of(history) is { } merged) this.Score(merged.History, scores);
        else this.Score(history, scores);
    }

    public int RankHistory(History history, Span<int> items, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, items.Length);
        // Whoever wants a good part of all items has them scored exactly for little more.
        using var partial = (items.Length > this.Items / LeastShare ? null : this.Open(history)) ?? new RowScores(this, history);
        return partial.Rank(items, scores);
    }

    public void ScoreItems(History history, ReadOnlySpan<int> items, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        foreach (var item in items) TrainingInput.CheckItem(this, item);
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, items.Length);
        using var partial = this.Open(history) ?? new RowScores(this, history);
        partial.Of(items, scores);
    }

    /// <summary>The scores of a history in parts; null where the family scores all items or none.</summary>
    internal PartialScores? Open(History history) =>
        !this.ReadsRows && MergedHistory.Of(history) is { } merged ? this.OpenScores(merged.History) : this.OpenScores(history);

    public void ScoreSimilar(int item, Span<float> scores)
    {
        TrainingInput.CheckItem(this, item);
        TrainingInput.CheckScores(this, 1, scores);
        this.ScoreLikeness(item, scores);
        scores[item] = float.NegativeInfinity;
    }

    public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckContributions(this, history, items, contributions);
        if (this.ReadsRows || MergedHistory.Of(history) is not { } merged) return this.Contribute(history, items, contributions);
        var own = new float[items.Length * merged.Count];
        var explained = this.Contribute(merged.History, items, own);
        merged.PutBack(own, contributions);
        return explained;
    }

    public abstract void Save(Stream stream);

    /// <summary>
    /// Whether the family takes a history row by row, as its training did: families that learn from order, and those that hand it on. All others
    /// learned from a matrix, in which a pair stands once, and are given an item's rows as one.
    /// </summary>
    private protected virtual bool ReadsRows => false;

    /// <summary>Every item for known users; unless a family does better, as for the histories of their training.</summary>
    private protected virtual void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        for (var i = 0; i < users.Length; i++) this.Score(this.HistoryOf(users[i]), scores.Slice(i * this.Items, this.Items));
    }

    /// <summary>What a known user did in training; empty where the model does not keep it.</summary>
    private protected virtual History HistoryOf(int user) => default;

    /// <summary>Every item for a history.</summary>
    private protected abstract void Score(History history, Span<float> scores);

    /// <summary>As <see cref="Open"/>; unless a family can find its best items, null.</summary>
    private protected virtual PartialScores? OpenScores(History history) => null;

    /// <summary>Every item by its likeness to one; unless a family has a measure of its own, what the item alone would be answered with.</summary>
    private protected virtual void ScoreLikeness(int item, Span<float> scores) => this.Score(new History([item]), scores);

    /// <summary>As <see cref="Explain"/>; unless a family does so, the scores do not come from the history.</summary>
    private protected virtual bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        return false;
    }
}
