using System.Buffers;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Σ weight · normalised score of the members. An item that a member does not know counts as the lowest that it gives; an item that none of
/// them knows scores −∞.
/// </summary>
public sealed class EnsembleModel : ScoringModel
{
    private const int LayoutVersion = 1;

    private readonly Fusion _fusion;

    /// <summary>What known users touched: it stands outside the scale of their candidates, as a history does.</summary>
    private readonly Interactions _train;

    private readonly IModel[] _members;
    private readonly float[] _weights;

    internal EnsembleModel(Fusion fusion, Interactions train, IModel[] members, float[] weights)
    {
        this._fusion = fusion;
        this._train = train;
        this._members = members;
        this._weights = weights;
    }

    public override string Name => EnsembleTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    /// <summary>The members that are left, with their weights, which add up to 1.</summary>
    public IReadOnlyList<(IModel Model, float Weight)> Members => [.. this._members.Zip(this._weights)];

    private protected override bool ReadsRows => true;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var rented = ArrayPool<float>.Shared.Rent(scores.Length);
        var rows = rented.AsSpan(0, scores.Length);
        Span<float> floors = users.Length <= 256 ? stackalloc float[users.Length] : new float[users.Length];
        floors.Clear();
        scores.Fill(float.NegativeInfinity);
        for (var member = 0; member < this._members.Length; member++)
        {
            this._members[member].ScoreUsers(users, rows);
            for (var i = 0; i < users.Length; i++)
                this.Add(member, rows.Slice(i * this.Items, this.Items), this._train.ItemsOf(users[i]), scores.Slice(i * this.Items, this.Items), ref floors[i]);
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        var rented = ArrayPool<float>.Shared.Rent(this.Items);
        var row = rented.AsSpan(0, this.Items);
        var floor = 0f;
        scores.Fill(float.NegativeInfinity);
        for (var member = 0; member < this._members.Length; member++)
        {
            this._members[member].ScoreHistory(history, row);
            this.Add(member, row, history.Items, scores, ref floor);
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Where a member can find its best items, and only deviations bring members to one scale; places among all items, and ranges, take all scores.</summary>
    private protected override PartialScores? OpenScores(History history)
    {
        if (this._fusion.Kind != EnsembleFusion.ZScore) return null;
        var scores = new PartialScores?[this._members.Length];
        var any = false;
        for (var member = 0; member < scores.Length; member++) any |= (scores[member] = (this._members[member] as ScoringModel)?.Open(history)) is not null;
        if (!any) return null;
        for (var member = 0; member < scores.Length; member++) scores[member] ??= new RowScores(this._members[member], history);
        return new EnsembleScores(scores!, this._weights, history.Items);
    }

    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        var rented = ArrayPool<float>.Shared.Rent(this.Items);
        var row = rented.AsSpan(0, this.Items);
        var floor = 0f;
        scores.Fill(float.NegativeInfinity);
        for (var member = 0; member < this._members.Length; member++)
        {
            this._members[member].ScoreSimilar(item, row);
            this.Add(member, row, [item], scores, ref floor);
        }

        scores[item] = float.NegativeInfinity;
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>
    /// The members' contributions on the scale on which their scores are added; they add up to the score as far as members know the item and
    /// their own do. In a fusion by rank, which is no sum, each member's are taken as shares of its weight.
    /// </summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var explained = false;
        var own = new float[contributions.Length];
        for (var member = 0; member < this._members.Length; member++)
        {
            if (!this._members[member].Explain(history, items, own)) continue;
            explained = true;
            if (this._fusion.IsByRank)
            {
                for (var i = 0; i < items.Length; i++) AddShares(this._weights[member], own.AsSpan(i * history.Items.Length, history.Items.Length), contributions[(i * history.Items.Length)..]);
                continue;
            }

            Vectors.AddScaled(this._weights[member] * this.ScaleOf(this._members[member], history), own, contributions);
        }

        return explained;
    }

    private float ScaleOf(IModel member, History history)
    {
        if (this._fusion.Kind == EnsembleFusion.ZScore)
        {
            using var partial = (member as ScoringModel)?.Open(history);
            if (partial is not null) return Fusion.Scale(partial.Spread(history.Items.ToArray().Distinct().ToArray()).Deviation);
        }

        var rented = ArrayPool<float>.Shared.Rent(this.Items);
        var row = rented.AsSpan(0, this.Items);
        member.ScoreHistory(history, row);
        var masked = new MaskedScores(row, history.Items);
        var scale = this._fusion.Scale(ScoreRows.Summarise(row));
        masked.Restore();
        ArrayPool<float>.Shared.Return(rented);
        return scale;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write((int)this._fusion.Kind);
        writer.Write((float)this._fusion.RankConstant);
        writer.Write(this._fusion.Depth);
        writer.WriteSparseRows(this._train);
        writer.Write(this._members.Length);
        for (var member = 0; member < this._members.Length; member++)
        {
            writer.Write(this._weights[member]);
            HybridMember.Save(this._members[member], writer, stream);
        }
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static EnsembleModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, EnsembleTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var fusion = new Fusion(
            (EnsembleFusion)reader.ReadInt32("the fusion", 0, (int)EnsembleFusion.Borda),
            reader.ReadSingle("the rank constant", 0, 10_000),
            reader.ReadInt32("the depth", 1, 100_000));
        var train = reader.ReadSparseRows("the histories", users, items);
        var members = new IModel[reader.ReadInt32("the number of members", 1, EnsembleTrainer.MostMembers)];
        var weights = new float[members.Length];
        for (var member = 0; member < members.Length; member++)
        {
            weights[member] = reader.ReadSingle("the weight of a member", float.Epsilon, 1);
            members[member] = HybridMember.Load(reader, stream, users, items, EnsembleTrainer.Refused);
        }

        return new EnsembleModel(fusion, train, members, weights);
    }

    private static void AddShares(float weight, ReadOnlySpan<float> own, Span<float> contributions)
    {
        var sum = 0f;
        foreach (var contribution in own) sum += Math.Abs(contribution);
        if (sum > 0f) Vectors.AddScaled(weight / sum, own, contributions[..own.Length]);
    }

    /// <summary>Adds a member's row to the total.</summary>
    /// <param name="seen">Items that are no candidates.</param>
    /// <param name="floor">What an item counts so far that no member knew; grows with this member's lowest.</param>
    private void Add(int member, Span<float> row, ReadOnlySpan<int> seen, Span<float> total, ref float floor)
    {
        if (this._fusion.IsByRank)
        {
            this.AddPoints(this._weights[member], row, seen, total);
            return;
        }

        var masked = new MaskedScores(row, seen);
        var summary = ScoreRows.Summarise(row);
        masked.Restore();
        if (summary.Count == 0) return;
        var scale = this._weights[member] * this._fusion.Scale(summary);
        var lowest = summary.Lowest;
        foreach (var item in seen)
        {
            if (row[item] < lowest && !float.IsNegativeInfinity(row[item])) lowest = row[item];
        }

        ScoreRows.AddScaled(total, row, scale, lowest, floor);
        floor += scale * lowest;
    }

    private void AddPoints(float weight, Span<float> row, ReadOnlySpan<int> seen, Span<float> total)
    {
        var depth = Math.Min(this._fusion.Depth, row.Length);
        var places = ArrayPool<int>.Shared.Rent(depth);
        var values = ArrayPool<float>.Shared.Rent(depth);
        var masked = new MaskedScores(row, seen);
        var count = TopK.Select(row, places.AsSpan(0, depth), values.AsSpan(0, depth));
        masked.Restore();

        // What is known but earns no point counts 0 and not −∞.
        ScoreRows.AddScaled(total, row, 0f, 0f, 0f);
        for (var place = 0; place < count; place++) total[places[place]] += weight * this._fusion.Points(place);
        for (var i = 0; i < seen.Length; i++)
        {
            // What was seen takes no place from candidates; it earns those of the candidate that it would stand before.
            if (seen[..i].Contains(seen[i]) || float.IsNegativeInfinity(row[seen[i]])) continue;
            var place = 0;
            while (place < count && values[place] > row[seen[i]]) place++;
            total[seen[i]] += weight * this._fusion.Points(place);
        }

        ArrayPool<int>.Shared.Return(places);
        ArrayPool<float>.Shared.Return(values);
    }
}
