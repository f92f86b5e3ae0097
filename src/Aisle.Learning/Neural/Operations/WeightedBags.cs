using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Rows of a sparse matrix: bag b holds Items[Starts[b]] … Items[Starts[b + 1] − 1], each with its weight.</summary>
internal sealed record WeightedBags(int[] Starts, int[] Items, float[] Weights)
{
    public int Count => this.Starts.Length - 1;

    public ReadOnlySpan<int> ItemsOf(int bag) => this.Items.AsSpan(this.Starts[bag]..this.Starts[bag + 1]);

    public ReadOnlySpan<float> WeightsOf(int bag) => this.Weights.AsSpan(this.Starts[bag]..this.Starts[bag + 1]);

    /// <summary>Each bag with weights whose squares add up to 1.</summary>
    public WeightedBags Normalised()
    {
        var weights = new float[this.Weights.Length];
        for (var bag = 0; bag < this.Count; bag++)
        {
            var squares = 0.0;
            foreach (var weight in this.WeightsOf(bag)) squares += (double)weight * weight;
            for (var i = this.Starts[bag]; i < this.Starts[bag + 1]; i++) weights[i] = (float)(this.Weights[i] / Math.Sqrt(squares));
        }

        return this with { Weights = weights };
    }

    /// <summary>The bags with a share of their members dropped and the weights of the rest made larger by as much.</summary>
    /// <param name="key">Of the noise that decides, counted by place.</param>
    public WeightedBags Dropped(float rate, uint key)
    {
        if (rate == 0f) return this;
        var starts = new int[this.Starts.Length];
        List<int> items = [];
        List<float> weights = [];
        for (var bag = 0; bag < this.Count; bag++)
        {
            for (var i = this.Starts[bag]; i < this.Starts[bag + 1]; i++)
            {
                if (CounterNoise.At((uint)i, key) < rate) continue;
                items.Add(this.Items[i]);
                weights.Add(this.Weights[i] / (1 - rate));
            }

            starts[bag + 1] = items.Count;
        }

        return new WeightedBags(starts, [.. items], [.. weights]);
    }
}

internal static class WeightedBagOperations
{
    /// <summary>Entries below which the gradient is not worth several threads.</summary>
    private const int Grain = 1024;

    /// <summary>y[b] = Σ weight · table[item] over bag b: the product of a sparse matrix with the table.</summary>
    public static Tensor GatherBags(this Tape tape, Tensor table, WeightedBags bags)
    {
        var y = tape.New(bags.Count, table.Columns, table.NeedsGradient);
        tape.ForRows(y.Rows, y.Columns, (first, count) =>
        {
            for (var row = first; row < first + count; row++)
            {
                var sum = y.Row(row);
                sum.Clear();
                for (var i = bags.Starts[row]; i < bags.Starts[row + 1]; i++) Vectors.AddScaled(bags.Weights[i], table.Row(bags.Items[i]), sum);
            }
        });
        tape.OnBackward(y, () =>
        {
            // Each share of the table's rows is taken by one thread in the order of the bags: no sum depends on the threads.
            _ = Embeddings.GradientOf(table, bags.Items);
            _ = y.Gradient;
            var shares = bags.Items.Length < Grain ? 1 : tape.Threads;
            ParallelRows.Run(
                tape.Threads,
                shares,
                grain: 1,
                (_, share, _) =>
                {
                    var gradient = Embeddings.GradientOf(table, []);
                    var above = y.Gradient;
                    for (var row = 0; row < y.Rows; row++)
                    {
                        for (var i = bags.Starts[row]; i < bags.Starts[row + 1]; i++)
                        {
                            if (bags.Items[i] % shares != share) continue;
                            Vectors.AddScaled(bags.Weights[i], above.Slice(row * y.Columns, y.Columns), gradient.Slice(bags.Items[i] * y.Columns, y.Columns));
                        }
                    }
                },
                CancellationToken.None);
        });
        return y;
    }
}
