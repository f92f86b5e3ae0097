using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>A bag of rows of a table (items, words, events) for each row of a batch, of any size: bag b is Items[Starts[b]] … Items[Starts[b + 1] − 1].</summary>
internal sealed class Bags
{
    public Bags(int[] starts, int[] items)
    {
        Shapes.Match(starts[^1], items.Length, "the end of the last bag and the items");
        this.Starts = starts;
        this.Items = items;
        this.Owners = new int[items.Length];
        for (var bag = 0; bag < this.Count; bag++) this.Owners.AsSpan(starts[bag]..starts[bag + 1]).Fill(bag);
    }

    public int[] Starts { get; }

    public int[] Items { get; }

    /// <summary>The bag of each item.</summary>
    public int[] Owners { get; }

    public int Count => this.Starts.Length - 1;

    public ReadOnlySpan<int> Of(int bag) => this.Items.AsSpan(this.Starts[bag]..this.Starts[bag + 1]);

    public int CountOf(int bag) => this.Starts[bag + 1] - this.Starts[bag];

    public static Bags Of(IReadOnlyList<IReadOnlyCollection<int>> bags)
    {
        var starts = new int[bags.Count + 1];
        for (var bag = 0; bag < bags.Count; bag++) starts[bag + 1] = starts[bag] + bags[bag].Count;
        return new Bags(starts, [.. bags.SelectMany(bag => bag)]);
    }

    /// <summary>1/n for each item of a bag of n.</summary>
    public WeightedBags Means() => new(this, [.. this.Owners.Select(bag => 1f / this.CountOf(bag))]);

    /// <summary>1/√n for each item of a bag of n: bags of any size then have one norm.</summary>
    public WeightedBags Units() => new(this, [.. this.Owners.Select(bag => 1f / MathF.Sqrt(this.CountOf(bag)))]);
}

/// <summary>Rows of a sparse matrix: bags, and a weight for each of their items.</summary>
internal sealed record WeightedBags(Bags Bags, float[] Weights)
{
    public int Count => this.Bags.Count;

    public ReadOnlySpan<int> ItemsOf(int bag) => this.Bags.Of(bag);

    public ReadOnlySpan<float> WeightsOf(int bag) => this.Weights.AsSpan(this.Bags.Starts[bag]..this.Bags.Starts[bag + 1]);

    public static WeightedBags Of(Interactions rows)
    {
        var starts = new int[rows.Users + 1];
        for (var row = 0; row < rows.Users; row++) starts[row + 1] = starts[row] + rows.CountOf(row);
        return new WeightedBags(new Bags(starts, rows.AllItems.ToArray()), rows.AllWeights.ToArray());
    }

    /// <summary>Each bag with weights whose squares add up to 1.</summary>
    public WeightedBags Normalised()
    {
        var weights = new float[this.Weights.Length];
        for (var bag = 0; bag < this.Count; bag++)
        {
            var squares = 0.0;
            foreach (var weight in this.WeightsOf(bag)) squares += (double)weight * weight;
            for (var i = this.Bags.Starts[bag]; i < this.Bags.Starts[bag + 1]; i++) weights[i] = (float)(this.Weights[i] / Math.Sqrt(squares));
        }

        return this with { Weights = weights };
    }

    /// <summary>The bags with a share of their members dropped and the weights of the rest made larger by as much.</summary>
    /// <param name="key">Of the noise that decides, counted by place.</param>
    public WeightedBags Dropped(float rate, uint key)
    {
        if (rate == 0f) return this;
        var starts = new int[this.Count + 1];
        List<int> items = [];
        List<float> weights = [];
        for (var bag = 0; bag < this.Count; bag++)
        {
            for (var i = this.Bags.Starts[bag]; i < this.Bags.Starts[bag + 1]; i++)
            {
                if (CounterNoise.At((uint)i, key) < rate) continue;
                items.Add(this.Bags.Items[i]);
                weights.Add(this.Weights[i] / (1 - rate));
            }

            starts[bag + 1] = items.Count;
        }

        return new WeightedBags(new Bags(starts, [.. items]), [.. weights]);
    }
}

