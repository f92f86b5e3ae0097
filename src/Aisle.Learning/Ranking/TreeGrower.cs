using System.Runtime.Intrinsics;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>
/// Grows one tree leaf by leaf, always splitting the one whose split lowers the objective most. The histogram of the smaller child is summed,
/// that of the larger is what it leaves over of the parent's. Threads share features out, never rows, so sums do not depend on their number.
/// </summary>
internal sealed class TreeGrower
{
    /// <summary>Rows times groups of a split below which sharing it out costs more than it saves.</summary>
    private const int WorthSharing = 20_000;

    private readonly BinnedRows _bins;
    private readonly BoostedTreesOptions _options;
    private readonly MonotoneDirection[] _directions;
    private readonly SplitSearch _search;
    private readonly Stack<BinSum[]> _histograms = [];
    private readonly int[] _rows;
    private readonly int[] _moved;
    private readonly Split[] _smallSplits;
    private readonly Split[] _largeSplits;
    private readonly List<Node> _nodes = [];

    public TreeGrower(BinnedRows bins, BoostedTreesOptions options, MonotoneDirection[] directions)
    {
        this._bins = bins;
        this._options = options;
        this._directions = directions;
        this._search = new SplitSearch(options);
        this._rows = new int[bins.Rows];
        this._moved = new int[bins.Rows];
        this._smallSplits = new Split[bins.Features];
        this._largeSplits = new Split[bins.Features];
    }

    /// <param name="Feature">−1 for a leaf.</param>
    /// <param name="Value">Of a leaf; of other nodes the mean of the leaves below, by rows.</param>
    private readonly record struct Node(int Feature, int Bin, bool MissingRight, int Left, int Right, double Rows, double Value, double Gain);

    private sealed class Leaf
    {
        public required int Node { get; init; }

        public required int First { get; init; }

        public required int Count { get; init; }

        public required int Depth { get; init; }

        public required BinSum Sum { get; init; }

        public required ValueRange Range { get; init; }

        public BinSum[]? Histogram { get; set; }

        public Split Split { get; set; }
    }

    /// <param name="rows">Ascending: the rows that the tree is learned from.</param>
    /// <param name="allowed">By feature: whether the tree may split by it.</param>
    public void Grow(ReadOnlySpan<int> rows, bool[] allowed, Vector128<float>[] derivatives, int threads, CancellationToken cancellation)
    {
        this._nodes.Clear();
        rows.CopyTo(this._rows);
        var sum = default(BinSum);
        foreach (var row in rows) sum.Add(new BinSum { Gradient = derivatives[row][0], Second = derivatives[row][1], Rows = 1 });
        var root = new Leaf { Node = 0, First = 0, Count = rows.Length, Depth = 0, Sum = sum, Range = ValueRange.Any };
        this._nodes.Add(this.NodeOf(root));
        List<Leaf> leaves = [root];
        if (this.CanSplit(root)) this.Find(root, null, allowed, derivatives, threads, cancellation);
        while (leaves.Count < this._options.Leaves && leaves.MaxBy(leaf => leaf.Split.Gain) is { Split.Gain: > 0 } next)
        {
            var (left, right) = this.Divide(next);
            leaves.Remove(next);
            leaves.Add(left);
            leaves.Add(right);
            var (small, large) = left.Count <= right.Count ? (left, right) : (right, left);
            var isLast = leaves.Count == this._options.Leaves;
            if (!isLast && this.CanSplit(large))
            {
                large.Histogram = next.Histogram;
                this.Find(small, large, allowed, derivatives, threads, cancellation);
            }
            else
            {
                this._histograms.Push(next.Histogram!);
            }

            next.Histogram = null;
        }

        foreach (var leaf in leaves)
        {
            if (leaf.Histogram is { } histogram) this._histograms.Push(histogram);
        }

        this.AverageValues();
    }

