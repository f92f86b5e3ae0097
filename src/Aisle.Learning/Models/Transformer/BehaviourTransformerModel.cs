using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// The encoder's weights and the last events of each known user. Any shopper is scored from their events, known or not. An item that nobody
/// touched is scored by its content; one without content too is unknown and scores −∞.
/// </summary>
public sealed class BehaviourTransformerModel : ScoringModel
{
    private const int LayoutVersion = 2;

    /// <summary>More numbers than this in one matrix cannot be meant.</summary>
    private const int MostNumbers = 1 << 30;

    private readonly Sequences _events;
    private readonly byte[] _isKnown;
    private readonly Interactions? _features;
    /// <summary>What states are multiplied with, items × dimensions.</summary>
    private readonly Tensor _table;
    private readonly PackedMatrix _packedItems;
    private readonly float[] _lengths;
    private readonly int[] _unknownItems;
    private readonly ConcurrentBag<Tape> _tapes = [];
    private readonly Lazy<RecentSessions> _recent;

    private BehaviourTransformerModel(BehaviourEncoder encoder, Interactions? features, Sequences events, byte[] isKnown)
    {
        this.Encoder = encoder;
        this._features = features;
        this._events = events;
        this._isKnown = isKnown;
        var shape = encoder.Shape;
        var items = encoder.FinalItems(isKnown);
        this.ItemTensor = new Tape(threads: 1, isTraining: false).Constant(shape.Items, shape.Dimensions, items);
        this._table = shape.Scoring.Items(new Tape(threads: 1, isTraining: false), this.ItemTensor);
        this._packedItems = PackedMatrix.FromColumns(this._table.Values, shape.Dimensions, shape.Items, shape.Dimensions);
        this._lengths = new float[shape.Items];
        for (var item = 0; item < shape.Items; item++) this._lengths[item] = MathF.Sqrt(Vectors.Dot(this.ItemTensor.Row(item), this.ItemTensor.Row(item)));
        this._recent = new Lazy<RecentSessions>(() => new RecentSessions(this));
        this._unknownItems = [.. Enumerable.Range(0, shape.Items).Where(item => isKnown[item] == 0 && (features is null || features.CountOf(item) == 0))];
    }

    public override string Name => BehaviourTransformerTrainer.ModelName;

    public override int Users => this._events.Users;

    public override int Items => this.Encoder.Shape.Items;

    /// <summary>Numbers of a shopper's state.</summary>
    public int StateLength => this.Encoder.Shape.Dimensions;

    /// <summary>Kinds of events that are told apart; 0 where training knew none.</summary>
    public int Kinds => this.Encoder.Shape.Kinds;

    internal BehaviourEncoder Encoder { get; }

    /// <summary>What every item is known by, items × dimensions.</summary>
    internal Tensor ItemTensor { get; }

    /// <summary>Of the histories that were asked about lately.</summary>
    internal RecentSessions Recent => this._recent.Value;

    internal static BehaviourTransformerModel Of(BehaviourEncoder encoder, Sequences events) => new(
        encoder, encoder.Features, events, [.. events.CountItems().Select(count => (byte)(count > 0 ? 1 : 0))]);

    /// <summary>What the model knows of a shopper after a history: for ranking, churn, segments. Zeros for an empty one.</summary>
    /// <param name="state"><see cref="StateLength"/> numbers; overwritten.</param>
    public void StateOf(History history, Span<float> state)
    {
        TrainingInput.CheckHistory(this, history);
        if (state.Length != this.StateLength) throw new ArgumentException($"{this.Name}: room for {state.Length} numbers was given; a state has {this.StateLength}.");
        state.Clear();
        if (history.Items.IsEmpty) return;
        var tape = this.TakeTape();
        var states = this.Encoder.Encode(tape, this.ItemTensor, BehaviourBatch.Of(history, this.Encoder.Shape.Length, this.Kinds));
        states.Row(states.Rows - 1).CopyTo(state);
        this.PutBack(tape);
    }

    /// <summary>The probability that the shopper's next event is on an item, among all items that the model knows.</summary>
    /// <param name="history">Not empty.</param>
    /// <param name="probabilities">One per item of <paramref name="items"/>; overwritten. 0 for one that the model does not know.</param>
    public void ProbabilityOfNext(History history, ReadOnlySpan<int> items, Span<float> probabilities)
    {
        foreach (var item in items) TrainingInput.CheckItem(this, item);
        if (probabilities.Length != items.Length) throw new ArgumentException($"{this.Name}: room for {probabilities.Length} probabilities was given; {items.Length} items need one each.");
        if (history.Items.IsEmpty) throw new ArgumentException($"{this.Name}: the history is empty; nothing can be said of the next event. Give at least one event.");
        var scores = new float[this.Items];
        this.ScoreHistory(history, scores);
        var highest = scores.Max();
        var sum = scores.Sum(score => Math.Exp(score - highest));
        for (var i = 0; i < items.Length; i++) probabilities[i] = (float)(Math.Exp(scores[items[i]] - highest) / sum);
    }

