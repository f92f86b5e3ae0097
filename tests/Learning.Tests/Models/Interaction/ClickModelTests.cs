using Aisle.Learning.Data;
using Aisle.Learning.Models;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Neural;

namespace Aisle.Learning.Tests.Models;

public sealed class ClickModelTests : ModelContract
{
    private protected override ITrainer Trainer => new ClickTrainer(new ClickOptions { Dimensions = 4, Hidden = 8, CrossLayers = 1, Layers = 1, HistoryLength = 6, Epochs = 5, BatchSize = 64, LearningRate = 0.03 });

    private protected override string OptionsJson => """{"interaction":"deepfm","dimensions":8,"crossLayers":1,"hidden":16,"layers":1,"historyLength":5,"negatives":2,"epochs":2,"dropout":0.1}""";

    private protected override bool ExplanationsAddUp => false;

    [Fact]
    public void RowsFor_History_PredictsWhatTheScoresSay()
    {
        var model = (ClickModel)this.Fit();
        int[] items = [5, 0, 9];
        var probabilities = new float[3];
        model.Predict(model.RowsFor(new History([1, 3]), items), probabilities);
        var scores = Folded(model, [1, 3], []);
        for (var i = 0; i < 3; i++) ((double)probabilities[i]).ShouldBe(1 / (1 + Math.Exp(-scores[items[i]])), 1e-5);
        probabilities[0].ShouldBeGreaterThan(probabilities[1], "5 has the colour of the history, 0 has not");
    }

    [Fact]
    public void RowsOf_WhatTheModelDoesNotRead_NamesIt()
    {
        var model = (ClickModel)this.Fit();
        var none = Enumerable.Repeat(Array.Empty<int>(), model.Fields.Count).ToArray();
        Should.Throw<ArgumentException>(() => model.RowsOf([new ClickRow([], [1f])])).Message.ShouldContain("row 0 has 0 fields and 1 numbers");
        int[][] wrong = [[model.Items], .. none[1..]];
        Should.Throw<ArgumentException>(() => model.RowsOf([new ClickRow(none, [1f, 2f]), new ClickRow(wrong, [1f, 2f])])).Message.ShouldContain($"row 1 has value {model.Items} of item");
        Should.Throw<ArgumentException>(() => model.Predict(model.RowsOf([new ClickRow(none, [1f, 2f])]), [])).Message.ShouldContain("1 rows need 1");
    }

    [Theory]
    [InlineData(ClickInteraction.Dcn)]
    [InlineData(ClickInteraction.DeepFm)]
    public void Scores_BothInteractions_PassGradientsBack(ClickInteraction interaction)
    {
        var source = new ParameterSource(3);
        var network = new ClickNetwork(source, new ClickShape([4, 3], 1, interaction, 3, 2, 4, 1));
        foreach (var parameter in source.Made.Where(parameter => parameter.IsTable))
        {
            // Embeddings begin near 0, where products of them have next to no slope.
            var random = new RandomStream(parameter.Rows, 2);
            foreach (ref var value in parameter.Values) value = 0.5f * random.Normal();
        }

        source.Made.First(parameter => parameter.Name == "tower.bias0").Values.Fill(6f);
        var rows = Rows();
        Gradients.Check([.. source.Made], tape => tape.Weigh(network.Scores(tape, rows, [0.5f, -1f, 0f], 0f)), tolerance: 1e-2);
    }

    [Fact]
    public void Scores_DeepFm_AreWeightsAndProductsOfPairs()
    {
        // One number a value; no tower: score = Σ weights + e₀e₁ + e₀e₂ + e₁e₂.
        var source = new ParameterSource(3);
        var network = new ClickNetwork(source, new ClickShape([1, 1, 1], 0, ClickInteraction.DeepFm, 1, 1, 1, 1));
        foreach (var parameter in source.Made) parameter.Values.Clear();
        foreach (var (name, value) in new[] { ("field0", 2f), ("field1", 3f), ("field2", 5f), ("linear0", 0.25f), ("linear2", 0.5f) })
            source.Made.First(parameter => parameter.Name == name).Values[0] = value;
        var rows = new ClickRows(1, 3, 0);
        foreach (var field in rows.Fields) field.Bags[0] = field.Add([0]);
        network.Scores(new Tape(1), rows, [], 0f).Values[0].ShouldBe(0.75f + 6f + 10f + 15f);
    }

    [Fact]
    public void Scores_Dcn_CrossByHand()
    {
        // x₀ = [2, 3]; W = 1 everywhere, b = 1: x₁ = x₀ ∘ (5 + 1) + x₀ = [14, 21]; the score adds both.
        var source = new ParameterSource(3);
        var network = new ClickNetwork(source, new ClickShape([1, 1], 0, ClickInteraction.Dcn, 1, 1, 1, 1));
        foreach (var parameter in source.Made) parameter.Values.Clear();
        foreach (var (name, value) in new[] { ("field0", 2f), ("field1", 3f), ("cross0.weight", 1f), ("cross0.bias", 1f), ("score.weight", 1f) })
            source.Made.First(parameter => parameter.Name == name).Values.Fill(value);
        var rows = new ClickRows(1, 2, 0);
        foreach (var field in rows.Fields) field.Bags[0] = field.Add([0]);
        network.Scores(new Tape(1), rows, [], 0f).Values[0].ShouldBe(35f);
    }

    private static ClickRows Rows()
    {
        var rows = new ClickRows(3, 2, 1);
        rows.Fields[0].Bags[0] = rows.Fields[0].Add([0, 2]);
        rows.Fields[0].Bags[1] = rows.Fields[0].Bags[2] = rows.Fields[0].Add([3], [0.5f]);
        rows.Fields[1].Bags[1] = rows.Fields[1].Add([1]);
        rows.Fields[1].Bags[2] = rows.Fields[1].Add([0, 2], [1f, -1f]);
        return rows;
    }
}

public sealed class ClickModelWithContentTests : ModelContract
{
    private protected override ITrainer Trainer => new ClickTrainer(new ClickOptions { Interaction = ClickInteraction.DeepFm, Dimensions = 4, Hidden = 8, Layers = 1, HistoryLength = 6, Epochs = 5, BatchSize = 64, LearningRate = 0.03 });

    private protected override string OptionsJson => """{"idDropout":0.3}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithAll(interactions) with
    {
        UserAttributes = Attributes.From(Enumerable.Range(0, interactions.Users).Select(user => new[] { ("likes", user % 2 == 0 ? "red" : "blue") })),
    };
}
