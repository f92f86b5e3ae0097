using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What the graph models have in common beside their loss.</summary>
internal sealed record GraphSettings(int Factors, int Layers, GraphStart Start, bool IsCosine, int Seed);

/// <summary>The graph, the embeddings that are learned, and the model that they make.</summary>
internal sealed class GraphTraining
{
    /// <summary>Embeddings, gradients, two memories of the optimiser, and the layers of both passes with room to add them up.</summary>
    private const int NumbersPerFactor = 12;

    private const int HoldOutUsers = 2000;

    private const double HoldOutShare = 0.1;

    private readonly string _model;
    private readonly Interactions _train;
    private readonly GraphSettings _settings;
    private readonly int[] _places;

    public GraphTraining(string model, Interactions train, GraphSettings settings, FitContext context)
    {
        CheckMemory(model, (long)train.Users + train.Items, settings.Factors, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        this._model = model;
        this._train = train;
        this._settings = settings;
        this.Graph = new GraphProduct(train);
        this.Table = new Parameter("embeddings", this.Graph.Nodes, settings.Factors);
        this.KnownItems = [.. Enumerable.Range(0, train.Items).Where(item => this.Graph.DegreeOf(train.Users + item) > 0)];
        this._places = new int[this.Graph.Nodes];
        GraphStarts.Fill(settings.Start, train, this.Table.Values[..(train.Users * settings.Factors)], this.Table.Values[(train.Users * settings.Factors)..], settings.Factors, settings.Seed, context);
    }

    public GraphProduct Graph { get; }

    /// <summary>Nodes × factors, before the layers.</summary>
    public Parameter Table { get; }

    /// <summary>Items with an interaction: only they are drawn.</summary>
    public int[] KnownItems { get; }

    /// <summary>The distinct ones of some nodes, and where each of these stands among them.</summary>
    public (int[] Nodes, int[] Places) Distinct(ReadOnlySpan<int> nodes)
    {
        var distinct = new List<int>(nodes.Length);
        var places = new int[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            ref var place = ref this._places[nodes[i]];
            if (place == 0)
            {
                distinct.Add(nodes[i]);
                place = distinct.Count;
            }

            places[i] = place - 1;
        }

        foreach (var node in distinct) this._places[node] = 0;
        return ([.. distinct], places);
    }

    /// <summary>Embeddings of some nodes after the layers.</summary>
    public Tensor After(Tape tape, int[] nodes) => tape.Propagate(this.Table, this.Graph, this._settings.Layers, nodes);

    /// <summary>The loss with an L2 penalty λ / 2 on the embeddings before the layers that it was computed from, per example.</summary>
    public Tensor Penalised(Tape tape, Tensor loss, int[] nodes, double strength, int examples) =>
        strength == 0 ? loss : tape.Add(loss, tape.SquaredNorm(tape.Gather(this.Table, nodes)), (float)(strength / examples));

    /// <summary>Trains to the end, or until a hold-out of the training data gets no better.</summary>
    /// <param name="holdOut">Its targets must not be in the graph; null to train to the end.</param>
    public void Run(TrainingPlan plan, int examples, Func<Tape, int[], Tensor> loss, InnerHoldOut? holdOut, FitContext context)
    {
        var loop = new TrainingLoop(plan, new Adam([this.Table], context.Threads), examples);
        loop.Run(context, loss, holdOut is null ? null : () => holdOut.Quality(this.Finish(context), context));
    }

    /// <summary>A small part of the training data by which to know when to stop.</summary>
    public static InnerHoldOut? HoldOut(string model, Dataset data, int patience, int seed) =>
        patience == 0 ? null : InnerHoldOut.Of(model, data, HoldOutUsers, HoldOutShare, HoldOutChoice.Random, seed);

    public GraphModel Finish(FitContext context)
    {
        var tape = new Tape(context.Threads, isTraining: false);
        tape.Begin(0);
        var (factors, layers, users) = (this._settings.Factors, this._settings.Layers, this._train.Users);
        int[] all = [.. Enumerable.Range(0, this.Graph.Nodes)];
        var after = this.After(tape, all);
        var before = layers == 1 ? this.Table : tape.Propagate(this.Table, this.Graph, layers - 1, all);
        var passedOn = new float[this._train.Items * factors];
        for (var node = 0; node < this.Graph.Nodes; node++)
        {
            var row = after.Row(node);
            if (this.Graph.DegreeOf(node) == 0) row.Clear();
            else if (this._settings.IsCosine) Scale(row, 1f / MathF.Sqrt(Math.Max(float.Epsilon, Vectors.Dot(row, row))));
            if (node < users || this.Graph.DegreeOf(node) == 0) continue;
            before.Row(node).CopyTo(passedOn.AsSpan((node - users) * factors));
            Scale(passedOn.AsSpan((node - users) * factors, factors), layers / ((layers + 1) * this.Graph.RootOf(node)));
        }

        return new GraphModel(this._model, new GraphParts(factors, this._settings.IsCosine, after.Values[..(users * factors)].ToArray(), after.Values[(users * factors)..].ToArray(), passedOn));
    }

    internal static void CheckMemory(string model, long nodes, int factors, long available)
    {
        var most = AlignedFloats.MaxLength / GraphProduct.Panel * GraphProduct.Panel;
        if (nodes * GraphProduct.PanelsOf(factors) * GraphProduct.Panel > most)
            throw new ArgumentException($"{model}: {nodes} users and items times {factors} factors are more than {most} numbers, which one table cannot hold. Use fewer factors, or als.");
        var needed = nodes * factors * sizeof(float) * NumbersPerFactor;
        if (needed <= available) return;
        throw new ArgumentException(
            $"{model}: {nodes} users and items with {factors} factors need {needed / (1 << 20)} MB, but {available / (1 << 20)} MB are available. Use fewer factors, or als, which needs a tenth.");
    }

    private static void Scale(Span<float> row, float factor)
    {
        foreach (ref var value in row) value *= factor;
    }
}