    /// <summary>
    /// The probability that the shopper's next event is of a kind, if it is on an item: P(purchase) of a product, where the kind is the purchase. Times
    /// <see cref="ProbabilityOfNext"/> it is the probability of both.
    /// </summary>
    /// <param name="probabilities">One per item; overwritten.</param>
    public void ProbabilityOfKind(History history, byte kind, ReadOnlySpan<int> items, Span<float> probabilities)
    {
        if (kind >= this.Kinds) throw new ArgumentException($"{this.Name}: kind {kind} was not in training; known are {(this.Kinds == 0 ? "none: train on events whose kinds are told" : $"0 to {this.Kinds - 1}")}.");
        foreach (var item in items) TrainingInput.CheckItem(this, item);
        if (probabilities.Length != items.Length) throw new ArgumentException($"{this.Name}: room for {probabilities.Length} probabilities was given; {items.Length} items need one each.");
        var state = new float[this.StateLength];
        this.StateOf(history, state);
        var tape = this.TakeTape();
        var states = tape.New(items.Length, this.StateLength, needsGradient: false);
        for (var i = 0; i < items.Length; i++) state.CopyTo(states.Row(i));
        var found = this.Encoder.KindProbabilities(tape, states, tape.Gather(this.ItemTensor, items.ToArray()));
        for (var i = 0; i < items.Length; i++) probabilities[i] = found.Row(i)[kind];
        this.PutBack(tape);
    }

    /// <summary>Begins to watch a shopper, event by event.</summary>
    public BehaviourSession Watch() => new(this);

    private protected override bool ReadsRows => true;

    private protected override History HistoryOf(int user)
    {
        var first = Math.Max(0, this._events.CountOf(user) - this.Encoder.Shape.Length);
        return new History(this._events.ItemsOf(user)[first..], default, AgesOf(this._events.TimesOf(user)[(this._events.HasTimes ? first : 0)..]), this._events.KindsOf(user)[(this._events.HasKinds ? first : 0)..]);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        if (history.Items.IsEmpty)
        {
            scores.Fill(float.NegativeInfinity);
            return;
        }

        Span<float> state = stackalloc float[this.StateLength];
        if (!this.Recent.TryState(history, state)) this.StateOf(history, state);
        this.ScoreState(state, scores);
    }

