using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Aisle.Learning.Data;

namespace Aisle.Learning.Kernels;

/// <summary>
/// Sums over neighbours in the graph of users and items, the product behind every layer of a graph model. Nodes are the users, then the items.
/// </summary>
/// <remarks>
/// With A the adjacency and D the degrees, a layer is e ← D^−½ A D^−½ e. Held as z = D^−½ e it is z ← D⁻¹ A z: no weight is read for an edge.
/// z lies in panels of few columns, one panel after another, so that the rows asked for again and again (the popular) stay in the cache.
/// </remarks>
internal sealed unsafe class GraphProduct
{
    /// <summary>Columns of a panel: a row of it is two cache lines, which processors fetch in pairs.</summary>
    public const int Panel = 32;

    /// <summary>Rows that one thread takes at a time; degrees differ by orders of magnitude.</summary>
    private const int Grain = 256;

    private readonly int[] _starts;
    private readonly int[] _neighbours;
    private readonly float[] _roots;

    /// <param name="train">Its pairs are the edges; weights are not read.</param>
    public GraphProduct(Interactions train)
    {
        if (2 * train.Count > Array.MaxLength) throw new ArgumentException($"A graph of {train.Count} interactions has too many edges; {Array.MaxLength / 2} fit.");
        this.Users = train.Users;
        this.Nodes = checked(train.Users + train.Items);
        this._starts = new int[this.Nodes + 1];
        this._neighbours = new int[2 * train.Count];
        this._roots = new float[this.Nodes];
        this.Connect(train);
    }

    public int Users { get; }

    public int Nodes { get; }

    public int Edges => this._neighbours.Length;

    public int DegreeOf(int node) => this._starts[node + 1] - this._starts[node];

    /// <summary>√degree; 1 for a node without neighbours.</summary>
    public float RootOf(int node) => this._roots[node];

    /// <summary>Panels that so many columns take.</summary>
    public static int PanelsOf(int columns) => (columns + Panel - 1) / Panel;

    /// <summary>Numbers that so many columns take in panels.</summary>
    public long RoomFor(int columns) => (long)PanelsOf(columns) * this.Nodes * Panel;

