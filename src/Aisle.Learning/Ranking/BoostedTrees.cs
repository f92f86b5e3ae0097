using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Ranking;

/// <summary>Fitted trees: they score rows, say what a score is made of, and are saved. Made by <see cref="BoostedTreesTrainer"/>; safe to use from many threads.</summary>
public sealed class BoostedTrees
{
    internal const int MaxLeaves = 256;
    internal const int MaxDepth = 64;
    private const int LayoutVersion = 1;
    private const int MaxTrees = 10_000;

    private readonly RankingObjective _objective;
    private readonly float[]?[] _categories;
    private readonly float _start;
    private readonly TreeNodes _nodes;
    private readonly float[] _importance;
    private readonly TreeScorer _scorer;

    internal BoostedTrees(RankingObjective objective, FeatureSchema schema, float[]?[] categories, float start, TreeNodes nodes, float[] importance)
    {
        this._objective = objective;
        this.Schema = schema;
        this._categories = categories;
        this._start = start;
        this._nodes = nodes;
        this._importance = importance;
        this._scorer = new TreeScorer(nodes, schema.Count);
    }

    /// <summary>The features of a row, in their order. Before rows of another origin are scored: <see cref="FeatureSchema.RequireSame"/>.</summary>
    public FeatureSchema Schema { get; }

    public int Trees => this._nodes.Trees;

    /// <summary>What the splits of each feature lowered the objective by, in all.</summary>
    public ReadOnlySpan<float> Importance => this._importance;

