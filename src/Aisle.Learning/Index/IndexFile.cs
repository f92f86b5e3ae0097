using Aisle.Learning.Models;

namespace Aisle.Learning.Index;

/// <summary>The parts that the files of both kinds of index have in common. Vectors go in parts, so that reading needs little beside them.</summary>
internal static class IndexFile
{
    /// <summary>In place of an item: a slot that nothing leads to.</summary>
    public const int Unused = -1;

    private const int RowsInPart = 16_384;
    private const int MostSlots = 1 << 30;

    public static void WriteShape(ModelWriter writer, VectorIndex index)
    {
        writer.Write((int)index.Measure);
        writer.Write(index.Dimensions);
    }

    public static (VectorMeasure Measure, int Dimensions) ReadShape(ModelReader reader) =>
        ((VectorMeasure)reader.ReadInt32("the measure", 0, (int)VectorMeasure.SquaredEuclidean), reader.ReadInt32("the number of dimensions", 1, VectorIndex.MaxDimensions));

    public static void WriteItems(ModelWriter writer, ReadOnlySpan<int> items)
    {
        writer.Write(items.Length);
        writer.WriteArray(items);
    }

    /// <summary>An item for each slot, each item once.</summary>
    /// <param name="lowest">Numbers from here to −1 stand in place of items.</param>
    public static int[] ReadItems(ModelReader reader, int lowest)
    {
        var items = reader.ReadArray<int>("the items", reader.ReadInt32("the number of places for items", 0, MostSlots));
        var seen = new HashSet<int>();
        foreach (var item in items)
        {
            if (item < lowest) throw reader.Broken($"an item is numbered {item}");
            if (item >= 0 && !seen.Add(item)) throw reader.Broken($"item {item} is there twice");
        }

        return items;
    }

    public static void WriteRows(ModelWriter writer, VectorTable table, int slots)
    {
        for (var first = 0; first < slots; first += RowsInPart)
        {
            var rows = Math.Min(RowsInPart, slots - first);
            writer.WriteLength((long)rows * table.Dimensions);
            for (var i = 0; i < rows; i++) writer.WriteValues(table.Row(first + i));
        }
    }

    public static void ReadRows(ModelReader reader, VectorTable table, int[] items)
    {
        reader.CheckLeft("the vectors", (long)items.Length * table.Dimensions * sizeof(float));
        for (var first = 0; first < items.Length; first += RowsInPart)
        {
            var rows = Math.Min(RowsInPart, items.Length - first);
            var values = reader.ReadArray<float>("the vectors", (long)rows * table.Dimensions);
            GrowWithInput(table, first + rows, items.Length);
            for (var i = 0; i < rows; i++)
            {
                var row = values.AsSpan(i * table.Dimensions, table.Dimensions);
                reader.Validate(() => VectorTable.Check($"the vector in place {first + i}", values.AsSpan(i * table.Dimensions, table.Dimensions), table.Dimensions));
                table.PutRow(first + i, items[first + i], row);
            }
        }
    }

    public static void WriteCodes(ModelWriter writer, VectorTable table, int slots)
    {
        for (var first = 0; first < slots; first += RowsInPart)
        {
            var rows = Math.Min(RowsInPart, slots - first);
            writer.WriteLength((long)rows * table.Dimensions);
            for (var i = 0; i < rows; i++) writer.WriteValues(table.Codes(first + i));
            writer.WriteLength(rows);
            for (var i = 0; i < rows; i++) writer.WriteValues<float>([table.Step(first + i)]);
        }
    }

    public static void ReadCodes(ModelReader reader, VectorTable table, int[] items)
    {
        reader.CheckLeft("the vectors", items.Length * ((long)table.Dimensions + sizeof(float)));
        for (var first = 0; first < items.Length; first += RowsInPart)
        {
            var rows = Math.Min(RowsInPart, items.Length - first);
            var codes = reader.ReadArray<sbyte>("the vectors", (long)rows * table.Dimensions);
            var steps = reader.ReadFiniteArray("the steps of the vectors", rows);
            GrowWithInput(table, first + rows, items.Length);
            for (var i = 0; i < rows; i++)
            {
                if (steps[i] is not (>= 0 and < 1e18f)) throw reader.Broken($"the vector in place {first + i} has a step of {steps[i]}");
                table.PutCodes(first + i, items[first + i], codes.AsSpan(i * table.Dimensions, table.Dimensions), steps[i]);
            }
        }
    }

    /// <summary>Room for what has arrived, not for what is promised.</summary>
    private static void GrowWithInput(VectorTable table, int arrived, int promised)
    {
        if (arrived > table.Room) table.Grow((int)Math.Min(promised, Math.Max(arrived, table.Room * 2L)));
    }
}