    /// <summary>Adds to a score for each row what the last tree says.</summary>
    public void AddTo(float[] scores, BinnedRows rows, float scale, int threads, CancellationToken cancellation)
    {
        const int Grain = 4096;
        ParallelRows.Run(
            threads,
            scores.Length,
            Grain,
            (_, first, end) =>
            {
                for (var row = first; row < end; row++)
                {
                    var node = this._nodes[0];
                    while (node.Feature >= 0) node = this._nodes[GoesRight(rows.Bin(node.Feature, row), node.Bin, node.MissingRight) ? node.Right : node.Left];
                    scores[row] += scale * (float)node.Value;
                }
            },
            cancellation);
    }

    /// <summary>Adds the last tree's nodes in preorder, and its gains by feature.</summary>
    public void Emit(TreeNodesBuilder target, float scale, double[] gains)
    {
        this.Emit(0, target, scale, gains);
        target.EndTree();
    }

    private void Emit(int index, TreeNodesBuilder target, float scale, double[] gains)
    {
        var node = this._nodes[index];
        var value = scale * (float)node.Value;
        if (node.Feature < 0)
        {
            target.AddLeaf(value);
            return;
        }

        gains[node.Feature] += node.Gain;
        var place = target.AddSplit(node.Feature, this._bins.Threshold(node.Feature, node.Bin), node.MissingRight, value);
        this.Emit(node.Left, target, scale, gains);
        target.SetRight(place);
        this.Emit(node.Right, target, scale, gains);
    }

    private static bool GoesRight(int bin, int splitBin, bool missingRight) => bin == BinnedRows.Missing ? missingRight : bin > splitBin;

    private bool CanSplit(Leaf leaf) => leaf.Count >= 2 * this._options.MinLeafRows && leaf.Depth < this._options.MaxDepth;

    private Node NodeOf(Leaf leaf) => new(-1, 0, false, 0, 0, leaf.Count, this._search.Value(leaf.Sum, leaf.Range), 0);

    /// <summary>Moves the rows of a leaf that go right behind those that go left, both in their order, and makes two leaves.</summary>
    private (Leaf Left, Leaf Right) Divide(Leaf leaf)
    {
        var split = leaf.Split;
        var words = this._bins.Group(split.Feature / BinnedRows.GroupSize);
        var shift = 8 * (split.Feature % BinnedRows.GroupSize);
        var rows = this._rows.AsSpan(leaf.First, leaf.Count);
        int left = 0, right = 0;
        foreach (var row in rows)
        {
            if (GoesRight((byte)(words[row] >> shift), split.Bin, split.MissingRight)) this._moved[right++] = row;
            else rows[left++] = row;
        }

        this._moved.AsSpan(0, right).CopyTo(rows[left..]);
        var other = leaf.Sum.Without(split.Left);
        var (low, high) = this.RangesOf(leaf, split.Left, other);
        var first = new Leaf { Node = this._nodes.Count, First = leaf.First, Count = left, Depth = leaf.Depth + 1, Sum = split.Left, Range = low };
        var second = new Leaf { Node = this._nodes.Count + 1, First = leaf.First + left, Count = right, Depth = leaf.Depth + 1, Sum = other, Range = high };
        this._nodes.Add(this.NodeOf(first));
        this._nodes.Add(this.NodeOf(second));
        this._nodes[leaf.Node] = new Node(split.Feature, split.Bin, split.MissingRight, first.Node, second.Node, leaf.Count, 0, split.Gain);
        return (first, second);
    }

    /// <summary>Where the feature is monotone, no value below the left child may pass the middle between both children, and none below the right.</summary>
    private (ValueRange Left, ValueRange Right) RangesOf(Leaf leaf, in BinSum left, in BinSum right)
    {
        var middle = (this._search.Value(left, leaf.Range) + this._search.Value(right, leaf.Range)) / 2;
        var (below, above) = (leaf.Range with { High = middle }, leaf.Range with { Low = middle });
        return this._directions[leaf.Split.Feature] switch
        {
            MonotoneDirection.Rising => (below, above),
            MonotoneDirection.Falling => (above, below),
            _ => (leaf.Range, leaf.Range),
        };
    }