    /// <summary>Known users are asked for all at once, to measure: nobody comes back, and nothing is kept.</summary>
    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        Span<float> state = stackalloc float[this.StateLength];
        for (var i = 0; i < users.Length; i++)
        {
            var history = this.HistoryOf(users[i]);
            var row = scores.Slice(i * this.Items, this.Items);
            if (history.Items.IsEmpty)
            {
                row.Fill(float.NegativeInfinity);
                continue;
            }

            this.StateOf(history, state);
            this.ScoreState(state, row);
        }
    }

    /// <summary>Cosine of what the two items are known by.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (this._lengths[item] == 0f) return;
        var own = this.ItemTensor.Row(item);
        for (var other = 0; other < scores.Length; other++) scores[other] = Vectors.Dot(own, this.ItemTensor.Row(other)) / (this._lengths[item] * this._lengths[other]);
        foreach (var unknown in this._unknownItems) scores[unknown] = float.NegativeInfinity;
    }

    /// <summary>
    /// What a score loses when the event is left out of the latest few: attention has no sum over events, so these are shares, not parts. Each needs a
    /// pass of its own, which makes the cost grow with the square of the events.
    /// </summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var count = history.Items.Length;
        var read = BehaviourBatch.Of(history, Math.Min(SequenceModel.ExplainedEvents, this.Encoder.Shape.Length), this.Kinds);
        var length = read.Items.Length;
        if (length < 2) return true;

        // The whole first, then each sequence that lacks one event.
        List<int> places = [.. Enumerable.Range(0, length)];
        List<int> starts = [0, length];
        for (var left = 0; left < length; left++)
        {
            places.AddRange(Enumerable.Range(0, length).Where(place => place != left));
            starts.Add(places.Count);
        }

        var tape = this.TakeTape();
        var batch = new BehaviourBatch(
            [.. places.Select(place => read.Items[place])],
            read.Kinds.Length == 0 ? [] : [.. places.Select(place => read.Kinds[place])],
            [.. places.Select(place => read.Gaps[place])],
            [.. starts],
            [],
            []);
        var states = this.Encoder.Shape.Scoring.States(tape, this.Encoder.Encode(tape, this.ItemTensor, batch));
        for (var row = 0; row < items.Length; row++)
        {
            var item = this._table.Row(items[row]);
            var whole = Vectors.Dot(states.Row(starts[1] - 1), item);
            for (var left = 0; left < length; left++)
                contributions[(row * count) + count - length + left] = whole - Vectors.Dot(states.Row(starts[left + 2] - 1), item);
        }

        this.PutBack(tape);
        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        var shape = this.Encoder.Shape;
        foreach (var number in (int[])[this.Users, shape.Items, shape.Features, shape.Kinds, shape.Dimensions, shape.Blocks, shape.Heads, shape.Length]) writer.Write(number);
        writer.Write(shape.Scoring.Temperature);
        writer.WriteSequences(this._events, shape.Length);
        writer.WriteArray<byte>(this._isKnown);
        if (this._features is not null) writer.WriteSparseRows(this._features);
        foreach (var parameter in this.Encoder.Parameters) writer.WriteArray<float>(parameter.Values);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static BehaviourTransformerModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, BehaviourTransformerTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var featureCount = reader.ReadInt32("the number of features", 0, 1 << 30);
        var kinds = reader.ReadInt32("the number of kinds", 0, 256);
        var dimensions = reader.ReadInt32("dimensions", 4, 2048);
        var blocks = reader.ReadInt32("blocks", 1, 48);
        var heads = reader.ReadInt32("heads", 1, 64);
        var length = reader.ReadInt32("length", 2, 4096);
        var temperature = reader.ReadSingle("the temperature", 0, 1);
        if (dimensions % heads != 0) throw reader.Broken($"{dimensions} dimensions cannot be shared by {heads} heads");
        if ((long)Math.Max(items, featureCount) * dimensions > MostNumbers) throw reader.Broken($"{Math.Max(items, featureCount)} rows of {dimensions} dimensions do not fit in memory");
        var recent = reader.ReadSequences("the events", users, items);
        for (var user = 0; user < users; user++)
        {
            if (recent.CountOf(user) > length) throw reader.Broken($"user {user} has {recent.CountOf(user)} events of which {length} are read");
        }

        if (BehaviourBatch.KindsIn(recent) > kinds) throw reader.Broken($"an event is of a kind beyond the {kinds} that there are");
        var isKnown = reader.ReadArray<byte>("the marks of known items", items);
        if (isKnown.AsSpan().ContainsAnyExcept((byte)0, (byte)1)) throw reader.Broken("a mark of a known item is neither 0 nor 1");
        var features = featureCount == 0 ? null : reader.ReadSparseRows("the features", items, featureCount);
        var shape = new BehaviourShape(items, featureCount, kinds, dimensions, blocks, heads, length, new ItemScoring(temperature));
        var encoder = new BehaviourEncoder(shape, features, dropRate: 0, itemDropRate: 0, seed: 0);
        var numbers = ((long)items + featureCount + (12L * blocks * dimensions)) * dimensions;
        reader.CheckLeft("the weights", numbers * sizeof(float));
        foreach (var parameter in encoder.Parameters) reader.ReadFiniteArray(parameter.Name, parameter.Length).CopyTo(parameter.Values);
        return new BehaviourTransformerModel(encoder, features, recent, isKnown);
    }

    /// <summary>What a state says of all items.</summary>
    internal void ScoreState(ReadOnlySpan<float> state, Span<float> scores)
    {
        var tape = this.TakeTape();
        Gemm.Multiply(this.Encoder.Shape.Scoring.States(tape, tape.Constant(1, state.Length, state)).Values, 1, state.Length, this._packedItems, scores);
        this.PutBack(tape);
        foreach (var item in this._unknownItems) scores[item] = float.NegativeInfinity;
    }

    /// <summary>In days, at the time of the user's last event; empty where times are unknown.</summary>
    private static float[] AgesOf(ReadOnlySpan<long> times)
    {
        var ages = new float[times.Length];
        for (var i = 0; i < ages.Length; i++) ages[i] = (times[^1] - times[i]) / 86_400f;
        return ages;
    }

    internal Tape TakeTape()
    {
        if (!this._tapes.TryTake(out var tape)) tape = new Tape(threads: 1, isTraining: false);
        tape.Begin(0);
        return tape;
    }

    internal void PutBack(Tape tape) => this._tapes.Add(tape);
}
