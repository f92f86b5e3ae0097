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

    [Fact]
    public void MultiplyRow_BothSides_PassGradientsBack()
    {
        Parameter x = Random("x", 5, 7, 1), row = Random("row", 1, 7, 2);
        Check([x, row], tape => tape.Weigh(tape.MultiplyRow(x, row)));
    }

    [Fact]
    public void DropRows_HalfOfThem_PassesGradientsBackOfTheRest()
    {
        var own = Random("own", 9, 5, 2);
        Check([own], tape => tape.Weigh(tape.DropRows(own, 0.5f)));
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

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(21)]
    public void Recur_SeveralSequences_PassesGradientsBack(int width)
    {
        var order = TimeOrder.Of([0, 3, 3, 4, 9]);
        Parameter inputs = Random("inputs", 9, 3 * width, 1), weight = Random("weight", width, 3 * width, 2, scale: 0.5f), bias = Random("bias", 1, width, 3);
        Check([inputs, weight, bias], tape => tape.Weigh(tape.Recur(inputs, weight, bias, order)));
    }

    [Fact]
    public void LargestPairwise_AnyScores_PassesGradientsBack()
    {
        var scores = Random("scores", 5, 6, 1, scale: 2f);
        Check([scores], tape => tape.LargestPairwise(scores, penalty: 0f));
        Check([scores], tape => tape.LargestPairwise(scores, penalty: 0.5f), tolerance: 5e-3);
    }

    [Fact]
    public void LargestPairwise_CandidatesLeftOut_TakeNoPart()
    {
        var tape = new Tape(1);
        const float Out = float.NegativeInfinity;
        var one = tape.LargestPairwise(tape.Constant(1, 3, [1f, 2f, Out]), penalty: 0.5f).Values[0];
        ((double)one).ShouldBe(Math.Log(1 + Math.E) + (0.5 * 4), 1e-5);
        tape.LargestPairwise(tape.Constant(1, 2, [1f, Out]), penalty: 0.5f).Values[0].ShouldBe(0f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Convolution_SeveralSequences_PassesGradientsBack(int height)
    {
        int[] starts = [0, 3, 3, 4, 9];
        Parameter x = Random("x", 9, 4, 1), weight = Random("weight", height * 4, 3, 2), filters = Random("filters", 2, height, 3);
        Check([x, weight], tape => tape.Weigh(tape.Linear(tape.Unfold(x, starts, height), weight)));
        Check([x, filters], tape => tape.Weigh(tape.WeighLast(x, starts, filters)));

        // Numbers far enough apart that a small move changes no maximum.
        for (var i = 0; i < x.Length; i++) x.Values[i] = 0.1f * (i * 17 % 36);
        Check([x], tape => tape.Weigh(tape.LargestOfLast(x, starts, height)));
    }

    [Fact]
    public void Convolution_KnownNumbers_GivesKnownAnswers()
    {
        var tape = new Tape(1);
        var x = tape.Constant(4, 1, [1f, 3f, 2f, 5f]);
        int[] starts = [0, 3, 4];
        tape.Unfold(x, starts, 2).Values.ToArray().ShouldBe([0f, 1f, 1f, 3f, 3f, 2f, 0f, 5f]);
        tape.LargestOfLast(x, starts, 2).Values.ToArray().ShouldBe([1f, 3f, 3f, 5f]);
        tape.WeighLast(x, starts, tape.Constant(1, 2, [10f, 1f])).Values.ToArray().ShouldBe([1f, 13f, 32f, 5f]);
    }

    /// <summary>torch.nn.GRU (PyTorch 1.13, double), its input weights the identity and its biases 0 but for that of the candidate's product.</summary>
    [Fact]
    public void Recur_KnownNumbers_EqualsPyTorch()
    {
        static void Fill(Parameter parameter, double phase)
        {
            for (var i = 0; i < parameter.Length; i++) parameter.Values[i] = (float)Math.Sin(phase + (i * 0.7));
        }

        Parameter inputs = new("inputs", 3, 6), weight = new("weight", 2, 6), bias = new("bias", 1, 2), slopes = new("slopes", 3, 2);
        Fill(inputs, 1);
        Fill(weight, 2);
        Fill(bias, 3);
        Fill(slopes, 4);
        var tape = new Tape(1);
        tape.Begin(0);
        var states = tape.Recur(inputs, weight, bias, TimeOrder.Of([0, 3]));
        tape.Backward(tape.Sum(tape.Multiply(states, tape.Constant(3, 2, slopes.Values))));
        Equal(states.Values, [-0.1593525f, -0.4295404f, 0.3205424f, -0.0952249f, -0.2652258f, 0.0240407f]);
        Equal(inputs.Gradient, [-0.0100129f, 0.0091965f, -0.1358804f, -0.1709811f, -0.3370863f, -0.0879437f, -0.0054706f, -0.0000915f, 0.2506028f, -0.0011189f, -0.2257437f, 0.0013684f, -0.0158723f, -0.1225692f, 0.0693412f, -0.0254276f, 0.2997268f, 0.7222646f]);
        Equal(weight.Gradient, [-0.004216f, -0.039274f, -0.0177074f, -0.0079723f, 0.0654825f, 0.0849986f, 0.0038613f, 0.0117109f, -0.114247f, 0.002902f, 0.0096546f, -0.0254688f]);
        Equal(bias.Gradient, [-0.122643f, 0.2017076f]);

        static void Equal(Span<float> actual, float[] expected) => Numbers.LargestDifference(actual.ToArray(), expected).ShouldBeLessThan(2e-6);
    }
}
