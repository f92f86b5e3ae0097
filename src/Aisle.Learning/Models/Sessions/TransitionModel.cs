using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>What a <see cref="TransitionModel"/> makes of its counts; see the trainers for the equations.</summary>
/// <param name="HistoryWeights">By events back; what lies farther back does not count.</param>
internal sealed record TransitionSettings(
    PairWeights Pairs, float[] HistoryWeights, float SourcePower, float TargetPower, float SecondStep, int SecondStepItems)
{
    /// <summary>Most events that any of the weights may reach over.</summary>
    public const int LongestReach = 10_000;

    public void Save(ModelWriter writer)
    {
        writer.Write(this.Pairs.DistanceWeights.Length);
        writer.WriteArray<float>(this.Pairs.DistanceWeights);
        writer.WriteArray([this.Pairs.Scale]);
        writer.Write(this.HistoryWeights.Length);
        writer.WriteArray<float>(this.HistoryWeights);
        foreach (var value in new[] { this.Pairs.Backward, this.SourcePower, this.TargetPower, this.SecondStep }) writer.Write(value);
        writer.Write(this.SecondStepItems);
    }

    public static TransitionSettings Load(ModelReader reader)
    {
        var distances = reader.ReadFiniteArray("the weights by distance", reader.ReadInt32("the longest distance", 1, LongestReach));
        var scale = reader.ReadArray<double>("the scale of ages", 1)[0];
        if (!(scale >= 0 && double.IsFinite(scale))) throw reader.Broken($"the scale of ages is {scale}");
        var history = reader.ReadFiniteArray("the weights by events back", reader.ReadInt32("the longest history", 1, LongestReach));
        var pairs = new PairWeights(distances, reader.ReadSingle("backwardWeight", 0, 10), scale);
        if (distances.AsSpan().ContainsAnyInRange(float.MinValue, -float.Epsilon) || history.AsSpan().ContainsAnyInRange(float.MinValue, -float.Epsilon))
            throw reader.Broken("a weight is negative");
        return new TransitionSettings(
            pairs,
            history,
            reader.ReadSingle("sourcePower", 0, 2),
            reader.ReadSingle("targetPower", 0, 2),
            reader.ReadSingle("secondStep", 0, 100),
            reader.ReadInt32("secondStepItems", 1, 10_000));
    }
}