    /// <summary>Scores for ordering: log-odds with the logistic objective, the label's estimate with squared error, without a scale of their own with LambdaMART. Nothing is allocated on the managed heap.</summary>
    /// <param name="rows">Scores × features, row by row; NaN where a value is missing.</param>
    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        this.CheckRows(rows.Length, scores.Length);
        this._scorer.Score(rows, this._categories, this._start, scores);
    }

    /// <summary>Estimates on the scale of the labels: probabilities with the logistic objective, else the scores.</summary>
    public void Predict(ReadOnlySpan<float> rows, Span<float> predictions)
    {
        this.Score(rows, predictions);
        if (this._objective != RankingObjective.Logistic) return;
        foreach (ref var value in predictions) value = 1 / (1 + MathF.Exp(-value));
    }

    /// <summary>
    /// Divides a row's score among the features: along the row's path through each tree, a split's feature is given what the mean of the leaves
    /// below changes by. The rest, what a row scores before anything is known of it, is returned; with it they sum to the score.
    /// </summary>
    /// <remarks>Saabas 2014. Not Shapley values: features near the root get less than their due where features interact, but a row costs no more than its score.</remarks>
    public float Contribute(ReadOnlySpan<float> row, Span<float> contributions)
    {
        this.CheckRows(row.Length, 1);
        if (contributions.Length != this.Schema.Count) throw new ArgumentException($"There is room for {contributions.Length} contributions; {this.Schema.Count} features have one each.");
        contributions.Clear();
        using var encoded = new ScratchFloats(row.Length);
        TreeScorer.Encode(row, this._categories, encoded.Span, 1);
        var rest = this._start;
        for (var tree = 0; tree < this._nodes.Trees; tree++)
        {
            var node = this._nodes.Starts[tree];
            rest += this._nodes.Values[node];
            while (this._nodes.Features[node] is >= 0 and var feature)
            {
                var next = this._nodes.Next(node, encoded.Span);
                contributions[feature] += this._nodes.Values[next] - this._nodes.Values[node];
                node = next;
            }
        }

        return rest;
    }

    /// <summary>Plain twin of <see cref="Score"/>.</summary>
    internal void ScoreReference(ReadOnlySpan<float> rows, Span<float> scores)
    {
        this.CheckRows(rows.Length, scores.Length);
        this._scorer.ScoreReference(rows, this._categories, this._start, scores);
    }

    public void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, BoostedTreesTrainer.ModelName, LayoutVersion);
        writer.Write((int)this._objective);
        writer.Write(this.Schema.Count);
        foreach (var feature in this.Schema.Features)
        {
            writer.WriteText(feature.Name);
            writer.Write((int)feature.Kind);
            writer.Write((int)feature.Monotone);
        }

        foreach (var table in this._categories)
        {
            if (table is null) continue;
            writer.Write(table.Length);
            writer.WriteArray<float>(table);
        }

        writer.Write(this._start);
        writer.WriteArray<float>(this._importance);
        writer.Write(this._nodes.Trees);
        writer.WriteArray<int>(this._nodes.Starts);
        writer.WriteArray<int>(this._nodes.Features);
        writer.WriteArray<float>(this._nodes.Thresholds);
        writer.WriteArray<int>(this._nodes.Rights);
        writer.WriteArray<byte>(this._nodes.MissingRight);
        writer.WriteArray<float>(this._nodes.Values);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static BoostedTrees Load(Stream stream)
    {
        using var reader = new ModelReader(stream, BoostedTreesTrainer.ModelName, LayoutVersion);
        var objective = (RankingObjective)reader.ReadInt32("the objective", 0, (int)RankingObjective.LambdaMart);
        var features = new RankingFeature[reader.ReadInt32("the number of features", 1, FeatureSchema.MaxFeatures)];
        for (var f = 0; f < features.Length; f++)
        {
            features[f] = new RankingFeature(
                reader.ReadText("a feature's name", 4 * FeatureSchema.MaxNameLength),
                (FeatureKind)reader.ReadInt32("a feature's kind", 0, (int)FeatureKind.Category),
                (MonotoneDirection)reader.ReadInt32("a feature's direction", 0, (int)MonotoneDirection.Falling));
        }

        FeatureSchema? schema = null;
        reader.Validate(() => schema = new FeatureSchema(features));
        var categories = new float[]?[features.Length];
        for (var f = 0; f < features.Length; f++)
        {
            if (features[f].Kind == FeatureKind.Category) categories[f] = ReadCategories(reader);
        }

        var start = reader.ReadSingle("the first score", float.MinValue, float.MaxValue);
        var importance = reader.ReadFiniteArray("the importance of features", features.Length);
        return new BoostedTrees(objective, schema!, categories, start, ReadNodes(reader, features.Length), importance);
    }

    private static float[] ReadCategories(ModelReader reader)
    {
        var table = reader.ReadArray<float>("a table of categories", reader.ReadInt32("the number of categories", 0, CategoryStatistics.MaxCategories));
        return table.Any(float.IsInfinity) ? throw reader.Broken("a table of categories holds an infinite number") : table;
    }

    private static TreeNodes ReadNodes(ModelReader reader, int features)
    {
        var trees = reader.ReadInt32("the number of trees", 0, MaxTrees);
        var starts = reader.ReadArray<int>("the starts of the trees", trees + 1L);
        for (var tree = 0; tree < trees; tree++)
        {
            if (starts[0] != 0 || starts[tree + 1] <= starts[tree]) throw reader.Broken("the starts of the trees do not rise from 0");
        }

        if (starts[^1] is < 0 or > MaxTrees * 2 * MaxLeaves) throw reader.Broken($"there are {starts[^1]} nodes");
        var nodes = new TreeNodes(
            starts,
            reader.ReadArray<int>("the nodes' features", starts[^1]),
            reader.ReadArray<float>("the nodes' thresholds", starts[^1]),
            reader.ReadArray<int>("the nodes' right children", starts[^1]),
            reader.ReadArray<byte>("the nodes' directions", starts[^1]),
            reader.ReadArray<float>("the nodes' values", starts[^1]));
        return nodes.Flaw(features) is { } flaw ? throw reader.Broken(flaw) : nodes;
    }

    private void CheckRows(int values, int rows)
    {
        if (values != (long)rows * this.Schema.Count) throw new ArgumentException($"There are {values} feature values; {rows} rows of {this.Schema.Count} features have {(long)rows * this.Schema.Count}.");
    }
}