    /// <summary>Finds the best splits of one leaf, or of both children of one.</summary>
    /// <param name="large">Has the parent's histogram, which becomes its own.</param>
    private void Find(Leaf small, Leaf? large, bool[] allowed, Vector128<float>[] derivatives, int threads, CancellationToken cancellation)
    {
        var histogram = this._histograms.Count > 0 ? this._histograms.Pop() : new BinSum[this._bins.Features * BinnedRows.Stride];
        small.Histogram = histogram;
        ParallelRows.Run(
            (long)small.Count * this._bins.Groups < WorthSharing ? 1 : threads,
            this._bins.Groups,
            1,
            (_, firstGroup, endGroup) =>
            {
                for (var group = firstGroup; group < endGroup; group++)
                {
                    var (first, end) = (group * BinnedRows.GroupSize, Math.Min(this._bins.Features, (group + 1) * BinnedRows.GroupSize));
                    if (!allowed.AsSpan(first..end).Contains(true)) continue;
                    Histograms.Sum(this._bins, group, this._rows.AsSpan(small.First, small.Count), derivatives, histogram);
                    for (var f = first; f < end; f++)
                    {
                        if (!allowed[f]) continue;
                        var own = histogram.AsSpan(f * BinnedRows.Stride, BinnedRows.Stride);
                        this._smallSplits[f] = this.Best(small, own, f);
                        if (large is null) continue;
                        var others = large.Histogram.AsSpan(f * BinnedRows.Stride, BinnedRows.Stride);
                        Histograms.Subtract(others, own);
                        this._largeSplits[f] = this.Best(large, others, f);
                    }
                }
            },
            cancellation);
        small.Split = BestOf(this._smallSplits, allowed);
        if (large is not null) large.Split = BestOf(this._largeSplits, allowed);
    }

    private Split Best(Leaf leaf, ReadOnlySpan<BinSum> histogram, int feature) =>
        this.CanSplit(leaf) ? this._search.Best(histogram, this._bins.BinsOf(feature), feature, leaf.Sum, leaf.Range, this._directions[feature]) : default;

    /// <summary>Ties go to the first feature.</summary>
    private static Split BestOf(Split[] splits, bool[] allowed)
    {
        var best = default(Split);
        for (var f = 0; f < splits.Length; f++)
        {
            if (allowed[f] && splits[f].Gain > best.Gain) best = splits[f];
        }

        return best;
    }

    /// <summary>Children stand behind their parents, so one walk from the last node on sees them first.</summary>
    private void AverageValues()
    {
        for (var i = this._nodes.Count - 1; i >= 0; i--)
        {
            var node = this._nodes[i];
            if (node.Feature < 0) continue;
            var (left, right) = (this._nodes[node.Left], this._nodes[node.Right]);
            this._nodes[i] = node with { Value = ((left.Value * left.Rows) + (right.Value * right.Rows)) / node.Rows };
        }
    }
}

/// <summary>Collects trees node by node.</summary>
internal sealed class TreeNodesBuilder
{
    private readonly List<int> _starts = [0];
    private readonly List<int> _features = [];
    private readonly List<float> _thresholds = [];
    private readonly List<int> _rights = [];
    private readonly List<byte> _missingRight = [];
    private readonly List<float> _values = [];

    public void AddLeaf(float value) => this.AddSplit(-1, 0, false, value);

    public int AddSplit(int feature, float threshold, bool missingRight, float value)
    {
        this._features.Add(feature);
        this._thresholds.Add(threshold);
        this._rights.Add(0);
        this._missingRight.Add(missingRight ? (byte)1 : (byte)0);
        this._values.Add(value);
        return this._features.Count - 1;
    }

    /// <summary>The next node to be added is this one's right child.</summary>
    public void SetRight(int node) => this._rights[node] = this._features.Count;

    public void EndTree() => this._starts.Add(this._features.Count);

    public TreeNodes Build(int trees)
    {
        var nodes = this._starts[trees];
        return new TreeNodes(
            [.. this._starts.Take(trees + 1)], [.. this._features.Take(nodes)], [.. this._thresholds.Take(nodes)], [.. this._rights.Take(nodes)],
            [.. this._missingRight.Take(nodes)], [.. this._values.Take(nodes)]);
    }
}