/// <summary>
/// Scores by counts of what stands near what in sequences. Items that are not reached from the history are unknown and score −∞.
/// Keeps the training sequences to score known users and to go on counting.
/// </summary>
internal sealed class TransitionModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    private readonly TransitionSettings _settings;
    private readonly Sequences _sequences;
    private readonly Interactions _counts;

    /// <summary>By item: (Σ of its row of counts)^(−sourcePower), and its occurrences^(−targetPower).</summary>
    private readonly float[] _sourceWeights;
    private readonly float[] _targetWeights;

    /// <summary>By item: 1 / Σ_j count · target weight; 0 for an empty row.</summary>
    private readonly float[] _rowShares;

    private readonly ConcurrentBag<Scratch> _scratches = [];

    private TransitionModel(string name, TransitionSettings settings, Sequences sequences, Interactions counts)
    {
        this.Name = name;
        this._settings = settings;
        this._sequences = sequences;
        this._counts = counts;
        this._targetWeights = Array.ConvertAll(sequences.CountItems(), count => MathF.Pow(Math.Max(1, count), -settings.TargetPower));
        this._sourceWeights = new float[sequences.Items];
        this._rowShares = new float[sequences.Items];
        for (var item = 0; item < sequences.Items; item++)
        {
            var others = counts.ItemsOf(item);
            var weights = counts.WeightsOf(item);
            double sum = 0, weighted = 0;
            for (var i = 0; i < others.Length; i++)
            {
                sum += weights[i];
                weighted += weights[i] * this._targetWeights[others[i]];
            }

            this._sourceWeights[item] = sum > 0 ? (float)Math.Pow(sum, -settings.SourcePower) : 0f;
            this._rowShares[item] = weighted > 0 ? (float)(1 / weighted) : 0f;
        }
    }

    public override string Name { get; }

    public override int Users => this._sequences.Users;

    public override int Items => this._sequences.Items;

    public static TransitionModel Fit(string name, TransitionSettings settings, Sequences sequences, FitContext context) =>
        new(name, settings, sequences, TransitionCounts.Count(name, sequences, settings.Pairs, default, context));

    private protected override bool ReadsRows => true;

    /// <summary>As for a history that is the user's sequence of training.</summary>
    private protected override History HistoryOf(int user) => new History(this._sequences.ItemsOf(user));

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var scratch = this.Take();
        var touched = this.FirstStep(history, scratch);
        var through = this._settings.SecondStep > 0 ? Best(scratch, touched).ToArray() : [];
        this.Return(scratch, touched);
        for (var place = 0; place < history.Items.Length; place++)
        {
            var weight = this.HistoryWeight(history, place);
            if (weight == 0f) continue;
            for (var row = 0; row < items.Length; row++)
            {
                var share = weight * this.CountOf(history.Items[place], items[row]);
                foreach (var via in through)
                {
                    share += this._settings.SecondStep * weight * this.CountOf(history.Items[place], via) * this._targetWeights[via]
                        * this._rowShares[via] * this.CountOf(via, items[row]);
                }

                contributions[(row * history.Items.Length) + place] = share * this._targetWeights[items[row]];
            }
        }

        return true;
    }

    /// <summary>
    /// Adds the pairs that the new events make, those with a user's earlier events among them: the counts are those of a fit on all
    /// together, but for the time scale of ages, which stays that of the first fit.
    /// </summary>
    public IModel Update(Dataset added, FitContext context)
    {
        TrainingInput.Check(this.Name, added, context);
        var all = this._sequences.Append(TrainingInput.CheckOrder(this.Name, added));
        if (all.HasTimes != this._sequences.HasTimes)
            throw new ArgumentException($"{this.Name}: the model was fitted on events with times, but those added have none. Give them times, or fit anew on all together.");
        var known = Enumerable.Range(0, this.Users).Select(this._sequences.CountOf).ToArray();
        var pairs = TransitionCounts.Count(this.Name, all, this._settings.Pairs, known, context);
        var scale = this._settings.Pairs.Scale;
        var aged = scale > 0 ? (float)Math.Exp(-(TransitionCounts.Latest(all) - (double)TransitionCounts.Latest(this._sequences)) / scale) : 1f;
        return new TransitionModel(this.Name, this._settings, all, TransitionCounts.Aged(this._counts, all.Items, aged).With(pairs));
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        this._settings.Save(writer);
        writer.WriteSequences(this._sequences);
        writer.WriteSparseRows(this._counts);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static TransitionModel Load(string name, Stream stream)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var settings = TransitionSettings.Load(reader);
        var sequences = reader.ReadSequences("the sequences", users, items);
        var counts = reader.ReadSparseRows("the counts", items, items);
        var wrong = counts.AllWeights.IndexOfAnyExceptInRange(float.Epsilon, float.MaxValue);
        return wrong < 0 ? new TransitionModel(name, settings, sequences, counts) : throw reader.Broken($"a count is {counts.AllWeights[wrong]}");
    }

    /// <summary>The history must be in order, oldest first: its latest items count most.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        var scratch = this.Take();
        var touched = this.FirstStep(history, scratch);
        if (this._settings.SecondStep > 0)
        {
            var through = Best(scratch, touched);
            for (var i = 0; i < through.Length; i++) scratch.Through[i] = scratch.Sums[through[i]] * this._settings.SecondStep * this._rowShares[through[i]];
            for (var i = 0; i < through.Length; i++) this.Add(through[i], scratch.Through[i], scratch, ref touched);
        }

        foreach (var item in scratch.Touched.AsSpan(0, touched)) scores[item] = scratch.Sums[item];
        this.Return(scratch, touched);
    }

    /// <summary>What is reached directly, in the scratch's sums.</summary>
    /// <returns>How many items that are.</returns>
    private int FirstStep(History history, Scratch scratch)
    {
        var touched = 0;
        for (var place = history.Items.Length - 1; place >= 0 && history.Items.Length - 1 - place < this._settings.HistoryWeights.Length; place--)
            this.Add(history.Items[place], this.HistoryWeight(history, place), scratch, ref touched);
        return touched;
    }

    private void Add(int source, float weight, Scratch scratch, ref int touched)
    {
        var others = this._counts.ItemsOf(source);
        var counts = this._counts.WeightsOf(source);
        for (var i = 0; i < others.Length; i++)
        {
            var share = weight * counts[i] * this._targetWeights[others[i]];
            if (share == 0f) continue;
            ref var sum = ref scratch.Sums[others[i]];
            if (sum == 0f) scratch.Touched[touched++] = others[i];
            sum += share;
        }
    }

    /// <summary>The items of the first step from which the second goes on.</summary>
    private static ReadOnlySpan<int> Best(Scratch scratch, int touched)
    {
        // In the order of items, so that ties are decided by it.
        Array.Sort(scratch.Touched, 0, touched);
        for (var i = 0; i < touched; i++) scratch.Values[i] = scratch.Sums[scratch.Touched[i]];
        var best = scratch.Best.AsSpan(0, TopK.Select(scratch.Values.AsSpan(0, touched), scratch.Best, scratch.Through));
        foreach (ref var place in best) place = scratch.Touched[place];
        return best;
    }

    private float HistoryWeight(History history, int place)
    {
        var back = history.Items.Length - 1 - place;
        return back >= this._settings.HistoryWeights.Length ? 0f
            : this._settings.HistoryWeights[back] * this._sourceWeights[history.Items[place]];
    }

    private float CountOf(int source, int target)
    {
        var at = this._counts.ItemsOf(source).BinarySearch(target);
        return at < 0 ? 0f : this._counts.WeightsOf(source)[at];
    }

    private Scratch Take() => this._scratches.TryTake(out var scratch) ? scratch : new Scratch(this.Items, this._settings.SecondStepItems);

    private void Return(Scratch scratch, int touched)
    {
        foreach (var item in scratch.Touched.AsSpan(0, touched)) scratch.Sums[item] = 0f;
        this._scratches.Add(scratch);
    }

    /// <summary>What one question needs; kept for the next.</summary>
    private sealed class Scratch(int items, int secondStepItems)
    {
        /// <summary>All 0 between questions.</summary>
        public readonly float[] Sums = new float[items];
        public readonly int[] Touched = new int[items];
        public readonly float[] Values = new float[items];
        public readonly int[] Best = new int[secondStepItems];
        public readonly float[] Through = new float[secondStepItems];
    }
}
