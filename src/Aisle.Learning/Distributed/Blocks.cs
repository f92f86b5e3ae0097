namespace Aisle.Learning.Distributed;

/// <summary>Shares out a row of work: each process has one block of it.</summary>
internal static class Blocks
{
    /// <summary>Size + 1 bounds: process r has bounds[r] … bounds[r + 1).</summary>
    /// <param name="cost">Of each piece, at least 0; the blocks cost as nearly the same as whole pieces allow.</param>
    public static int[] ByCost(int count, int size, Func<int, long> cost)
    {
        var total = 0L;
        for (var i = 0; i < count; i++) total += cost(i);
        var bounds = new int[size + 1];
        var (rank, done) = (1, 0L);
        for (var i = 0; i < count; i++)
        {
            // A piece belongs to the block that its middle falls into.
            var own = cost(i);
            while (rank < size && (done + (own / 2)) * size >= total * rank && total > 0) bounds[rank++] = i;
            done += own;
        }

        for (; rank <= size; rank++) bounds[rank] = count;
        return bounds;
    }
}
