using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// A shopper who is being watched: what attention computed of earlier events is kept, so that one more event costs a step of one row.
/// Up to the model's length the state is that of the whole history; beyond it, old events are forgotten one by one, though what later ones
/// took from them stays. Not safe for concurrent use.
/// </summary>
public sealed class BehaviourSession
{
    private readonly BehaviourTransformerModel _model;
    private readonly AttentionMemory[] _memories;
    private readonly float[] _state;

    internal BehaviourSession(BehaviourTransformerModel model)
    {
        this._model = model;
        var shape = model.Encoder.Shape;
        this._memories = [.. model.Encoder.Blocks.Select(_ => new AttentionMemory(shape.Length, shape.Dimensions))];
        this._state = new float[shape.Dimensions];
    }

    /// <summary>Events seen so far.</summary>
    public int Count { get; private set; }

    /// <summary>What is known of the shopper after the last event; zeros before the first.</summary>
    public ReadOnlySpan<float> State => this._state;

    /// <summary>Takes in one more event.</summary>
    /// <param name="kind">As numbered in training; null where it is unknown.</param>
    /// <param name="secondsSinceLast">Null where that is unknown.</param>
    public void Add(int item, byte? kind = null, double? secondsSinceLast = null)
    {
        TrainingInput.CheckItem(this._model, item);
        var encoder = this._model.Encoder;
        var kinds = encoder.Shape.Kinds;
        var tape = this._model.TakeTape();
        var batch = new BehaviourBatch(
            [item], kinds == 0 ? [] : [kind is { } known && known < kinds ? known : -1], [this.Count == 0 ? 0 : BehaviourBatch.GapOf(secondsSinceLast ?? -1)], [0, 1], [], []);
        var x = encoder.Inputs(tape, this._model.ItemTensor, batch);
        for (var i = 0; i < encoder.Blocks.Length; i++) x = encoder.Blocks[i].ApplyNext(tape, x, this._memories[i]);
        encoder.Normalise(tape, x).Values.CopyTo(this._state);
        this.Count++;
        this._model.PutBack(tape);
    }

    /// <summary>Begins anew with a history, in one pass.</summary>
    /// <param name="history">Not empty, and no longer than the model reads.</param>
    internal void Begin(History history)
    {
        var encoder = this._model.Encoder;
        var tape = this._model.TakeTape();
        var states = encoder.Encode(tape, this._model.ItemTensor, BehaviourBatch.Of(history, encoder.Shape.Length, encoder.Shape.Kinds), this._memories);
        states.Row(states.Rows - 1).CopyTo(this._state);
        this.Count = history.Items.Length;
        this._model.PutBack(tape);
    }

    /// <summary>As <see cref="IModel.ScoreHistory"/> for all events so far.</summary>
    public void Score(Span<float> scores)
    {
        TrainingInput.CheckScores(this._model, 1, scores);
        if (this.Count == 0) scores.Fill(float.NegativeInfinity);
        else this._model.ScoreState(this._state, scores);
    }
}
