using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>One of three models by how much is known of the shopper and of each item.</summary>
public sealed class SwitchingModel : ScoringModel
{
    private const int LayoutVersion = 1;
    private const int Members = 3;

    private readonly IModel[] _members;
    private readonly int _minimumHistory;
    private readonly int _minimumItemUsers;
    private readonly int[] _userItems;
    private readonly int[] _itemUsers;
    private readonly int[] _coldItems;

    internal SwitchingModel(IModel[] members, int minimumHistory, int minimumItemUsers, int[] userItems, int[] itemUsers)
    {
        this._members = members;
        this._minimumHistory = minimumHistory;
        this._minimumItemUsers = minimumItemUsers;
        this._userItems = userItems;
        this._itemUsers = itemUsers;
        this._coldItems = [.. Enumerable.Range(0, itemUsers.Length).Where(this.IsCold)];
    }

    public override string Name => SwitchingTrainer.ModelName;

    public override int Users => this._userItems.Length;

    public override int Items => this._itemUsers.Length;

    private IModel Main => this._members[0];

    private IModel ForColdUsers => this._members[1];

    private IModel ForColdItems => this._members[2];

    private protected override bool ReadsRows => true;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        this.Main.ScoreUsers(users, scores);
        var other = ArrayPool<float>.Shared.Rent(this.Items);
        var rowOfOther = other.AsSpan(0, this.Items);
        for (var i = 0; i < users.Length; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (this._userItems[users[i]] < this._minimumHistory) this.ForColdUsers.ScoreUsers(users.Slice(i, 1), row);
            else if (this._coldItems.Length > 0)
            {
                this.ForColdItems.ScoreUsers(users.Slice(i, 1), rowOfOther);
                this.TakeColdItems(rowOfOther, row);
            }
        }

        ArrayPool<float>.Shared.Return(other);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        if (this.IsColdUser(history))
        {
            this.ForColdUsers.ScoreHistory(history, scores);
            return;
        }

        this.Main.ScoreHistory(history, scores);
        if (this._coldItems.Length == 0) return;
        var other = new float[this.Items];
        this.ForColdItems.ScoreHistory(history, other);
        this.TakeColdItems(other, scores);
    }

    /// <summary>A cold item is compared with all others by the model for cold items; any other by the main one.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        if (this.IsCold(item))
        {
            this.ForColdItems.ScoreSimilar(item, scores);
            return;
        }

        this.Main.ScoreSimilar(item, scores);
        if (this._coldItems.Length == 0) return;
        var other = new float[this.Items];
        this.ForColdItems.ScoreSimilar(item, other);
        this.TakeColdItems(other, scores);
    }

    /// <summary>What the model says that is asked about the item; for cold items on that model's own scale.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        if (this.IsColdUser(history)) return this.ForColdUsers.Explain(history, items, contributions);
        var explained = this.Main.Explain(history, items, contributions);
        for (var i = 0; i < items.Length; i++)
        {
            if (this.IsCold(items[i])) explained |= this.ForColdItems.Explain(history, items.Slice(i, 1), contributions.Slice(i * history.Items.Length, history.Items.Length));
        }

        return explained;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._minimumHistory);
        writer.Write(this._minimumItemUsers);
        writer.WriteArray<int>(this._userItems);
        writer.WriteArray<int>(this._itemUsers);
        foreach (var member in this._members) HybridMember.Save(member, writer, stream);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static SwitchingModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, SwitchingTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var minimumHistory = reader.ReadInt32("the least history", 0, 1000);
        var minimumItemUsers = reader.ReadInt32("the least users of an item", 0, 100_000);
        var userItems = reader.ReadArray<int>("the counts of the users", users);
        var itemUsers = reader.ReadArray<int>("the counts of the items", items);
        var members = new IModel[Members];
        for (var member = 0; member < Members; member++) members[member] = HybridMember.Load(reader, stream, users, items, SwitchingTrainer.Refused);
        return new SwitchingModel(members, minimumHistory, minimumItemUsers, userItems, itemUsers);
    }

    /// <summary>As of known users, items count and not events.</summary>
    private bool IsColdUser(History history) => (MergedHistory.Of(history)?.Count ?? history.Items.Length) < this._minimumHistory;

    private bool IsCold(int item) => this._itemUsers[item] < this._minimumItemUsers;

    /// <summary>
    /// Replaces the scores of cold items by the other model's, moved so that what both models say of the known items has one mean and one deviation.
    /// A cold item of which the other model knows nothing keeps what the main one said.
    /// </summary>
    private void TakeColdItems(Span<float> other, Span<float> scores)
    {
        var count = this._coldItems.Length;
        var (told, said) = (ArrayPool<float>.Shared.Rent(count), ArrayPool<float>.Shared.Rent(count));
        for (var i = 0; i < count; i++)
        {
            (told[i], said[i]) = (other[this._coldItems[i]], scores[this._coldItems[i]]);
            other[this._coldItems[i]] = scores[this._coldItems[i]] = float.NegativeInfinity;
        }

        var (from, to) = (ScoreRows.Summarise(other), ScoreRows.Summarise(scores));
        var scale = from.Deviation > 0 ? to.Deviation / from.Deviation : 0;
        for (var i = 0; i < count; i++)
        {
            scores[this._coldItems[i]] = float.IsNegativeInfinity(told[i]) ? said[i]
                : from.Count == 0 || to.Count == 0 ? told[i]
                : (float)(to.Mean + ((told[i] - from.Mean) * scale));
        }

        ArrayPool<float>.Shared.Return(told);
        ArrayPool<float>.Shared.Return(said);
    }
}
