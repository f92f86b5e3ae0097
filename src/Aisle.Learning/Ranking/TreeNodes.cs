namespace Aisle.Learning.Ranking;

/// <summary>
/// Trees in flat arrays, each from its root in preorder: the left child of a node stands behind it. A value goes left where it is at most the threshold.
/// </summary>
/// <param name="Starts">Trees + 1.</param>
/// <param name="Features">By node; −1 for a leaf.</param>
/// <param name="Rights">Number of the right child; 0 for a leaf.</param>
/// <param name="MissingRight">1 where missing values go right.</param>
/// <param name="Values">Of a leaf: what it adds to the score. Of other nodes: the mean over the rows that came by.</param>
internal sealed record TreeNodes(int[] Starts, int[] Features, float[] Thresholds, int[] Rights, byte[] MissingRight, float[] Values)
{
    public int Trees => this.Starts.Length - 1;

    /// <summary>The leaf that a row comes to. The plain twin of <see cref="TreeScorer"/>.</summary>
    public int LeafOf(int tree, ReadOnlySpan<float> row)
    {
        var node = this.Starts[tree];
        while (this.Features[node] >= 0) node = this.Next(node, row);
        return node;
    }

    public int Next(int node, ReadOnlySpan<float> row)
    {
        var value = row[this.Features[node]];
        var goesRight = float.IsNaN(value) ? this.MissingRight[node] == 1 : value > this.Thresholds[node];
        return goesRight ? this.Rights[node] : node + 1;
    }

    /// <returns>What is wrong with arrays that come from outside; null where nothing is.</returns>
    public string? Flaw(int features)
    {
        for (var tree = 0; tree < this.Trees; tree++)
        {
            var (start, end) = (this.Starts[tree], this.Starts[tree + 1]);
            if (end - start is < 1 or > (2 * BoostedTrees.MaxLeaves) - 1) return $"tree {tree} has {end - start} nodes";
            if (this.EndOf(start, end, features) != end) return $"the nodes of tree {tree} are not a tree";
        }

        for (var node = 0; node < this.Features.Length; node++)
        {
            if (float.IsNaN(this.Thresholds[node]) || !float.IsFinite(this.Values[node]) || this.MissingRight[node] > 1) return $"node {node} has numbers that cannot be";
        }

        return null;
    }

    /// <returns>The node behind the subtree that begins here; −1 where it is none.</returns>
    private int EndOf(int node, int end, int features)
    {
        if (node >= end || this.Features[node] < -1 || this.Features[node] >= features) return -1;
        if (this.Features[node] == -1) return node + 1;
        var right = this.EndOf(node + 1, end, features);
        return right > 0 && right == this.Rights[node] ? this.EndOf(right, end, features) : -1;
    }
}
