using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;
using static Aisle.Learning.Tests.Neural.Gradients;

namespace Aisle.Learning.Tests.Neural;

/// <summary>What the autoencoders compute with: the multinomial likelihood, draws and divergences.</summary>
public sealed class VariationalTests
{
    [Fact]
    public void CatalogueMultinomial_KnownScores_GivesTheKnownLoss()
    {
        // Scores 0, 1, 2 plus biases 0, 0, 1: the softmax of 0, 1, 3. Bags {2: 1, 0: 0.5} and {1: 2}.
        Parameter table = new("table", 3, 1), bias = new("bias", 1, 3);
        ((float[])[0f, 1f, 2f]).CopyTo(table.Values);
        bias.Values[2] = 1f;
        var tape = new Tape(1);
        var bags = new WeightedBags(new Bags([0, 2, 3], [2, 0, 1]), [1f, 0.5f, 2f]);
        var loss = tape.CatalogueMultinomial(tape.Constant(2, 1, [1f, 1f]), table, bags, bias);
        var norm = Math.Log(1 + Math.E + Math.Exp(3));
        ((double)loss.Values[0]).ShouldBe(((1.5 * norm) - 3 + (2 * norm) - 2) / 2, 1e-5);
    }

    [Fact]
    public void CatalogueMultinomial_OneTargetEach_IsTheSoftmaxLoss()
    {
        Parameter x = Random("x", 7, 6, 1), table = Random("table", 9, 6, 2), bias = Random("bias", 1, 9, 3);
        int[] targets = [3, 0, 8, 8, 1, 2, 5];
        var bags = new WeightedBags(new Bags([.. Enumerable.Range(0, 8)], targets), [.. Enumerable.Repeat(1f, 7)]);
        var tape = new Tape(2);
        tape.CatalogueMultinomial(x, table, bags, bias).Values[0].ShouldBe(tape.CatalogueSoftmax(x, table, targets, bias).Values[0], 1e-6f);
    }

    [Fact]
    public void CatalogueMultinomial_BagsOfSeveral_PassesGradientsBack()
    {
        Parameter x = Random("x", 3, 6, 1), table = Random("table", 9, 6, 2), bias = Random("bias", 1, 9, 3);
        var bags = new WeightedBags(new Bags([0, 2, 2, 5], [1, 8, 0, 4, 2]), [0.5f, 2f, 1f, 3f, 0.25f]);
        Check([x, table, bias], tape => tape.CatalogueMultinomial(x, table, bags, bias));
        Check([x], tape => tape.CatalogueMultinomial(x, table.Fixed(), bags));
        Check([table], tape => tape.CatalogueMultinomial(x.Fixed(), table, bags));
    }

    [Fact]
    public void CatalogueMultinomial_WeightsOfEitherSign_PassesGradientsBack()
    {
        Parameter x = Random("x", 9, 5, 1), table = Random("table", 7, 5, 2), bias = Random("bias", 1, 7, 3);
        var lists = Bags.Of([[1, 4, 4], [], [0], [6, 5], [2], [3], [1], [0], [6, 2, 1]]);
        float[] weights = [1f, 0.5f, -0.25f, 2f, 1f, -1f, 0.1f, 1f, 1f, 1f, 0.3f, 0.3f, -0.6f];
        Check([x, table, bias], tape => tape.CatalogueMultinomial(x, table, new WeightedBags(lists, weights), bias));
    }

    [Fact]
    public void CatalogueMultinomial_ManyRows_GivesTheSameInBlocks()
    {
        // 600 rows are more than a block; the loss of all is the mean of the losses of the parts.
        Parameter x = Random("x", 600, 4, 1), table = Random("table", 50, 4, 2);
        int[] items = [.. Enumerable.Range(0, 1200).Select(i => i * 13 % 50)];
        var bags = new WeightedBags(new Bags([.. Enumerable.Range(0, 601).Select(i => 2 * i)], items), [.. Enumerable.Repeat(1f, 1200)]);
        var tape = new Tape(2);
        var loss = tape.CatalogueMultinomial(x, table, bags);
        tape.Backward(loss);
        var sums = new double[table.Length];
        var mean = 0.0;
        for (var row = 0; row < 600; row++)
        {
            var other = new Tape(1);
            Parameter one = new("one", 1, 4), own = new("own", 50, 4);
            x.Row(row).CopyTo(one.Values);
            table.Values.CopyTo(own.Values);
            var part = other.CatalogueMultinomial(one, own, new WeightedBags(new Bags([0, 2], items[(2 * row)..((2 * row) + 2)]), [1f, 1f]));
            other.Backward(part);
            mean += part.Values[0] / 600.0;
            for (var i = 0; i < sums.Length; i++) sums[i] += own.Gradient[i] / 600.0;
            for (var i = 0; i < 4; i++) ((double)x.Gradient[(row * 4) + i]).ShouldBe(one.Gradient[i] / 600.0, 1e-6);
        }

        ((double)loss.Values[0]).ShouldBe(mean, 1e-5);
        for (var i = 0; i < sums.Length; i++) ((double)table.Gradient[i]).ShouldBe(sums[i], 1e-5);
    }

