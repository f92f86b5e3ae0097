using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>The right side of a product, depth × columns, in panels of 32 columns, each a run of depth rows; columns beyond the last are zero.</summary>
internal readonly unsafe ref struct PackedRight
{
    private readonly ScratchFloats _panels;

    private PackedRight(ScratchFloats panels, int depth, int columns)
    {
        this._panels = panels;
        this.Depth = depth;
        this.Columns = columns;
    }

    public int Depth { get; }

    public int Columns { get; }

    public float* Panels => this._panels.Pointer;

    /// <param name="isTransposed">B is given as columns × depth.</param>
    public static PackedRight Of(ReadOnlySpan<float> b, int depth, int columns, bool isTransposed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, checked(depth * columns));
        var panels = new ScratchFloats((long)depth * ((columns + Tile.Columns - 1) / Tile.Columns) * Tile.Columns);
        fixed (float* right = b) Pack(right, panels.Pointer, depth, columns, isTransposed ? depth : columns, isTransposed);
        return new PackedRight(panels, depth, columns);
    }

    public void Dispose() => this._panels.Dispose();

    /// <summary>Lays out what is read at a stride.</summary>
    /// <param name="target">depth × columns rounded up to 32.</param>
    /// <param name="isTransposed">B is given as columns × depth.</param>
    public static void Pack(float* b, float* target, int depth, int columns, int stride, bool isTransposed)
    {
        for (var column = 0; column < columns; column += Tile.Columns, target += (nint)depth * Tile.Columns)
        {
            var width = Math.Min(Tile.Columns, columns - column);
            if (isTransposed)
            {
                PackColumns(b + ((nint)column * stride), target, depth, width, stride);
                continue;
            }

            for (var k = 0; k < depth; k++)
            {
                var row = new Span<float>(target + ((nint)k * Tile.Columns), Tile.Columns);
                new ReadOnlySpan<float>(b + ((nint)k * stride) + column, width).CopyTo(row);
                row[width..].Clear();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackColumns(float* b, float* target, int depth, int width, nint stride)
    {
        if (width < Tile.Columns) new Span<float>(target, depth * Tile.Columns).Clear();
        var j = 0;
        for (; j <= width - 4; j += 4)
        {
            float* b0 = b + (j * stride), b1 = b0 + stride, b2 = b1 + stride, b3 = b2 + stride;
            var to = target + j;
            for (nint k = 0; k < depth; k++, to += Tile.Columns)
            {
                to[0] = b0[k];
                to[1] = b1[k];
                to[2] = b2[k];
                to[3] = b3[k];
            }
        }

        for (; j < width; j++)
        {
            for (nint k = 0; k < depth; k++) target[(k * Tile.Columns) + j] = b[(j * stride) + k];
        }
    }
}
