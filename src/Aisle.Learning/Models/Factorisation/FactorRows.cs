using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Rows of factors in a model file, without their padding.</summary>
internal static class FactorRows
{
    public static void Write(ModelWriter writer, FactorMatrix matrix)
    {
        writer.WriteLength((long)matrix.Rows * matrix.Dimensions);
        for (var row = 0; row < matrix.Rows; row++) writer.WriteValues<float>(matrix.Values(row));
    }

    public static FactorMatrix Read(ModelReader reader, string what, int rows, int dimensions)
    {
        if ((long)rows * FactorMatrix.StrideOf(dimensions) > AlignedFloats.MaxLength) throw reader.Broken($"{what} ({rows} × {dimensions}) do not fit in memory");
        var values = reader.ReadFiniteArray(what, (long)rows * dimensions);
        var matrix = new FactorMatrix(rows, dimensions);
        for (var row = 0; row < rows; row++) values.AsSpan(row * dimensions, dimensions).CopyTo(matrix.Values(row));
        return matrix;
    }
}
