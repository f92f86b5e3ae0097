using Aisle.Learning.Distributed;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Adds up what each process found on its share of a batch, so that all take the same step. Whole gradients are all-reduced; of tables only the
/// rows that some process touched travel, and are added in the order of the processes, unless they are more than the table has.
/// </summary>
internal sealed class GradientExchange(IProcessGroup processes, IReadOnlyList<Parameter> parameters)
{
    private const int Whole = -1;

    /// <summary>Shorter gradients travel together: a message costs more than its numbers.</summary>
    private const int Small = 1 << 16;

    private readonly float[] _small = new float[processes.Size == 1 ? 0 : parameters.Where(parameter => parameter.Length < Small).Sum(parameter => parameter.Length)];

    /// <returns>The sum of the losses.</returns>
    public double Add(double loss)
    {
        if (processes.Size == 1) return loss;
        Span<double> sum = [loss];
        processes.Sum(sum);
        var states = this.States();
        this.AddWhole(states);
        for (var i = 0; i < parameters.Count; i++)
        {
            var counts = Enumerable.Range(0, processes.Size).Select(rank => states[(rank * parameters.Count) + i]).ToArray();
            if (parameters[i].IsTable && counts.All(count => count >= 0) && counts.Any(count => count > 0)) this.AddRows(parameters[i], counts);
        }

        return sum[0];
    }

    /// <summary>By process and parameter: <see cref="Whole"/>, or how many rows have a gradient; 0 for none.</summary>
    private int[] States()
    {
        var states = new int[processes.Size * parameters.Count];
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            states[(processes.Rank * parameters.Count) + i] = !parameter.HasGradient ? 0 : parameter.IsWhole ? Whole : parameter.Touched.Count;
        }

        processes.Gather(states.AsSpan(), this.Starts(_ => parameters.Count));
        return states;
    }

    private void AddWhole(int[] states)
    {
        var whole = parameters.Where((_, i) => Enumerable.Range(0, processes.Size).Any(rank => states[(rank * parameters.Count) + i] == Whole)).ToList();
        var filled = 0;
        foreach (var parameter in whole)
        {
            // Of a process that had no example in this batch, zeros.
            var gradient = parameter.Gradient;
            if (parameter.Length >= Small)
            {
                processes.Sum(gradient);
                continue;
            }

            gradient.CopyTo(this._small.AsSpan(filled));
            filled += parameter.Length;
        }

        processes.Sum(this._small.AsSpan(0, filled));
        filled = 0;
        foreach (var parameter in whole.Where(parameter => parameter.Length < Small))
        {
            this._small.AsSpan(filled, parameter.Length).CopyTo(parameter.Gradient);
            filled += parameter.Length;
        }
    }

    private void AddRows(Parameter table, int[] counts)
    {
        var starts = this.Starts(rank => counts[rank]);
        var rows = new int[starts[^1]];
        var at = starts[processes.Rank];
        foreach (var row in table.Touched) rows[at++] = row;
        processes.Gather(rows.AsSpan(), starts);
        if (rows.Length > table.Rows)
        {
            processes.Sum(table.TouchGradient([]));
            table.TouchAnew(rows);
            return;
        }

        var columns = table.Columns;
        var values = new float[checked(rows.Length * columns)];
        var own = table.TouchGradient([]);
        for (var i = starts[processes.Rank]; i < starts[processes.Rank + 1]; i++) own.Slice(rows[i] * columns, columns).CopyTo(values.AsSpan(i * columns));
        processes.Gather(values.AsSpan(), Array.ConvertAll(starts, start => checked(start * columns)));

        // Begun anew, so that rows come in the same order in every process.
        table.ClearGradient();
        var sum = table.TouchGradient(rows);
        for (var i = 0; i < rows.Length; i++) Vectors.AddScaled(1f, values.AsSpan(i * columns, columns), sum.Slice(rows[i] * columns, columns));
    }

    private int[] Starts(Func<int, int> countOf)
    {
        var starts = new int[processes.Size + 1];
        for (var rank = 0; rank < processes.Size; rank++) starts[rank + 1] = checked(starts[rank] + countOf(rank));
        return starts;
    }
}
