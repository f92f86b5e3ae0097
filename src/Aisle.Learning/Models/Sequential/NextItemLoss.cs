using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>How far the encoder's states are from telling the item that comes next.</summary>
internal sealed class NextItemLoss(SequenceOptions options, ISequenceEncoder encoder)
{
    /// <summary>Tells the draws from other random numbers of the same seed.</summary>
    private const int DrawStream = 0x4452;

    private readonly int _items = encoder.Shape.Items;

    public Tensor Of(Tape tape, SequenceBatch batch)
    {
        var states = encoder.Encode(tape, batch.Items, batch.Starts);
        if (batch.Asked is not null) states = tape.Gather(states, batch.Asked);
        if (options.Loss == SequenceLoss.Softmax) return tape.CatalogueSoftmax(states, encoder.Items, batch.Targets);

        // The paper's loss compares with one item; the others with as many as are asked for.
        var candidates = this.Candidates(tape, batch.Targets, out var isMet);
        var count = options.Negatives + 1;
        var scores = tape.CandidateScores(states, encoder.Items, candidates, count);
        if (options.Loss is SequenceLoss.SampledSoftmax or SequenceLoss.LargestPairwise)
        {
            var without = tape.Constant(scores.Rows, scores.Columns, [.. isMet.Select(met => met ? float.NegativeInfinity : 0f)]);
            var apart = tape.Add(scores, without);
            return options.Loss == SequenceLoss.SampledSoftmax ? tape.FirstOfRow(apart) : tape.LargestPairwise(apart, (float)options.ScorePenalty);
        }

        // Draws that met the target say nothing. β weighs the target so that its probability stays calibrated (gSASRec, equation 8).
        var share = (double)options.Negatives / Math.Max(1, this._items - 1);
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
        var count = options.Negatives + 1;
        var candidates = new int[targets.Length * count];
        isMet = new bool[candidates.Length];
        var random = new RandomStream(options.Seed, DrawStream, unchecked((int)tape.Step));
        random.Skip(tape.FirstRow * options.Negatives);
        for (var row = 0; row < targets.Length; row++)
        {
            candidates[row * count] = targets[row];
            for (var j = 1; j < count; j++)
            {
                var drawn = random.Below(this._items);
                candidates[(row * count) + j] = drawn;
                isMet[(row * count) + j] = drawn == targets[row];
            }
        }

        return candidates;
    }
}
