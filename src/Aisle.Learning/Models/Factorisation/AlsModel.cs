using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>A <see cref="FactorModel"/> that keeps the interactions it was fitted on, and so can take in more.</summary>
public sealed class AlsModel : FactorModel, IUpdatable
{
    private const int Grain = 8;

    private readonly Interactions _train;

    internal AlsModel(FactorParts parts, Interactions train)
        : base(AlsTrainer.ModelName, parts) => this._train = train;

    /// <summary>
    /// Solves the users and items with new behaviour anew, exactly and from all of their behaviour: the users, then the items against all users,
    /// then the users against all items. All others stay where they are; a fit from the start would move them a little too.
    /// </summary>
    public IModel Update(Dataset added, FitContext context)
    {
        var more = AddedBehaviour.Check(this, added, context);
        var train = this._train.Enlarged(more.Users, more.Items).With(more);
        var byItem = train.Transpose();
        var users = Enlarged(this.Parts.Users, more.Users);
        var items = Enlarged(this.Parts.Items, more.Items);
        int[] touchedUsers = [.. Enumerable.Range(0, more.Users).Where(user => more.CountOf(user) > 0)];
        int[] touchedItems = [.. more.AllItems.ToArray().Distinct().Order()];
        this.Solve(users, touchedUsers, train, items, context);
        this.Solve(items, touchedItems, byItem, users, context);
        var diagonal = this.Solve(users, touchedUsers, train, items, context);
        context.Progress?.Report(new TrainingStep(this.Name, "update", 1, 1));
        return new AlsModel(this.Parts with { Users = users, Items = items, Diagonal = diagonal }, train);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static FactorModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, AlsTrainer.ModelName, LayoutVersion);
        var parts = FactorParts.Load(reader);
        if (reader.ReadInt32("whether interactions follow", 0, 1) == 0) return new FactorModel(AlsTrainer.ModelName, parts);
        var train = reader.ReadSparseRows("the interactions", parts.Users.Rows, parts.Items.Rows);
        foreach (var weight in train.AllWeights)
        {
            if (!(weight > 0f)) throw reader.Broken($"an interaction weighs {weight}");
        }

        return new AlsModel(parts, train);
    }

    private protected override void SaveRest(ModelWriter writer)
    {
        writer.Write(1);
        writer.WriteSparseRows(this._train);
    }

    private static FactorMatrix Enlarged(FactorMatrix rows, int count)
    {
        var enlarged = new FactorMatrix(count, rows.Dimensions);
        rows.All.CopyTo(enlarged.All);
        return enlarged;
    }

    private unsafe AlignedFloats Solve(FactorMatrix target, int[] rows, Interactions interactions, FactorMatrix source, FitContext context)
    {
        var equations = this.Parts.FoldIn;
        var diagonal = FactorBasis.Align(source, target, source.Dimensions, context.Threads, context.Cancellation);
        var constant = equations.Unobserved(diagonal.Span);
        var solvers = new NormalEquations?[context.Threads];
        ParallelRows.Run(
            context.Threads,
            rows.Length,
            Grain,
            (worker, first, end) =>
            {
                var solver = solvers[worker] ??= new NormalEquations(source, constant, source.Dimensions);
                for (var i = first; i < end; i++)
                    equations.Solve(solver, source.Rows, interactions.ItemsOf(rows[i]), interactions.WeightsOf(rows[i]), target.Row(rows[i]), target.Stride);
            },
            context.Cancellation);
        return diagonal;
    }
}
