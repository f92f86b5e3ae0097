using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The right-hand side of a product, depth × columns, laid out for <see cref="Tile"/>: blocks of <see cref="DepthBlock"/> rows,
/// in each the panels of 32 columns one after the other, in each panel 32 floats per row. Columns beyond the last are zero.
/// </summary>
internal sealed unsafe class PackedMatrix
{
    /// <summary>Measured: deep blocks save passes over the result, and a panel of this depth (64 KiB) streams from the second-level cache fast enough.</summary>
    public const int DepthBlock = 512;

    private readonly AlignedFloats _values;

    private PackedMatrix(int depth, int columns)
    {
        this.Depth = depth;
        this.Columns = columns;
        this.Panels = (columns + Tile.Columns - 1) / Tile.Columns;
        this._values = new AlignedFloats((long)depth * this.Panels * Tile.Columns, cleared: false);
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
        for (var blockStart = 0; blockStart < depth; blockStart += DepthBlock)
        {
            var blockEnd = Math.Min(blockStart + DepthBlock, depth);
            for (var panel = 0; panel < packed.Panels; panel++)
            {
                var first = panel * Tile.Columns;
                var width = Math.Min(Tile.Columns, columns - first);
                var target = packed.Panel(blockStart, panel);
                for (var k = blockStart; k < blockEnd; k++, target += Tile.Columns)
                {
                    rows.Slice((k * columns) + first, width).CopyTo(new Span<float>(target, width));
                    if (width < Tile.Columns) new Span<float>(target + width, Tile.Columns - width).Clear();
                }
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
            for (var column = 0; column < packed.Panels * Tile.Columns; column++)
            {
                var target = packed.Panel(blockStart, column / Tile.Columns) + (column % Tile.Columns);
                var source = column < columns ? columnValues.Slice((column * stride) + blockStart, blockDepth) : default;
                for (var k = 0; k < blockDepth; k++) target[(nint)k * Tile.Columns] = column < columns ? source[k] : 0f;
            }
        }

        return packed;
    }
}
