using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Users and items as a graph model left them after its layers; a score is their dot product, or their cosine. A user without interactions
/// and an item without interactions are unknown and score −∞.
/// </summary>
/// <remarks>
/// A shopper to come is a node that is added with edges to the items of their history: their embedding before the layers is 0, and after
/// them it is Σ_i v_i / √n over the n items of the history, where v_i is what item i passes on (see <see cref="GraphParts"/>). No training is needed.
/// </remarks>
public sealed class GraphModel : ScoringModel
{
    private const int LayoutVersion = 1;

    private const int MostFactors = 2048;

    private readonly GraphParts _parts;
    private readonly PackedMatrix _packedItems;
    private readonly float[] _itemLengths;
    private readonly int[] _unknownItems;

    internal GraphModel(string name, GraphParts parts)
    {
        this.Name = name;
        this._parts = parts;
        this._packedItems = PackedMatrix.FromColumns(parts.ItemRows, parts.Factors, this.Items, parts.Factors);
        this._itemLengths = [.. Enumerable.Range(0, this.Items).Select(item => MathF.Sqrt(Vectors.Dot(this.ItemRow(item), this.ItemRow(item))))];
        this._unknownItems = [.. Enumerable.Range(0, this.Items).Where(item => this._itemLengths[item] == 0f)];
    }

    public override string Name { get; }

    public override int Users => this._parts.UserRows.Length / this._parts.Factors;

    public override int Items => this._parts.ItemRows.Length / this._parts.Factors;

    /// <summary>Numbers per user and item.</summary>
    public int Factors => this._parts.Factors;

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this.Factors);
        writer.Write(this._parts.IsCosine ? 1 : 0);
        writer.WriteArray<float>(this._parts.UserRows);
        writer.WriteArray<float>(this._parts.ItemRows);
        writer.WriteArray<float>(this._parts.PassedOn);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static GraphModel Load(string name, Stream stream)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, MostFactors);
        var isCosine = reader.ReadInt32("the mark of cosines", 0, 1) == 1;
        return new GraphModel(name, new GraphParts(
            factors,
            isCosine,
            reader.ReadFiniteArray("the embeddings of the users", (long)users * factors),
            reader.ReadFiniteArray("the embeddings of the items", (long)items * factors),
            reader.ReadFiniteArray("what the items pass on", (long)items * factors)));
    }

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var gathered = ArrayPool<float>.Shared.Rent(users.Length * this.Factors);
        var rows = gathered.AsSpan(0, users.Length * this.Factors);
        for (var i = 0; i < users.Length; i++) this._parts.UserRows.AsSpan(users[i] * this.Factors, this.Factors).CopyTo(rows[(i * this.Factors)..]);
        this.Score(rows, scores);
        ArrayPool<float>.Shared.Return(gathered);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        Span<float> shopper = new float[this.Factors];
        this.Place(history, shopper);
        this.Score(shopper, scores);
    }

    /// <summary>Cosine of the two items' embeddings.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (this._itemLengths[item] == 0f) return;
        for (var other = 0; other < scores.Length; other++)
        {
            if (other != item && this._itemLengths[other] > 0f)
                scores[other] = Vectors.Dot(this.ItemRow(item), this.ItemRow(other)) / (this._itemLengths[other] * this._itemLengths[item]);
        }
    }

    /// <summary>A folded-in shopper is a sum over the history, and so is every score: item h adds y_j · v_h, scaled as the sum is.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var scale = this.Place(history, new float[this.Factors]);
        for (var row = 0; row < items.Length; row++)
        {
            for (var i = 0; i < history.Items.Length; i++)
                contributions[(row * history.Items.Length) + i] = scale * Vectors.Dot(this.ItemRow(items[row]), this.PassedOn(history.Items[i]));
        }

        return true;
    }

    /// <summary>The embedding of a shopper with this history.</summary>
    /// <returns>What the sum over the history was multiplied by.</returns>
    private float Place(History history, Span<float> shopper)
    {
        foreach (var item in history.Items) Vectors.AddScaled(1f, this.PassedOn(item), shopper);
        var length = this._parts.IsCosine ? MathF.Sqrt(Vectors.Dot(shopper, shopper)) : MathF.Sqrt(history.Items.Length);
        if (length == 0f) return 0f;
        foreach (ref var value in shopper) value /= length;
        return 1f / length;
    }

    private ReadOnlySpan<float> ItemRow(int item) => this._parts.ItemRows.AsSpan(item * this.Factors, this.Factors);

    private ReadOnlySpan<float> PassedOn(int item) => this._parts.PassedOn.AsSpan(item * this.Factors, this.Factors);

    /// <summary>Dot products with all items; a row of zeros belongs to someone unknown.</summary>
    private void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        var count = rows.Length / this.Factors;
        Gemm.Multiply(rows, count, this.Factors, this._packedItems, scores);
        for (var i = 0; i < count; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (rows.Slice(i * this.Factors, this.Factors).IndexOfAnyExcept(0f) < 0) row.Fill(float.NegativeInfinity);
            else foreach (var item in this._unknownItems) row[item] = float.NegativeInfinity;
        }
    }
}

/// <summary>The numbers of a <see cref="GraphModel"/>.</summary>
/// <param name="IsCosine">Whether users and items have length 1, and shoppers to come get it.</param>
/// <param name="UserRows">Users × factors, after the layers; zero for the unknown.</param>
/// <param name="ItemRows">Items × factors, after the layers; zero for the unknown.</param>
/// <param name="PassedOn">Items × factors: v_i = Σ_{k &lt; layers} e_i⁽ᵏ⁾ / ((layers + 1) √degree), what item i adds to a new neighbour with one edge.</param>
internal sealed record GraphParts(int Factors, bool IsCosine, float[] UserRows, float[] ItemRows, float[] PassedOn);
