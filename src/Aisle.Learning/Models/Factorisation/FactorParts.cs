using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>The numbers of a <see cref="FactorModel"/>.</summary>
/// <param name="Users">A row per user; zero for the unknown.</param>
/// <param name="Items">A row per item; zero for the unknown.</param>
/// <param name="Diagonal">As <see cref="FactorBasis.Align"/> gave it for the items, biases apart: the factors come in the basis in which YᵀY is diagonal.</param>
/// <param name="FoldIn">How shoppers to come are placed.</param>
/// <param name="HasItemBias">Whether the last column holds the items' biases and the users' ones.</param>
internal sealed record FactorParts(FactorMatrix Users, FactorMatrix Items, AlignedFloats Diagonal, FactorEquations FoldIn, bool HasItemBias = false)
{
    private const int MostFactors = 2048;

    public void Save(ModelWriter writer)
    {
        var bias = this.HasItemBias ? 1 : 0;
        var factors = this.Items.Dimensions - bias;
        writer.Write(this.Users.Rows);
        writer.Write(this.Items.Rows);
        writer.Write(factors);
        writer.Write(bias);
        this.FoldIn.Save(writer);
        writer.WriteArray<float>(this.Diagonal.Span[..factors]);
        FactorRows.Write(writer, this.Users);
        FactorRows.Write(writer, this.Items);
    }

    public static FactorParts Load(ModelReader reader)
    {
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, MostFactors);
        var bias = reader.ReadInt32("the number of biases per item", 0, 1);
        var foldIn = FactorEquations.Load(reader);
        var lengths = reader.ReadFiniteArray("the lengths of the item factors", factors);
        var diagonal = new AlignedFloats(FactorMatrix.StrideOf(factors + bias));
        for (var i = 0; i < factors; i++) diagonal.Span[i] = lengths[i] >= 0f ? lengths[i] : throw reader.Broken($"length {i} of the item factors is {lengths[i]}");
        return new FactorParts(
            FactorRows.Read(reader, "the factors of the users", users, factors + bias),
            FactorRows.Read(reader, "the factors of the items", items, factors + bias),
            diagonal,
            foldIn,
            bias == 1);
    }
}
