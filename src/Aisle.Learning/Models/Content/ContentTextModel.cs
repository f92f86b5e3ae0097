using System.Buffers;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// A score is the cosine between an item's terms and the sum of those of the history. An item that shares no term with it is unknown for
/// that shopper and scores −∞.
/// </summary>
public sealed class ContentTextModel : ScoringModel
{
    private const int LayoutVersion = 1;
    private const int MostTermBytes = 1 << 30;

    private readonly TextFeatures _features;
    private readonly Interactions _byTerm;
    private readonly Interactions _train;

    internal ContentTextModel(TextFeatures features, Interactions train)
    {
        this._features = features;
        this._byTerm = features.Rows.Transpose();
        this._train = train;
    }

    public override string Name => ContentTextTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    /// <summary>The terms that tell an item best from others, best first, with their weights; a part of a longer one is left out.</summary>
    public IReadOnlyList<(string Term, float Weight)> Keywords(int item, int count)
    {
        TrainingInput.CheckItem(this, item);
        var weights = this._features.Rows.WeightsOf(item).ToArray();
        var terms = this._features.Rows.ItemsOf(item).ToArray().Select((column, i) => (Term: this._features.Terms[column], Weight: weights[i]))
            .Where(entry => entry.Term[0] != TextTerms.RunMark)
            .OrderByDescending(entry => entry.Weight).ThenByDescending(entry => entry.Term.Length).ThenBy(entry => entry.Term, StringComparer.Ordinal).ToList();
        return [.. terms.Where(entry => !terms.Exists(other => other.Term.Length > entry.Term.Length && other.Term.Contains(entry.Term, StringComparison.Ordinal))).Take(count)];
    }

    private protected override History HistoryOf(int user) => new History(this._train.ItemsOf(user), this._train.WeightsOf(user));

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var profile = ArrayPool<float>.Shared.Rent(Math.Max(1, this._features.Terms.Length));
        var length = this.Profile(history, profile);
        ArrayPool<float>.Shared.Return(profile);
        for (var row = 0; row < items.Length; row++)
        {
            for (var i = 0; i < history.Items.Length; i++)
                contributions[(row * history.Items.Length) + i] = length > 0f ? history.Weight(i) * this.Product(items[row], history.Items[i]) / length : 0f;
        }

        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteText(string.Join('\n', this._features.Terms));
        writer.WriteSparseRows(this._features.Rows);
        writer.WriteSparseRows(this._train);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static ContentTextModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, ContentTextTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var text = reader.ReadText("the terms", MostTermBytes);
        var terms = text.Length == 0 ? [] : text.Split('\n');
        if (Array.Exists(terms, term => term.Length == 0)) throw reader.Broken("one of its terms is empty");
        var rows = reader.ReadSparseRows("the terms of the items", items, terms.Length);
        foreach (var weight in rows.AllWeights)
        {
            if (!(weight > 0f)) throw reader.Broken($"the weight of a term is {weight}");
        }

        return new ContentTextModel(new TextFeatures(rows, terms), reader.ReadSparseRows("the histories", users, items));
    }

    private protected override void Score(History history, Span<float> scores)
    {
        var profile = ArrayPool<float>.Shared.Rent(Math.Max(1, this._features.Terms.Length));
        var length = this.Profile(history, profile);
        scores.Clear();
        for (var term = 0; term < this._features.Terms.Length && length > 0f; term++)
        {
            if (profile[term] == 0f) continue;
            var share = profile[term] / length;
            var items = this._byTerm.ItemsOf(term);
            var weights = this._byTerm.WeightsOf(term);
            for (var i = 0; i < items.Length; i++) scores[items[i]] += share * weights[i];
        }

        // All weights are above 0, so 0 means that nothing is shared.
        ArrayPool<float>.Shared.Return(profile);
        scores.Replace(0f, float.NegativeInfinity);
    }

    /// <summary>Fills in the sum of the history's terms.</summary>
    /// <returns>Its length.</returns>
    private float Profile(History history, float[] profile)
    {
        var sums = profile.AsSpan(0, this._features.Terms.Length);
        sums.Clear();
        for (var i = 0; i < history.Items.Length; i++)
        {
            var terms = this._features.Rows.ItemsOf(history.Items[i]);
            var weights = this._features.Rows.WeightsOf(history.Items[i]);
            for (var t = 0; t < terms.Length; t++) sums[terms[t]] += history.Weight(i) * weights[t];
        }

        return MathF.Sqrt(Vectors.Dot(sums, sums));
    }

    private float Product(int item, int other)
    {
        var rows = this._features.Rows;
        var a = rows.ItemsOf(item);
        var b = rows.ItemsOf(other);
        var sum = 0f;
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            if (a[i] == b[j]) sum += rows.WeightsOf(item)[i++] * rows.WeightsOf(other)[j++];
            else if (a[i] < b[j]) i++;
            else j++;
        }

        return sum;
    }
}
