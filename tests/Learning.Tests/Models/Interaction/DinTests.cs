using Aisle.Learning.Data;
using Aisle.Learning.Models;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Neural;

namespace Aisle.Learning.Tests.Models;

public class DinTests : ModelContract
{
    private protected override ITrainer Trainer => new DinTrainer(new DinOptions { Dimensions = 8, AttentionHidden = 4, Hidden = 8, HistoryLength = 6, Negatives = 3, Epochs = 5, BatchSize = 64, LearningRate = 0.03 });

    private protected override string OptionsJson => """{"dimensions":16,"attentionHidden":8,"hidden":8,"historyLength":5,"loss":"logistic","negatives":2,"dropout":0.1,"epochs":2}""";

    private protected override bool ExplanationsAddUp => false;

    [Fact]
    public void Scores_ByHand_WeighEventsByTheItem()
    {
        // One number an item, one attention unit: a = 2 · relu(h + 10 c + 3 h c) + 1; v = Σ a h / √n; dense is nothing, so that the score is v · c.
        var (network, _) = Plain();
        var tape = new Tape(1);
        var inputs = tape.Constant(3, 1, [1f, 2f, 0.5f]);
        var scores = network.Scores(tape, inputs, [0, 2], [0, 1], isOrdered: false, [2], 1, 0f);

        // h = 1: relu(1 + 5 + 1.5) = 7.5, a = 16; h = 2: relu(2 + 5 + 3) = 10, a = 21; v = (16 + 42) / √2.
        ((double)scores.Values[0]).ShouldBe(58 / Math.Sqrt(2) * 0.5, 1e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ScoreBlock_AnyHistory_IsWhatTheTrainingComputes(bool isOrdered)
    {
        var source = new ParameterSource(5);
        var network = new DinNetwork(source, new DinShape(9, 6, 5, 7, 4));
        foreach (var parameter in source.Made)
        {
            // Ages and biases begin alike; here they differ.
            var random = new RandomStream(parameter.Length, 1);
            foreach (ref var value in parameter.Values) value += 0.3f * random.Normal();
        }

        var tape = new Tape(2, isTraining: false);
        var inputs = Gradients.Random("inputs", 9, 6, 3);
        int[] history = [4, 0, 7, 4], items = [.. Enumerable.Range(0, 9)];
        var slow = network.Scores(tape, inputs, [0, 4], history, isOrdered, items, 9, 0f).Values.ToArray();
        var fast = network.ScoreBlock(tape, inputs, tape.Gather(inputs, history), isOrdered).Values.ToArray();
        for (var i = 0; i < slow.Length; i++) ((double)fast[i]).ShouldBe(slow[i], 1e-4);
    }

    [Fact]
    public void Scores_SmoothPart_PassesGradientsBack()
    {
        var source = new ParameterSource(5);
        var network = new DinNetwork(source, new DinShape(6, 3, 4, 5, 4));
        var inputs = Gradients.Random("inputs", 6, 3, 3, scale: 0.3f);

        // Far above the bend of every ReLU, where differences would see both sides.
        foreach (var parameter in source.Made.Where(parameter => parameter.Name is "attention.bias" or "dense.bias0")) parameter.Values.Fill(9f);
        foreach (var parameter in source.Made.Where(parameter => parameter.Name is "attention.weights")) parameter.Values.Fill(0.1f);
        Gradients.Check([inputs, .. source.Made], tape => tape.Weigh(network.Scores(tape, inputs, [0, 2, 3], [0, 1, 4], isOrdered: true, [2, 3, 5, 0], 2, 0f)), tolerance: 1e-2);
    }

    [Fact]
    public void Fit_OrderedData_ReadsTheLatestEvents()
    {
        // Whoever touched item k last touches k + 1 next.
        var random = new Random(3);
        var rows = Enumerable.Range(0, 120).Select(_ =>
        {
            var start = random.Next(12);
            return Enumerable.Range(0, 6).Select(i => (start + i) % 12).ToArray();
        }).ToArray();
        var model = new DinTrainer(new DinOptions { Dimensions = 8, AttentionHidden = 8, HistoryLength = 4, Epochs = 30, BatchSize = 32, LearningRate = 0.02 })
            .Fit(OrderedData.Of(12, rows), new FitContext { Threads = 1 });
        var right = Enumerable.Range(0, 12).Count(item =>
        {
            var scores = Folded(model, [(item + 10) % 12, (item + 11) % 12, item], []);
            return Best(scores, [(item + 10) % 12, (item + 11) % 12, item]) == (item + 1) % 12;
        });
        right.ShouldBeGreaterThan(9);
    }

    private static (DinNetwork Network, ParameterSource Source) Plain()
    {
        var source = new ParameterSource(1);
        var network = new DinNetwork(source, new DinShape(3, 1, 1, 1, 4));
        foreach (var parameter in source.Made) parameter.Values.Clear();
        void Set(string name, float value) => source.Made.First(parameter => parameter.Name == name).Values[0] = value;
        Set("attention.events", 1);
        Set("attention.items", 10);
        Set("attention.products", 3);
        Set("attention.weights", 2);
        Set("attention.constant", 1);
        return (network, source);
    }
}

public sealed class DinWithContentTests : ModelContract
{
    private protected override ITrainer Trainer => new DinTrainer(new DinOptions { Dimensions = 8, AttentionHidden = 4, Hidden = 8, Loss = DrawnLoss.Logistic, HistoryLength = 6, Negatives = 3, Epochs = 5, BatchSize = 64, LearningRate = 0.03 });

    private protected override string OptionsJson => """{"idDropout":0.5,"mostTerms":500}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithAll(interactions);
}