    /// <summary>z = D^−½ x.</summary>
    /// <param name="x">Nodes × columns.</param>
    public void Spread(ReadOnlySpan<float> x, int columns, Span<float> z, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, this.Nodes * columns);
        this.CheckRoom(z, columns);
        fixed (float* source = x, target = z)
        {
            nint from = (nint)source, to = (nint)target;
            ParallelRows.Run(
                threads,
                this.Nodes,
                Grain,
                (_, first, end) =>
                {
                    for (var node = first; node < end; node++) this.SpreadRow((float*)from + ((nint)node * columns), columns, node, (float*)to);
                },
                CancellationToken.None);
        }
    }

    /// <summary>z = D^−½ x for rows of x that belong to some nodes, 0 elsewhere.</summary>
    /// <param name="nodes">Distinct; one per row of x.</param>
    public void SpreadSome(ReadOnlySpan<float> x, int columns, int[] nodes, Span<float> z)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, nodes.Length * columns);
        this.CheckRoom(z, columns);
        z.Clear();
        fixed (float* source = x, target = z)
        {
            for (var i = 0; i < nodes.Length; i++) this.SpreadRow(source + ((nint)i * columns), columns, nodes[i], target);
        }
    }

    /// <summary>next = D⁻¹ A z; sum += next.</summary>
    /// <param name="only">Where given, z is 0 at all other nodes.</param>
    public void Step(ReadOnlySpan<float> z, Span<float> next, Span<float> sum, int columns, NodeNeighbours? only, int threads)
    {
        this.CheckRoom(z, columns);
        this.CheckRoom(next, columns);
        this.CheckRoom(sum, columns);
        var chunks = (this.Nodes + Grain - 1) / Grain;
        fixed (float* source = z, target = next, total = sum)
        {
            nint from = (nint)source, to = (nint)target, into = (nint)total;
            ParallelRows.Run(
                threads,
                PanelsOf(columns) * chunks,
                grain: 1,
                (_, task, _) =>
                {
                    var panel = (nint)(task / chunks) * this.Nodes * Panel;
                    var first = task % chunks * Grain;
                    this.StepRows((float*)from + panel, (float*)to + panel, (float*)into + panel, only, first, Math.Min(this.Nodes, first + Grain));
                },
                CancellationToken.None);
        }
    }

    /// <summary>y = or += scale · D^½ (sum + D⁻¹ A z) at some nodes: the last step, taken only where it is asked for.</summary>
    /// <param name="nodes">One per row of y; null for all.</param>
    /// <param name="y">Rows × columns.</param>
    /// <param name="only">Where given, z is 0 at all other nodes.</param>
    public void Finish(ReadOnlySpan<float> z, ReadOnlySpan<float> sum, int[]? nodes, Span<float> y, int columns, float scale, bool accumulate, NodeNeighbours? only, int threads)
    {
        this.CheckRoom(z, columns);
        this.CheckRoom(sum, columns);
        var rows = nodes?.Length ?? this.Nodes;
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, rows * columns);
        var chunks = (rows + Grain - 1) / Grain;
        fixed (float* source = z, total = sum, target = y)
        {
            nint from = (nint)source, added = (nint)total, to = (nint)target;
            ParallelRows.Run(
                threads,
                PanelsOf(columns) * chunks,
                grain: 1,
                (_, task, _) =>
                {
                    var panel = task / chunks;
                    var width = Math.Min(Panel, columns - (panel * Panel));
                    var offset = (nint)panel * this.Nodes * Panel;
                    var near = stackalloc float[Panel];
                    var first = task % chunks * Grain;
                    for (var row = first; row < Math.Min(rows, first + Grain); row++)
                    {
                        var node = nodes is null ? row : nodes[row];
                        this.Sum((float*)from + offset, only, node, near);
                        var own = (float*)added + offset + ((nint)node * Panel);
                        var result = (float*)to + ((nint)row * columns) + (panel * Panel);
                        float root = this._roots[node], inverse = 1f / (root * root);
                        for (var k = 0; k < width; k++)
                        {
                            var value = scale * root * (own[k] + (inverse * near[k]));
                            result[k] = accumulate ? result[k] + value : value;
                        }
                    }
                },
                CancellationToken.None);
        }
    }

    /// <summary>What is left of every node's neighbours when only the given nodes count.</summary>
    public NodeNeighbours Among(int[] nodes, int threads)
    {
        var counts = new byte[this.Nodes];
        foreach (var node in nodes) counts[node] = 1;
        var left = new NodeNeighbours(GC.AllocateUninitializedArray<int>(this._neighbours.Length), new int[this.Nodes]);
        ParallelRows.Run(
            threads,
            this.Nodes,
            Grain,
            (_, first, end) =>
            {
                for (var node = first; node < end; node++)
                {
                    // Written always and counted where it counts: a branch would be guessed wrong too often.
                    var at = this._starts[node];
                    for (var i = at; i < this._starts[node + 1]; i++)
                    {
                        var neighbour = this._neighbours[i];
                        left.Neighbours[at] = neighbour;
                        at += counts[neighbour];
                    }

                    left.Counts[node] = at - this._starts[node];
                }
            },
            CancellationToken.None);
        return left;
    }

    /// <summary>Plain twin of a whole propagation, in double: the mean of (D^−½ A D^−½)^k x for k = 0 to <paramref name="layers"/>.</summary>
    public double[] MeanOfLayersReference(ReadOnlySpan<float> x, int columns, int layers)
    {
        var layer = x.ToArray().Select(value => (double)value).ToArray();
        var mean = layer.Select(value => value / (layers + 1)).ToArray();
        for (var k = 0; k < layers; k++)
        {
            var next = new double[layer.Length];
            for (var node = 0; node < this.Nodes; node++)
            {
                for (var i = this._starts[node]; i < this._starts[node + 1]; i++)
                {
                    var weight = 1 / Math.Sqrt((double)this.DegreeOf(node) * this.DegreeOf(this._neighbours[i]));
                    for (var column = 0; column < columns; column++) next[(node * columns) + column] += weight * layer[(this._neighbours[i] * columns) + column];
                }
            }

            layer = next;
            for (var i = 0; i < mean.Length; i++) mean[i] += layer[i] / (layers + 1);
        }

        return mean;
    }

    private void Connect(Interactions train)
    {
        for (var user = 0; user < train.Users; user++) this._starts[user + 1] = train.CountOf(user);
        foreach (var item in train.AllItems) this._starts[train.Users + item + 1]++;
        for (var node = 0; node < this.Nodes; node++)
        {
            this._roots[node] = MathF.Sqrt(Math.Max(1, this._starts[node + 1]));
            this._starts[node + 1] += this._starts[node];
        }

        var next = this._starts.AsSpan(train.Users, train.Items).ToArray();
        for (int user = 0, at = 0; user < train.Users; user++)
        {
            foreach (var item in train.ItemsOf(user))
            {
                this._neighbours[at++] = train.Users + item;
                this._neighbours[next[item]++] = user;
            }
        }
    }

    private void CheckRoom(ReadOnlySpan<float> room, int columns) => ArgumentOutOfRangeException.ThrowIfLessThan(room.Length, this.RoomFor(columns));

    private void SpreadRow(float* row, int columns, int node, float* z)
    {
        var inverse = 1f / this._roots[node];
        for (var first = 0; first < columns; first += Panel)
        {
            var target = z + ((nint)(first / Panel) * this.Nodes * Panel) + ((nint)node * Panel);
            var width = Math.Min(Panel, columns - first);
            for (var k = 0; k < width; k++) target[k] = inverse * row[first + k];
            for (var k = width; k < Panel; k++) target[k] = 0f;
        }
    }

    private void StepRows(float* z, float* next, float* sum, NodeNeighbours? only, int first, int end)
    {
        for (var node = first; node < end; node++)
        {
            var target = next + ((nint)node * Panel);
            this.Sum(z, only, node, target);
            var inverse = 1f / (this._roots[node] * this._roots[node]);
            if (InstructionSets.Avx512) Keep<Avx512Lanes, Vector512<float>>(target, sum + ((nint)node * Panel), inverse);
            else if (InstructionSets.Avx2) Keep<Avx2Lanes, Vector256<float>>(target, sum + ((nint)node * Panel), inverse);
            else Keep<PortableLanes, Vector<float>>(target, sum + ((nint)node * Panel), inverse);
        }
    }

    private void Sum(float* z, NodeNeighbours? only, int node, float* target)
    {
        var start = this._starts[node];
        var count = only is null ? this._starts[node + 1] - start : only.Counts[node];
        fixed (int* neighbours = only is null ? this._neighbours : only.Neighbours)
        {
            if (InstructionSets.Avx512) Sum<Avx512Lanes, Vector512<float>>(z, neighbours + start, count, target);
            else if (InstructionSets.Avx2) Sum<Avx2Lanes, Vector256<float>>(z, neighbours + start, count, target);
            else Sum<PortableLanes, Vector<float>>(z, neighbours + start, count, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TLanes, TVector>(float* row, float* sum, float scale)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var factor = TLanes.Broadcast(scale);
        for (var k = 0; k < Panel; k += TLanes.Count)
        {
            var value = TLanes.Multiply(TLanes.Load(row + k), factor);
            TLanes.Store(row + k, value);
            TLanes.Store(sum + k, TLanes.Add(TLanes.Load(sum + k), value));
        }
    }

    /// <summary>target = Σ rows of a panel. Two sums each for two vectors hide the latency of an addition; loads of later rows run ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TLanes, TVector>(float* z, int* rows, int count, float* target)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (nint k = 0; k < Panel; k += 2 * TLanes.Count)
        {
            TVector left = TLanes.Broadcast(0), right = left, otherLeft = left, otherRight = left;
            var i = 0;
            for (; i < count - 1; i += 2)
            {
                float* one = z + ((nint)rows[i] * Panel) + k, two = z + ((nint)rows[i + 1] * Panel) + k;
                left = TLanes.Add(left, TLanes.Load(one));
                right = TLanes.Add(right, TLanes.Load(one + TLanes.Count));
                otherLeft = TLanes.Add(otherLeft, TLanes.Load(two));
                otherRight = TLanes.Add(otherRight, TLanes.Load(two + TLanes.Count));
            }

            if (i < count)
            {
                var last = z + ((nint)rows[i] * Panel) + k;
                left = TLanes.Add(left, TLanes.Load(last));
                right = TLanes.Add(right, TLanes.Load(last + TLanes.Count));
            }

            TLanes.Store(target + k, TLanes.Add(left, otherLeft));
            TLanes.Store(target + k + TLanes.Count, TLanes.Add(right, otherRight));
        }
    }
}

/// <summary>Neighbours of every node that count, in the places of its first neighbours.</summary>
internal sealed record NodeNeighbours(int[] Neighbours, int[] Counts);
