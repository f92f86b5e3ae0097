using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The right-hand side of a product, depth × columns, laid out for <see cref="Tile"/>: blocks of <see cref="DepthBlock"/> rows,
/// in each the panels of 32 columns one after the other, in each panel 32 floats per row. Columns beyond the last are zero.
/// </summary>
internal sealed unsafe class PackedMatrix
{
    /// <summary>A panel of this depth (24 KiB) leaves room for the left-hand side in the first-level cache.</summary>
    public const int DepthBlock = 192;

    private readonly AlignedFloats _values;

    private PackedMatrix(int depth, int columns)
    {
        this.Depth = depth;
        this.Columns = columns;
        this.Panels = (columns + Tile.Columns - 1) / Tile.Columns;
        this._values = new AlignedFloats((long)depth * this.Panels * Tile.Columns);
    }

    public int Depth { get; }

    public int Columns { get; }

    public int Panels { get; }

    /// <summary>Start of a panel within the depth block that begins at row <paramref name="depthStart"/>.</summary>
    public float* Panel(int depthStart, int panel)
    {
        var blockDepth = Math.Min(DepthBlock, this.Depth - depthStart);
        return this._values.Pointer + ((((long)depthStart * this.Panels) + ((long)blockDepth * panel)) * Tile.Columns);
    }

    /// <summary>Packs a matrix given row by row: depth rows of <paramref name="columns"/> values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PackedMatrix FromRows(ReadOnlySpan<float> rows, int depth, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, checked(depth * columns));
        var packed = new PackedMatrix(depth, columns);
        for (var k = 0; k < depth; k++)
        {
            var blockStart = k / DepthBlock * DepthBlock;
            for (var panel = 0; panel < packed.Panels; panel++)
            {
                var first = panel * Tile.Columns;
                var width = Math.Min(Tile.Columns, columns - first);
                var target = new Span<float>(packed.Panel(blockStart, panel) + ((k - blockStart) * Tile.Columns), width);
                rows.Slice((k * columns) + first, width).CopyTo(target);
            }
        }

        return packed;
    }

    /// <summary>Packs a matrix given column by column: each column holds depth values at the given stride.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PackedMatrix FromColumns(ReadOnlySpan<float> columnValues, int depth, int columns, int stride)
    {
        var packed = new PackedMatrix(depth, columns);
        for (var blockStart = 0; blockStart < depth; blockStart += DepthBlock)
        {
            var blockDepth = Math.Min(DepthBlock, depth - blockStart);
            for (var column = 0; column < columns; column++)
            {
                var source = columnValues.Slice((column * stride) + blockStart, blockDepth);
                var target = packed.Panel(blockStart, column / Tile.Columns) + (column % Tile.Columns);
                for (var k = 0; k < source.Length; k++) target[(nint)k * Tile.Columns] = source[k];
            }
        }

        return packed;
    }
}