    [Fact]
    public void SoftmaxRow_Total_IsWhatTheRowAddsUpTo()
    {
        float[] actual = Numbers.Random(100, 1), expected = Numbers.Random(100, 1);
        ((double)SoftmaxRow.Apply(actual, 1f, 7f)).ShouldBe(SoftmaxRow.ApplyReference(expected, 1f, 7f), 1e-5);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-5);
        ((double)actual.Sum()).ShouldBe(7, 1e-4);
    }

    [Fact]
    public void Normal_ManyCounters_HasMeanZeroAndVarianceOne()
    {
        double[] drawn = [.. Enumerable.Range(0, 200_000).Select(i => (double)CounterNoise.Normal((uint)i, 5))];
        drawn.Average().ShouldBe(0, 0.01);
        drawn.Average(value => value * value).ShouldBe(1, 0.02);
        drawn.Average(value => value * value * value * value).ShouldBe(3, 0.1);
        drawn.Count(value => Math.Abs(value) < 1).ShouldBeInRange((int)(0.678 * drawn.Length), (int)(0.687 * drawn.Length));
        drawn.Zip(drawn.Skip(1), (a, b) => a * b).Average().ShouldBe(0, 0.01, "neighbours are independent");
    }

    [Fact]
    public void Reparameterise_Training_DrawsAboutTheMeanAndPassesGradientsBack()
    {
        Parameter mean = Random("mean", 4, 6, 1), logs = Random("logs", 4, 6, 2);
        Check([mean, logs], tape => tape.Weigh(tape.Reparameterise(mean, logs)));
        var still = new Tape(1, isTraining: false);
        still.Reparameterise(mean, logs).Values.ToArray().ShouldBe(mean.Values.ToArray());

        var tape = new Tape(1);
        Tensor means = tape.New(1, 100_000, needsGradient: false), wide = tape.New(1, 100_000, needsGradient: false);
        means.Values.Fill(3f);
        wide.Values.Fill(2f * MathF.Log(5f));
        var drawn = tape.Reparameterise(means, wide).Values.ToArray();
        drawn.Average(value => (double)value).ShouldBe(3, 0.1);
        drawn.Average(value => Math.Pow(value - 3.0, 2)).ShouldBe(25, 0.5);
    }

    [Fact]
    public void DivergenceFromNormal_KnownCase_AndItsGradient()
    {
        // Row 1: N(1, 1) and N(0, e²): (1 + (e² − 2 − 1)) / 2. Row 2: the prior itself.
        Parameter mean = new("mean", 2, 2), logs = new("logs", 2, 2);
        mean.Values[0] = 1f;
        logs.Values[1] = 2f;
        ((double)new Tape(1).DivergenceFromNormal(mean, logs).Values[0]).ShouldBe((1 + Math.Exp(2) - 3) / 2 / 2, 1e-5);
        Parameter other = Random("mean", 3, 4, 1), others = Random("logs", 3, 4, 2);
        Check([other, others], tape => tape.DivergenceFromNormal(other, others));
    }

    [Fact]
    public void DivergenceFromComposite_KnownCase_GivesTheKnownLoss()
    {
        // One number: q = N(0.5, 4), z = 1.5; the earlier posterior N(−1, e).
        var tape = new Tape(1);
        Tensor One(float value) => tape.Constant(1, 1, [value]);
        var loss = tape.DivergenceFromComposite(One(1.5f), One(0.5f), One(MathF.Log(4f)), One(-1f), One(1f), new CompositePrior(0.2f, 0.7f, 0.1f), [3f]);
        static double Density(double z, double mean, double variance) => Math.Exp(-0.5 * (z - mean) * (z - mean) / variance) / Math.Sqrt(2 * Math.PI * variance);
        var prior = (0.2 * Density(1.5, 0, 1)) + (0.7 * Density(1.5, -1, Math.E)) + (0.1 * Density(1.5, 0, Math.Exp(10)));
        ((double)loss.Values[0]).ShouldBe(3 * (Math.Log(Density(1.5, 0.5, 4)) - Math.Log(prior)), 1e-4);
    }

    [Fact]
    public void DivergenceFromComposite_OfADraw_PassesGradientsBack()
    {
        Parameter mean = Random("mean", 3, 4, 1), logs = Random("logs", 3, 4, 2);
        Tensor earlier = Random("earlier", 3, 4, 3).Fixed(), earlierLogs = Random("earlier logs", 3, 4, 4).Fixed();
        Check([mean, logs], tape => tape.DivergenceFromComposite(tape.Reparameterise(mean, logs), mean, logs, earlier, earlierLogs, new CompositePrior(0.15f, 0.75f, 0.1f), [1f, 0.5f, 2f]));
    }

    [Fact]
    public void DivergenceFromComposite_PriorThatIsTheEncoder_CostsNothing()
    {
        Parameter mean = Random("mean", 3, 4, 1), logs = Random("logs", 3, 4, 2);
        var tape = new Tape(1);
        var loss = tape.DivergenceFromComposite(tape.Reparameterise(mean, logs), mean, logs, mean.Fixed(), logs.Fixed(), new CompositePrior(1e-12f, 1f, 1e-12f), [1f, 1f, 1f]);
        ((double)loss.Values[0]).ShouldBe(0, 1e-4);
    }
}
