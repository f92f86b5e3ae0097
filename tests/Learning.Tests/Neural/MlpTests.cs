using Aisle.Learning.Neural;

namespace Aisle.Learning.Tests.Neural;

public sealed class MlpTests
{
    [Fact]
    public void Apply_ByHand_PutsReluBetweenLayersOnly()
    {
        var layers = new Mlp(new ParameterSource(1), "m", 2, [2, 1], endsInRelu: false);
        new[] { 1f, -1f, 2f, 1f }.CopyTo(layers.Layers[0].Weight.Values);
        new[] { 0.5f, -4f }.CopyTo(layers.Layers[0].Bias.Values);
        new[] { -2f, 3f }.CopyTo(layers.Layers[1].Weight.Values);
        var tape = new Tape(1);

        // [1, 1] · W + b = [3.5, -4]; ReLU: [3.5, 0]; · [-2, 3] = -7, which no ReLU follows.
        layers.Apply(tape, tape.Constant(1, 2, [1f, 1f])).Values[0].ShouldBe(-7f);
        layers.ApplyFrozen(tape, tape.Constant(1, 2, [1f, 1f])).Values[0].ShouldBe(-7f);
    }

    [Fact]
    public void Apply_Smooth_PassesGradientsToWeightsAndInput()
    {
        var source = new ParameterSource(3);
        var layers = new Mlp(source, "m", 3, [4, 2], endsInRelu: false);
        var x = Gradients.Random("x", 5, 3, 1);

        // Far from the bend of the ReLU, where differences would see both sides.
        layers.Layers[0].Bias.Values.Fill(8f);
        Gradients.Check([x, .. source.Made], tape => tape.Weigh(layers.Apply(tape, x)));
    }

    [Fact]
    public void Apply_NoLayers_LeavesTheInput() =>
        new Mlp(new ParameterSource(1), "m", 3, [], endsInRelu: true).Outputs.ShouldBe(3);
}
