namespace Aisle.Learning.Models;

/// <summary>Items with their chances to be drawn, as an alias table (Walker 1977).</summary>
/// <param name="Accept">The chance that the item in a place is taken rather than its alias; null where all are alike.</param>
/// <param name="Alias">Places.</param>
internal readonly record struct CandidateItems(int[] Items, float[]? Accept, int[]? Alias)
{
    /// <summary>Random numbers that a draw takes.</summary>
    public int NumbersPerDraw => this.Accept is null ? 1 : 2;

    /// <summary>Items are drawn by popularity^exponent.</summary>
    /// <param name="popularity">By item.</param>
    public static CandidateItems Of(ReadOnlySpan<int> items, int[] popularity, float exponent)
    {
        var members = items.ToArray();
        if (exponent == 0f) return new CandidateItems(members, null, null);
        var shares = Array.ConvertAll(members, item => Math.Pow(popularity[item], exponent));
        var mean = shares.Sum() / shares.Length;
        var accept = Array.ConvertAll(shares, share => (float)(share / mean));
        var alias = new int[members.Length];
        var (small, large) = (new Stack<int>(), new Stack<int>());
        for (var i = 0; i < accept.Length; i++) (accept[i] < 1f ? small : large).Push(i);
        while (small.TryPop(out var poor) && large.TryPop(out var rich))
        {
            alias[poor] = rich;
            accept[rich] -= 1f - accept[poor];
            (accept[rich] < 1f ? small : large).Push(rich);
        }

        // What is left is one but for rounding; its alias would be item 0.
        foreach (var i in large) accept[i] = 1f;
        foreach (var i in small) accept[i] = 1f;
        return new CandidateItems(members, accept, alias);
    }

    public int Draw(ref RandomStream random)
    {
        var at = random.Below(this.Items.Length);
        return this.Items[this.Accept is null || random.Uniform() < this.Accept[at] ? at : this.Alias![at]];
    }
}
