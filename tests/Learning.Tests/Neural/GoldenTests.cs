using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Tests.Neural;

/// <summary>
/// Whole models against PyTorch: the loss and all gradients of one step, and the weights after it, from the same weights before
/// (bench/peers/golden_torch.py writes the files; it computes in double).
/// </summary>
public sealed class GoldenTests
{
    private const double Tolerance = 1e-4;

    /// <summary>Below this a gradient is rounding (those of the biases of keys, which change no attention, are 0 in theory), and so is its sign, which is all that the first step of Adam looks at.</summary>
    private const double Rounding = 1e-6;

    [Fact]
    public void Transformer_OneStep_IsWhatPyTorchComesTo()
    {
        var golden = Read("transformer.json");
        var encoder = new TransformerEncoder(golden.Shape! with { IsCausal = true }, seed: 1);
        var sequences = golden.Sequences!;
        var starts = new int[sequences.Length + 1];
        for (var i = 0; i < sequences.Length; i++) starts[i + 1] = starts[i] + sequences[i].Length - 1;
        int[] items = [.. sequences.SelectMany(sequence => sequence[..^1])], targets = [.. sequences.SelectMany(sequence => sequence[1..])];
        Check(golden, [.. encoder.Parameters], tape => tape.CatalogueSoftmax(encoder.Encode(tape, items, starts), encoder.Items, targets));
    }

    [Fact]
    public void Scorer_OneStep_IsWhatPyTorchComesTo()
    {
        var golden = Read("scorer.json");
        var random = new RandomStream(1);
        Parameter users = new("users", 5, 4, isTable: true), items = new("items", 6, 4, isTable: true);
        LinearLayer hidden = new("hidden", 8, 6, ref random), score = new("score", 6, 1, ref random);
        var norm = new NormLayer("norm", 6);
        Check(golden, [users, items, .. hidden.Parameters, .. norm.Parameters, .. score.Parameters], tape =>
        {
            var x = tape.Concat(tape.Gather(users, golden.Users!), tape.Gather(items, golden.Items!));
            return tape.BinaryCrossEntropy(score.Apply(tape, tape.Activate<Gelu>(norm.Apply(tape, hidden.Apply(tape, x)))), golden.Labels!);
        });
        users.Row(2).ToArray().ShouldBe(golden.Parameters["users"].Before[8..12], "user 2 was not asked for");
    }

    private static void Check(GoldenModel golden, Parameter[] parameters, Func<Tape, Tensor> loss)
    {
        parameters.Select(parameter => parameter.Name).Order().ShouldBe(golden.Parameters.Keys.Order());
        foreach (var parameter in parameters) golden.Parameters[parameter.Name].Before.CopyTo(parameter.Values);
        var rule = golden.Optimiser;
        var adam = new Adam(parameters, threads: 2, rule.FirstDecay, rule.SecondDecay, rule.WeightDecay);
        var tape = new Tape(threads: 2);
        tape.Begin(0);
        var value = loss(tape);
        ((double)value.Values[0]).ShouldBe(golden.Loss, Tolerance);
        tape.Backward(value);
        foreach (var parameter in parameters) AllNear(parameter.TouchGradient([]), golden.Parameters[parameter.Name].Gradient, Tolerance, $"gradient of {parameter.Name}");
        adam.Apply(rule.Rate);
        foreach (var parameter in parameters)
        {
            var expected = golden.Parameters[parameter.Name];
            for (var i = 0; i < parameter.Length; i++)
            {
                var tolerance = Math.Abs(expected.Gradient[i]) > Rounding ? Tolerance : 2 * rule.Rate;
                ((double)parameter.Values[i]).ShouldBe(expected.After[i], tolerance, $"{parameter.Name}[{i}] after the step");
            }
        }
    }

    private static void AllNear(ReadOnlySpan<float> actual, float[] expected, double tolerance, string what)
    {
        actual.Length.ShouldBe(expected.Length, what);
        for (var i = 0; i < expected.Length; i++) ((double)actual[i]).ShouldBe(expected[i], tolerance, $"{what}, number {i}");
    }

    private static GoldenModel Read(string file) =>
        JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Neural", "Golden", file)), GoldenJson.Default.GoldenModel)!;
}

internal sealed record GoldenModel(
    double Loss, GoldenStep Optimiser, Dictionary<string, GoldenParameter> Parameters, TransformerShape? Shape, int[][]? Sequences, int[]? Users, int[]? Items, float[]? Labels);

internal sealed record GoldenStep(double Rate, double FirstDecay, double SecondDecay, double WeightDecay);

internal sealed record GoldenParameter(float[] Before, float[] Gradient, float[] After);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GoldenModel))]
internal sealed partial class GoldenJson : JsonSerializerContext;