internal static class BagOperations
{
    /// <summary>y[k] = x[bag of k] · table[item k]: the listed places of x · tableᵀ, items of all bags × 1. No other place is ever computed.</summary>
    public static Tensor BagScores(this Tape tape, Tensor x, Tensor table, Bags bags)
    {
        Shapes.Match(x.Columns, table.Columns, "columns of x and of the table");
        Shapes.Match(bags.Count, x.Rows, "bags and rows of x");
        var columns = x.Columns;
        var y = tape.New(bags.Items.Length, 1, x.NeedsGradient || table.NeedsGradient);
        tape.ForRows(y.Rows, columns, (first, count) =>
        {
            for (var k = first; k < first + count; k++) y.Values[k] = Vectors.Dot(x.Row(bags.Owners[k]), table.Row(bags.Items[k]));
        });
        tape.OnBackward(y, () =>
        {
            if (x.NeedsGradient)
            {
                _ = x.Gradient;
                _ = y.Gradient;
                tape.ForRows(x.Rows, columns * Math.Max(1, y.Rows / Math.Max(1, x.Rows)), (first, count) =>
                {
                    var dx = x.Gradient;
                    var above = y.Gradient;
                    for (var row = first; row < first + count; row++)
                    {
                        for (var k = bags.Starts[row]; k < bags.Starts[row + 1]; k++) Vectors.AddScaled(above[k], table.Row(bags.Items[k]), dx.Slice(row * columns, columns));
                    }
                });
            }

            if (table.NeedsGradient)
                EmbeddingRows.ScatterAdd(y.Gradient, x.Values, columns, bags.Owners, bags.Items, Embeddings.GradientOf(table, bags.Items), tape.Threads);
        });
        return y;
    }

    /// <summary>scores[i, j] = x[i] · table[candidates[i · count + j]]: each row asks for as many items of its own.</summary>
    /// <param name="candidates">Rows × <paramref name="count"/> row numbers of the table.</param>
    public static Tensor CandidateScores(this Tape tape, Tensor x, Tensor table, int[] candidates, int count)
    {
        Shapes.Match(candidates.Length, x.Rows * count, "the candidates and rows of x times their count");
        return tape.Reshape(tape.BagScores(x, table, new Bags([.. Enumerable.Range(0, x.Rows + 1).Select(row => row * count)], candidates)), x.Rows, count);
    }

    /// <summary>y[b] = Σ weight · table[item] over bag b, zeros for an empty one: the product of a sparse matrix with the table.</summary>
    public static Tensor SumBags(this Tape tape, Tensor table, WeightedBags bags) => tape.SumBags(table, bags.Bags, tape.Constant(bags.Weights.Length, 1, bags.Weights));

    /// <summary>As the other, with weights that may be learned about: attention to a history, values that a network gave.</summary>
    /// <param name="weights">Items of all bags × 1.</param>
    public static Tensor SumBags(this Tape tape, Tensor table, Bags bags, Tensor weights)
    {
        Shapes.Match(weights.Length, bags.Items.Length, "weights and items of the bags");
        var columns = table.Columns;
        var y = tape.New(bags.Count, columns, table.NeedsGradient || weights.NeedsGradient);
        tape.ForRows(y.Rows, columns * Math.Max(1, weights.Length / Math.Max(1, y.Rows)), (first, count) =>
        {
            for (var row = first; row < first + count; row++)
            {
                var sum = y.Row(row);
                sum.Clear();
                for (var k = bags.Starts[row]; k < bags.Starts[row + 1]; k++) Vectors.AddScaled(weights.Values[k], table.Row(bags.Items[k]), sum);
            }
        });
        tape.OnBackward(y, () =>
        {
            if (weights.NeedsGradient)
            {
                _ = weights.Gradient;
                _ = y.Gradient;
                tape.ForRows(weights.Length, columns, (first, count) =>
                {
                    var gradient = weights.Gradient;
                    var above = y.Gradient;
                    for (var k = first; k < first + count; k++) gradient[k] += Vectors.Dot(above.Slice(bags.Owners[k] * columns, columns), table.Row(bags.Items[k]));
                });
            }

            if (table.NeedsGradient)
                EmbeddingRows.ScatterAdd(weights.Values, y.Gradient, columns, bags.Owners, bags.Items, Embeddings.GradientOf(table, bags.Items), tape.Threads);
        });
        return y;
    }
}
