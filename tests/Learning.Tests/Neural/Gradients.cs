using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;

namespace Aisle.Learning.Tests.Neural;

/// <summary>Compares the gradient that a tape passes back with what the loss really does when a number is moved a little (central differences).</summary>
internal static class Gradients
{
    private const float Step = 1e-2f;

    /// <param name="loss">Computes a 1 × 1 loss on a fresh tape from the parameters.</param>
    /// <param name="tolerance">Allowed difference, as a share of the largest gradient of the parameter and 1.</param>
    public static void Check(Parameter[] parameters, Func<Tape, Tensor> loss, double tolerance = 3e-3)
    {
        foreach (var threads in (int[])[1, 3])
        {
            foreach (var parameter in parameters) parameter.ClearGradient();
            var tape = new Tape(threads, seed: 7);
            tape.Begin(1);
            tape.Backward(loss(tape));
            foreach (var parameter in parameters)
            {
                var actual = parameter.HasGradient ? parameter.TouchGradient([]).ToArray() : new float[parameter.Length];
                var expected = Differences(parameter, loss);
                var scale = Math.Max(1, expected.Max(Math.Abs));
                for (var i = 0; i < actual.Length; i++)
                {
                    if (Math.Abs(actual[i] - expected[i]) > tolerance * scale)
                        throw new InvalidOperationException($"{parameter.Name}[{i / parameter.Columns}, {i % parameter.Columns}], {threads} threads: the gradient is {actual[i]}, by differences {expected[i]}.");
                }
            }
        }
    }

    public static Parameter Random(string name, int rows, int columns, int seed, float scale = 1f, bool isTable = false, bool movesWhole = false)
    {
        var parameter = new Parameter(name, rows, columns, isTable, movesWhole);
        var values = Numbers.Random(rows * columns, seed);
        for (var i = 0; i < values.Length; i++) parameter.Values[i] = scale * values[i];
        return parameter;
    }

    /// <summary>A loss that weighs every number of a result differently.</summary>
    public static Tensor Weigh(this Tape tape, Tensor x)
    {
        var weights = tape.Constant(x.Rows, x.Columns, Numbers.Random(x.Length, 99));
        return tape.Sum(tape.Multiply(x, weights));
    }

    private static double[] Differences(Parameter parameter, Func<Tape, Tensor> loss)
    {
        var differences = new double[parameter.Length];
        for (var i = 0; i < differences.Length; i++)
        {
            var before = parameter.Values[i];
            var above = At(before + Step);
            var below = At(before - Step);
            parameter.Values[i] = before;
            differences[i] = (above - below) / (2 * Step);

            double At(float value)
            {
                parameter.Values[i] = value;
                var tape = new Tape(threads: 1, seed: 7);
                tape.Begin(1);
                return loss(tape).Values[0];
            }
        }

        return differences;
    }
}
