using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What the parameters of a <see cref="BehaviourEncoder"/> are made to.</summary>
/// <param name="Features">Terms and attribute values that items are told by; 0: none.</param>
/// <param name="Kinds">Kinds of events; 0: unknown.</param>
internal sealed record BehaviourShape(int Items, int Features, int Kinds, int Dimensions, int Blocks, int Heads, int Length, ItemScoring Scoring)
{
    /// <summary>Distances between events with a bias of their own: what is farther back counts as the farthest of them.</summary>
    public int Distances => Math.Min(this.Length, 128);
}

/// <summary>
/// Events in a row to a state for each. No place is numbered: attention knows events by their distance alone, so that what was computed
/// of earlier events holds when one more comes (<see cref="BehaviourSession"/>).
/// </summary>
internal sealed class BehaviourEncoder
{
    private readonly WeightedBags? _features;
    private readonly float _dropRate;
    private readonly float _itemDropRate;
    private readonly Parameter _embeddings;
    private readonly Parameter? _featureEmbeddings;
    private readonly Parameter? _kinds;
    private readonly Parameter _gaps;
    private readonly NormLayer _norm;
    private readonly LinearLayer? _kindHidden;
    private readonly Parameter? _kindOutputs;

    public BehaviourEncoder(BehaviourShape shape, Interactions? features, float dropRate, float itemDropRate, int seed)
    {
        this.Shape = shape;
        this.Features = features;
        this._features = features is null ? null : WeightedBags.Of(features);
        this._dropRate = dropRate;
        this._itemDropRate = features is null ? 0 : itemDropRate;
        var random = new RandomStream(seed);
        this._embeddings = Table("items", shape.Items, ref random);
        this._featureEmbeddings = features is null ? null : Table("features", shape.Features, ref random);
        this._gaps = Table("gaps", BehaviourBatch.GapCount, ref random);
        this.Blocks = new TransformerBlock[shape.Blocks];
        for (var i = 0; i < this.Blocks.Length; i++) this.Blocks[i] = new TransformerBlock($"block{i}", shape.Dimensions, shape.Heads, dropRate, shape.Distances, ref random);
        this._norm = new NormLayer("norm", shape.Dimensions);
        if (shape.Kinds == 0) return;
        this._kinds = Table("kinds", shape.Kinds, ref random);
        this._kindHidden = new LinearLayer("kind-hidden", 2 * shape.Dimensions, shape.Dimensions, ref random);
        this._kindOutputs = Table("kind-outputs", shape.Kinds, ref random);

        Parameter Table(string name, int rows, ref RandomStream stream)
        {
            var table = new Parameter(name, rows, shape.Dimensions, isTable: true);
            foreach (ref var value in table.Values) value = 0.02f * stream.Normal();
            return table;
        }
    }

    public BehaviourShape Shape { get; }

    /// <summary>Items × features: what their content says, with weights.</summary>
    public Interactions? Features { get; }

    public TransformerBlock[] Blocks { get; }

    /// <summary>Always in the same order.</summary>
    public IEnumerable<Parameter> Parameters =>
    [
        this._embeddings,
        .. this._featureEmbeddings is null ? Array.Empty<Parameter>() : [this._featureEmbeddings],
        this._gaps,
        .. this.Blocks.SelectMany(block => block.Parameters),
        .. this._norm.Parameters,
        .. this._kinds is null ? Array.Empty<Parameter>() : [this._kinds, .. this._kindHidden!.Parameters, this._kindOutputs!],
    ];

    /// <summary>Cross-entropy of the next item, and of the next kind, weighed.</summary>
    /// <param name="shared">Draws what the item is told apart from; null: from the whole catalogue.</param>
    public Tensor Loss(Tape tape, BehaviourBatch batch, SharedDraws? shared, float kindWeight)
    {
        var items = this.Items(tape);
        var states = this.Encode(tape, items, batch);
        if (batch.Asked is { } asked) states = tape.Gather(states, asked);
        var (scored, table) = (this.Shape.Scoring.States(tape, states), this.Shape.Scoring.Items(tape, items));
        var loss = shared is null ? tape.CatalogueSoftmax(scored, table, batch.Targets) : shared.Softmax(tape, scored, table, batch.Targets);
        if (this._kinds is null || kindWeight == 0) return loss;
        return tape.Add(loss, tape.CatalogueSoftmax(this.KindStates(tape, states, tape.Gather(items, batch.Targets)), this._kindOutputs!, batch.TargetKinds), kindWeight);
    }

    /// <summary>What every item is known by: its own embedding, and the sum of what its content says. Items × dimensions.</summary>
    public Tensor Items(Tape tape) => this._features is null
        ? this._embeddings
        : tape.Add(tape.DropRows(this._embeddings, this._itemDropRate), tape.SumBags(this._featureEmbeddings!, this._features));

    /// <summary>As <see cref="Items"/> when the model is asked: an item that stands in no event is known by its content alone.</summary>
    /// <param name="isKnown">By item: 1 where it stands in an event of training.</param>
    public float[] FinalItems(byte[] isKnown)
    {
        var tape = new Tape(threads: 1, isTraining: false);
        var items = this._features is null ? new float[this._embeddings.Length] : tape.SumBags(this._featureEmbeddings!, this._features).Values.ToArray();
        var columns = this.Shape.Dimensions;
        for (var item = 0; item < this.Shape.Items; item++)
        {
            if (isKnown[item] == 1) Vectors.AddScaled(1f, this._embeddings.Row(item), items.AsSpan(item * columns, columns));
        }

        return items;
    }

    /// <summary>A state for each event.</summary>
    /// <param name="items">Items × dimensions.</param>
    /// <param name="memories">For each block, what takes in the keys and values of a batch of one sequence; null: nothing is kept.</param>
    public Tensor Encode(Tape tape, Tensor items, BehaviourBatch batch, AttentionMemory[]? memories = null)
    {
        var x = tape.Dropout(this.Inputs(tape, items, batch), this._dropRate);
        for (var i = 0; i < this.Blocks.Length; i++) x = this.Blocks[i].Apply(tape, x, batch.Starts, isCausal: true, memories?[i]);
        return this._norm.Apply(tape, x);
    }

    /// <summary>What is read of each event before any attention.</summary>
    public Tensor Inputs(Tape tape, Tensor items, BehaviourBatch batch)
    {
        var x = tape.Add(tape.Gather(items, batch.Items), tape.Gather(this._gaps, batch.Gaps));
        return this._kinds is null ? x : tape.Add(x, tape.Gather(this._kinds, batch.Kinds));
    }

    public Tensor Normalise(Tape tape, Tensor x) => this._norm.Apply(tape, x);

    /// <summary>The probability of each kind, given that the next event is on an item: rows × kinds.</summary>
    public Tensor KindProbabilities(Tape tape, Tensor states, Tensor nextItems)
    {
        var scores = tape.ProductTransposed(this.KindStates(tape, states, nextItems), this._kindOutputs!);
        for (var row = 0; row < scores.Rows; row++) SoftmaxRow.Apply(scores.Row(row), 1f);
        return scores;
    }

    private Tensor KindStates(Tape tape, Tensor states, Tensor nextItems) => tape.Activate<Gelu>(this._kindHidden!.Apply(tape, tape.Concat(states, nextItems)));
}
