using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Fits sparse item weights group by group: the frame that the models share which solve a small system per group of similar items.</summary>
internal sealed class GroupFit(string model, ItemEquations equations, int neighbours, int groupSize, int support, int keep, FitContext context)
{
    /// <summary>Groups between two progress reports and two looks at the cancellation token.</summary>
    private const int Stretch = 64;

    /// <summary>Solves for the members of a group, given the matrix over its support, and hands each member's weights over.</summary>
    public delegate void GroupSolver(ItemEquations equations, ItemGroup group, GroupGram gram, GroupWeights weights);

    /// <returns>Items × items: row i holds what item i adds to the scores of others.</returns>
    public Interactions Run(GroupSolver solve)
    {
        var items = equations.Train.Items;
        var searches = ItemWeightsBuilder.Stretches(items);
        var groupsExpected = (equations.Diagonal.Count(weight => weight > 0f) + groupSize - 1) / groupSize;
        var steps = searches + Math.Max(1, (groupsExpected + Stretch - 1) / Stretch);
        var groups = equations.Groups(neighbours, groupSize, support, context, step => context.Progress?.Report(new TrainingStep(model, "neighbours", step, steps)));
        var rows = new (int[] Columns, float[] Weights)[items];
        Array.Fill(rows, ([], []));
        var workers = new (GroupGram Gram, GroupWeights Weights)[context.Threads];
        var largest = groups.Max(group => group.Support.Length);
        for (var (start, step) = (0, searches + 1); start < groups.Length; start += Stretch, step++)
        {
            ParallelRows.Run(
                context.Threads,
                Math.Min(Stretch, groups.Length - start),
                1,
                (worker, first, end) =>
                {
                    if (workers[worker].Gram is null) workers[worker] = (new GroupGram(equations, largest), new GroupWeights(rows, Math.Min(keep, largest), largest));
                    for (var at = start + first; at < start + end; at++)
                    {
                        workers[worker].Gram.Compute(groups[at].Support);
                        solve(equations, groups[at], workers[worker].Gram, workers[worker].Weights);
                    }
                },
                context.Cancellation);
            context.Progress?.Report(new TrainingStep(model, "group", step, steps));
        }

        return Interactions.FromRows(rows.Length, rows).Transpose();
    }
}

/// <summary>Receives the weights that lead to an item and keeps the largest ones. One per thread; the rows are shared, each written by one.</summary>
internal sealed class GroupWeights((int[] Columns, float[] Weights)[] rows, int keep, int largestSupport)
{
    private readonly LargestEntries _largest = new(keep, largestSupport);
    private readonly float[] _column = new float[largestSupport];
    private int _length;

    /// <summary>Where to write the weights over a support.</summary>
    public Span<float> Begin(int length)
    {
        this._length = length;
        return this._column.AsSpan(0, length);
    }

    public void Keep(int item, int[] support) => rows[item] = this._largest.Of(support, this._column.AsSpan(0, this._length));
}
