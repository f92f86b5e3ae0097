using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>How far the encoder's states are from telling the item that comes next.</summary>
internal sealed class NextItemLoss
{
    /// <summary>Tells the draws from other random numbers of the same seed.</summary>
    private const int DrawStream = 0x4452;

    private readonly SequenceOptions _options;
    private readonly ISequenceEncoder _encoder;
    private readonly CandidateItems _drawn;
    private readonly SharedDraws? _shared;

    /// <summary>By item: what is added to its score where it was drawn.</summary>
    private readonly float[]? _corrections;

    /// <param name="popularity">By item: how often it was met.</param>
    public NextItemLoss(SequenceOptions options, ISequenceEncoder encoder, int[] popularity)
    {
        this._options = options;
        this._encoder = encoder;
        int[] known = [.. Enumerable.Range(0, popularity.Length).Where(item => popularity[item] > 0)];
        this._drawn = CandidateItems.Of(known, popularity, (float)options.DrawExponent);
        if (options.Loss == SequenceLoss.SharedSoftmax) this._shared = new SharedDraws(popularity, options.Negatives, options.DrawExponent, options.Seed);
        if (options.Loss != SequenceLoss.SampledSoftmax || !options.CorrectDraws) return;
        var all = known.Sum(item => Math.Pow(popularity[item], options.DrawExponent));
        this._corrections = new float[popularity.Length];
        foreach (var item in known) this._corrections[item] = -(float)Math.Log(options.Negatives * Math.Pow(popularity[item], options.DrawExponent) / all);
    }

    public Tensor Of(Tape tape, SequenceBatch batch)
    {
        var options = this._options;
        var states = this._encoder.Encode(tape, batch.Items, batch.Starts);
        if (batch.Asked is not null) states = tape.Gather(states, batch.Asked);
        states = options.Scoring.States(tape, states);
        var items = options.Scoring.Items(tape, this._encoder.Items);
        if (options.Loss == SequenceLoss.Softmax) return tape.CatalogueSoftmax(states, items, batch.Targets);
        if (this._shared is not null) return this._shared.Softmax(tape, states, items, batch.Targets);

        // The paper's loss compares with one item; the others with as many as are asked for.
        var candidates = this.Candidates(tape, batch.Targets, out var isMet);
        var count = options.Negatives + 1;
        var scores = tape.CandidateScores(states, items, candidates, count);
        if (options.Loss is SequenceLoss.SampledSoftmax or SequenceLoss.LargestPairwise)
        {
            var without = new float[candidates.Length];
            for (var i = 0; i < without.Length; i++)
            {
                if (isMet[i]) without[i] = float.NegativeInfinity;
                else if (this._corrections is not null && i % count > 0) without[i] = this._corrections[candidates[i]];
            }

            var apart = tape.Add(scores, tape.Constant(scores.Rows, scores.Columns, without));
            return options.Loss == SequenceLoss.SampledSoftmax ? tape.FirstOfRow(apart) : tape.LargestPairwise(apart, (float)options.ScorePenalty);
        }

        // Draws that met the target say nothing. β weighs the target so that its probability stays calibrated (gSASRec, equation 8).
        var share = (double)options.Negatives / Math.Max(1, this._drawn.Items.Length - 1);
        var beta = options.Loss == SequenceLoss.GeneralisedBinaryCrossEntropy ? (share * ((options.Calibration * (1 - (1 / share))) + (1 / share))) : 1.0;
        float[] labels = new float[candidates.Length], weights = new float[candidates.Length];
        for (var i = 0; i < candidates.Length; i++)
        {
            var isTarget = i % count == 0;
            labels[i] = isTarget ? 1f : 0f;
            weights[i] = isTarget ? (float)beta : isMet[i] ? 0f : 1f;
        }

        return tape.BinaryCrossEntropy(scores, labels, weights);
    }

    /// <summary>Each target followed by the items drawn for it.</summary>
    private int[] Candidates(Tape tape, int[] targets, out bool[] isMet)
    {
        var count = this._options.Negatives + 1;
        var candidates = new int[targets.Length * count];
        isMet = new bool[candidates.Length];
        var random = new RandomStream(this._options.Seed, DrawStream, unchecked((int)tape.Step));
        random.Skip(tape.FirstRow * this._options.Negatives * this._drawn.NumbersPerDraw);
        for (var row = 0; row < targets.Length; row++)
        {
            candidates[row * count] = targets[row];
            for (var j = 1; j < count; j++)
            {
                var drawn = this._drawn.Draw(ref random);
                candidates[(row * count) + j] = drawn;
                isMet[(row * count) + j] = drawn == targets[row];
            }
        }

        return candidates;
    }
}
