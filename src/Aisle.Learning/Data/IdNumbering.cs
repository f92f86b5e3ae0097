namespace Aisle.Learning.Data;

/// <summary>Whole-number ids that are dense already, from 0 or from 1: an index is the id less the first of them.</summary>
internal sealed record IdNumbering(int First, int Count)
{
    public static IdNumbering Of(IEnumerable<int> ids)
    {
        var (lowest, highest) = (int.MaxValue, -1);
        foreach (var id in ids) (lowest, highest) = (Math.Min(lowest, id), Math.Max(highest, id));
        var first = lowest is 0 or int.MaxValue ? 0 : 1;
        return new IdNumbering(first, Math.Max(0, highest + 1 - first));
    }

    /// <summary>The ids as the files write them, in the order of the indices.</summary>
    public string[] Written() => [.. Enumerable.Range(this.First, this.Count).Select(id => id.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Two numberings as the ids of a data set; null where both are indices.</summary>
    public static RawIds? Ids(IdNumbering users, IdNumbering items) =>
        users.First == 0 && items.First == 0 ? null : new RawIds(users.Written(), items.Written());

    public List<int[]> Indices(List<int[]> rows) => rows.ConvertAll(this.Indices);

    public int[] Indices(int[] ids) => Array.ConvertAll(ids, id => id - this.First);
}
