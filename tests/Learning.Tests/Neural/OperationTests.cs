using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;
using static Aisle.Learning.Tests.Neural.Gradients;

namespace Aisle.Learning.Tests.Neural;

/// <summary>The gradient of every operation against finite differences, with one thread and with several.</summary>
public sealed class OperationTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(9, 5, 3)]
    [InlineData(17, 32, 40)]
    public void Linear_AnyShape_PassesGradientsBack(int rows, int inputs, int outputs)
    {
        Parameter x = Random("x", rows, inputs, 1), w = Random("w", inputs, outputs, 2), b = Random("b", 1, outputs, 3);
        Check([x, w, b], tape => tape.Weigh(tape.Linear(x, w, b)));
    }

    [Fact]
    public void ProductTransposed_BothSides_PassGradientsBack()
    {
        Parameter a = Random("a", 5, 7, 1), b = Random("b", 9, 7, 2);
        Check([a, b], tape => tape.Weigh(tape.ProductTransposed(a, b)));
    }

    [Fact]
    public void RowDots_BothSides_PassGradientsBack()
    {
        Parameter a = Random("a", 5, 7, 1), b = Random("b", 5, 7, 2);
        Check([a, b], tape => tape.Weigh(tape.RowDots(a, b)));
    }

    [Fact]
    public void CandidateScores_RepeatedCandidates_PassGradientsBack()
    {
        Parameter x = Random("x", 4, 6, 1), table = Random("table", 5, 6, 2, isTable: true);
        int[] candidates = [0, 1, 1, 4, 4, 4, 2, 0, 3, 3, 1, 0];
        Check([x, table], tape => tape.Weigh(tape.CandidateScores(x, table, candidates, 3)));
    }

    [Fact]
    public void Gather_RepeatsAndAbsentRows_PassGradientsBack()
    {
        var table = Random("table", 6, 5, 1, isTable: true);
        Check([table], tape => tape.Weigh(tape.Gather(table, [3, -1, 3, 0, 5])));
        tape_LeavesAbsentRowsZero();

        void tape_LeavesAbsentRowsZero()
        {
            var tape = new Tape(1);
            tape.Gather(table, [-1, 2]).Row(0).ToArray().ShouldAllBe(value => value == 0f);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GatherBags_EmptyAndRepeated_PassGradientsBack(bool isMean)
    {
        var table = Random("table", 6, 5, 1, isTable: true);
        Check([table], tape => tape.Weigh(tape.GatherBags(table, [0, 2, 2, 5], [1, 4, 0, 4, 4], isMean)));
    }

    [Fact]
    public void SumFeaturesAndDropRows_SharedFeatures_PassGradientsBack()
    {
        Parameter table = Random("table", 4, 5, 1, isTable: true), own = Random("own", 3, 5, 2);
        var features = new FeatureRows(Interactions.From(3, 4, [0, 0, 2, 2, 2], [1, 3, 0, 1, 3], [1f, 0.5f, 2f, 1f, 0.25f]));
        Check([table, own], tape => tape.Weigh(tape.Add(tape.DropRows(own, 0.5f), tape.SumFeatures(features, table))));
    }

    [Fact]
    public void Activations_Smooth_PassGradientsBack()
    {
        var x = Random("x", 3, 21, 1, scale: 3f);
        Check([x], tape => tape.Weigh(tape.Activate<Gelu>(x)));
        Check([x], tape => tape.Weigh(tape.Activate<Silu>(x)));
        Check([x], tape => tape.Weigh(tape.Activate<Sigmoid>(x)));
        Check([x], tape => tape.Weigh(tape.Activate<Tanh>(x)));
        Check([x], tape => tape.Weigh(tape.Activate<Exponential>(x)));
    }

    [Fact]
    public void Relu_AwayFromZero_PassesGradientsBack()
    {
        var x = new Parameter("x", 1, 4);
        ((float[])[-2f, -0.5f, 0.5f, 2f]).CopyTo(x.Values);
        Check([x], tape => tape.Weigh(tape.Activate<Relu>(x)));
    }

    [Fact]
    public void AddMultiplyScale_SharedInputs_PassGradientsBack()
    {
        Parameter a = Random("a", 4, 5, 1), b = Random("b", 4, 5, 2), row = Random("row", 1, 5, 3);
        Check([a, b, row], tape => tape.Weigh(tape.AddRow(tape.Scale(tape.Multiply(tape.Add(a, b, -0.5f), a), 3f), row)));
    }

    [Fact]
    public void Arrangement_PartsAndTranspose_PassGradientsBack()
    {
        Parameter a = Random("a", 4, 3, 1), b = Random("b", 4, 2, 2);
        Check([a, b], tape => tape.Weigh(tape.Transpose(tape.Columns(tape.Concat(a, b, a), 2, 4))));
        Check([a], tape => tape.Weigh(tape.Reshape(a, 2, 6)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(37)]
    public void Norms_AnyWidth_PassGradientsBack(int columns)
    {
        Parameter x = Random("x", 6, columns, 1), gain = Random("gain", 1, columns, 2), bias = Random("bias", 1, columns, 3);
        Check([x, gain, bias], tape => tape.Weigh(tape.LayerNorm(x, gain, bias)), tolerance: 1e-2);
        Check([x, gain], tape => tape.Weigh(tape.RmsNorm(x, gain)), tolerance: 1e-2);
    }

    [Fact]
    public void Dropout_SameStep_DropsTheSameAndPassesGradientsBack()
    {
        Parameter x = Random("x", 7, 11, 1), residual = Random("residual", 7, 11, 2);
        Check([x, residual], tape => tape.Weigh(tape.AddDropped(residual, tape.Dropout(x, 0.3f), 0.5f)));
    }

    [Theory]
    [InlineData(1, true, 0f)]
    [InlineData(2, true, 0f)]
    [InlineData(2, false, 0f)]
    [InlineData(3, true, 0.3f)]
    public void Attend_SeveralSequences_PassesGradientsBack(int heads, bool isCausal, float drop)
    {
        Parameter inputs = Random("inputs", 14, 3 * heads * 5, 1), bias = Random("bias", heads, 4, 2);
        Check([inputs, bias], tape => tape.Weigh(tape.Attend(inputs, [0, 3, 3, 4, 14], heads, isCausal, drop, bias)));
    }

    [Fact]
    public void Attend_LongSequence_EqualsReference()
    {
        foreach (var (heads, width) in ((int, int)[])[(1, 64), (2, 50), (4, 32)])
        {
            var shape = new AttentionShape([0, 41, 42, 130], heads, width, IsCausal: true, DropRate: 0.2f, Key: 12345);
            var inputs = Numbers.Random(130 * 3 * width, 1);
            var bias = Numbers.Random(heads * 20, 2);
            var (actual, expected) = (new float[130 * width], new float[130 * width]);
            SegmentAttention.Apply(shape, inputs, bias, new float[shape.WeightStarts[^1]], actual, threads: 2);
            SegmentAttention.ApplyReference(shape, inputs, bias, expected);
            Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-5);
        }
    }

    [Fact]
    public void CatalogueSoftmax_SeveralBlocks_PassesGradientsBack()
    {
        Parameter x = Random("x", 70, 6, 1), table = Random("table", 9, 6, 2, isTable: true), bias = Random("bias", 1, 9, 3);
        int[] targets = [.. Enumerable.Range(0, 70).Select(i => i * 5 % 9)];
        Check([x, table, bias], tape => tape.CatalogueSoftmax(x, table, targets, bias), tolerance: 1e-3);
    }

    [Fact]
    public void CatalogueSoftmax_KnownScores_GivesTheKnownLoss()
    {
        var table = new Parameter("table", 3, 1);
        ((float[])[0f, 1f, 2f]).CopyTo(table.Values);
        var tape = new Tape(1);
        var loss = tape.CatalogueSoftmax(tape.Constant(1, 1, [1f]), table, [2]);
        ((double)loss.Values[0]).ShouldBe(-Math.Log(Math.Exp(2) / (1 + Math.E + Math.Exp(2))), 1e-6);
    }

    [Fact]
    public void SampledLosses_AnyScores_PassGradientsBack()
    {
        Parameter scores = Random("scores", 5, 4, 1, scale: 2f), positives = Random("positives", 5, 1, 2);
        var labels = Numbers.Random(20, 3).Select(value => value > 0 ? 1f : 0f).ToArray();
        var weights = Numbers.Random(20, 4).Select(Math.Abs).ToArray();
        Check([scores], tape => tape.FirstOfRow(scores));
        Check([scores], tape => tape.BinaryCrossEntropy(scores, labels, weights));
        Check([scores, positives], tape => tape.PairwiseRanking(positives, scores));
        Check([scores], tape => tape.SquaredError(scores, labels, weights));
        Check([scores], tape => tape.SquaredNorm(scores));
    }

    [Fact]
    public void FirstOfRow_CandidateLeftOut_TakesNoPart()
    {
        var tape = new Tape(1);
        var all = tape.FirstOfRow(tape.Constant(1, 2, [1f, 2f])).Values[0];
        tape.FirstOfRow(tape.Constant(1, 3, [1f, 2f, float.NegativeInfinity])).Values[0].ShouldBe(all, 1e-6f);
    }
}
