using System.Runtime.Intrinsics;
using Aisle.Learning.Models;

namespace Aisle.Learning.Ranking;

/// <summary>
/// Gradient-boosted trees over binned features: each tree is fitted to the first and second derivatives of the objective at the scores so far,
/// score += learning rate · tree.
/// </summary>
/// <remarks>
/// Friedman: Greedy function approximation: a gradient boosting machine (Annals of Statistics 2001). Chen, Guestrin: XGBoost (KDD 2016).
/// Leaf by leaf over histograms as in Ke et al.: LightGBM, a highly efficient gradient boosting decision tree (NIPS 2017).
/// The same seed gives the same trees on any number of threads.
/// </remarks>
public sealed class BoostedTreesTrainer
{
    public const string ModelName = "boosted-trees";

    private readonly BoostedTreesOptions _options;

    public BoostedTreesTrainer(BoostedTreesOptions? options = null)
    {
        this._options = options ?? new BoostedTreesOptions();
        this._options.Validate();
    }

    /// <param name="validation">Lists that training does not see, which say when to stop: of a later time where there is one. Null: all trees are grown.</param>
    public BoostedTrees Fit(RankingExamples train, RankingExamples? validation = null, FitContext? context = null)
    {
        context ??= new FitContext();
        if (train.Rows == 0) throw new ArgumentException("There are no rows to learn from. Add lists first.");
        validation = validation is { Rows: > 0 } ? validation : null;
        if (validation is not null) train.Schema.RequireSame(validation.Schema);
        var objective = TrainingObjective.Of(this._options, train);
        var columns = FeatureColumns.OfTraining(train, this._options.CategorySmoothing, out var tables);
        var bins = BinnedRows.Of(columns, this._options.Bins, context.Threads, context.Cancellation);
        var check = validation is null ? null : new Check(
            TrainingObjective.Of(this._options, validation),
            bins.Like(FeatureColumns.OfOthers(validation, tables), context.Threads, context.Cancellation),
            objective.Start);

        var grower = new TreeGrower(bins, this._options, [.. train.Schema.Features.Select(feature => feature.Monotone)]);
        var scores = new float[train.Rows];
        scores.AsSpan().Fill(objective.Start);
        var derivatives = new Vector128<float>[train.Rows];
        var rows = new int[train.Rows];
        var nodes = new TreeNodesBuilder();
        List<double[]> gains = [];
        var rate = (float)this._options.LearningRate;
        var (best, kept) = (check?.Loss() ?? 0, 0);
        for (var tree = 0; tree < this._options.Trees; tree++)
        {
            objective.Derive(scores, derivatives, context.Threads, context.Cancellation);
            grower.Grow(rows.AsSpan(0, this.DrawLists(train, tree, rows)), this.DrawFeatures(bins.Features, tree), derivatives, context.Threads, context.Cancellation);
            gains.Add(new double[bins.Features]);
            grower.Emit(nodes, rate, gains[tree]);
            grower.AddTo(scores, bins, rate, context.Threads, context.Cancellation);
            double? loss = check is null ? null : check.Add(grower, rate, context);
            context.Progress?.Report(new TrainingStep(ModelName, "tree", tree + 1, this._options.Trees, loss));
            if (loss is null || loss < best) (best, kept) = (loss ?? 0, tree + 1);
            else if (tree + 1 - kept >= this._options.Patience) break;
        }

        var importance = new float[bins.Features];
        foreach (var gain in gains.Take(kept))
        {
            for (var f = 0; f < importance.Length; f++) importance[f] += (float)gain[f];
        }

        return new BoostedTrees(this._options.Objective, train.Schema, tables, objective.Start, nodes.Build(kept), importance);
    }

    /// <returns>How many rows there are in the lists that are drawn: each list by its own number, whichever others there are; all rows where none was.</returns>
    private int DrawLists(RankingExamples train, int tree, int[] rows)
    {
        var starts = train.Starts;
        var count = 0;
        for (var list = 0; list < train.Lists; list++)
        {
            if (this._options.ListShare < 1 && new RandomStream(this._options.Seed, tree, list).UniformDouble() >= this._options.ListShare) continue;
            for (var row = starts[list]; row < starts[list + 1]; row++) rows[count++] = row;
        }

        if (count > 0) return count;
        for (var row = 0; row < rows.Length; row++) rows[row] = row;
        return rows.Length;
    }

    private bool[] DrawFeatures(int features, int tree)
    {
        var allowed = new bool[features];
        var order = Enumerable.Range(0, features).ToArray();
        if (this._options.FeatureShare < 1) new RandomStream(this._options.Seed, tree, -1).Shuffle<int>(order);
        foreach (var feature in order.Take(Math.Max(1, (int)Math.Round(this._options.FeatureShare * features)))) allowed[feature] = true;
        return allowed;
    }

    /// <summary>The validation rows and their scores so far.</summary>
    private sealed class Check
    {
        private readonly TrainingObjective _objective;
        private readonly BinnedRows _bins;
        private readonly float[] _scores;

        public Check(TrainingObjective objective, BinnedRows bins, float start)
        {
            this._objective = objective;
            this._bins = bins;
            this._scores = new float[bins.Rows];
            this._scores.AsSpan().Fill(start);
        }

        public double Loss() => this._objective.Loss(this._scores);

        public double Add(TreeGrower grower, float rate, FitContext context)
        {
            grower.AddTo(this._scores, this._bins, rate, context.Threads, context.Cancellation);
            return this.Loss();
        }
    }
}
