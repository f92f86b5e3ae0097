using System.Runtime.Intrinsics;
using Aisle.Learning.Ranking;

namespace Aisle.Learning.Tests.Ranking;

public sealed class TrainingObjectiveTests
{
    [Theory]
    [InlineData(RankingObjective.Logistic)]
    [InlineData(RankingObjective.SquaredError)]
    public void Pointwise_Derivatives_EqualFiniteDifferences(RankingObjective kind)
    {
        float[] labels = [0, 1, 0.3f];
        float[] weights = [1, 2, 5];
        var objective = TrainingObjective.Of(new BoostedTreesOptions { Objective = kind }, BoostedTreesTests.Examples(BoostedTreesTests.Numbers(1), [[0], [0], [0]], labels, weights));
        float[] scores = [0.4f, -1.2f, 2.5f];
        var derivatives = Derive(objective, scores);
        for (var row = 0; row < scores.Length; row++)
        {
            const float Step = 1 / 64f;
            var (up, down) = (scores.ToArray(), scores.ToArray());
            up[row] += Step;
            down[row] -= Step;
            var slope = weights.Sum() * (objective.Loss(up) - objective.Loss(down)) / (2 * Step);
            ((double)derivatives[row][0]).ShouldBe(slope, 1e-3);
            var curve = (Derive(objective, up)[row][0] - Derive(objective, down)[row][0]) / (2 * Step);
            derivatives[row][1].ShouldBe(curve, 2e-3f);
        }
    }

    [Fact]
    public void Start_MakesTheSumOfGradientsZero()
    {
        foreach (var kind in (RankingObjective[])[RankingObjective.Logistic, RankingObjective.SquaredError])
        {
            var objective = TrainingObjective.Of(new BoostedTreesOptions { Objective = kind }, BoostedTreesTests.Examples(BoostedTreesTests.Numbers(1), [[0], [0], [0]], [0, 1, 0.25f], [1, 2, 4]));
            Derive(objective, [objective.Start, objective.Start, objective.Start]).Sum(d => d[0]).ShouldBe(0, 1e-5f);
        }
    }

    /// <summary>Three items with gains 1, 0, 3 in this order of scores. DCG of the best order: 3 + 1/log₂3.</summary>
    [Fact]
    public void LambdaMart_Derivatives_EqualHandComputation()
    {
        var objective = Lambda([1, 0, 3], [1, 1, 1], 10);
        float[] scores = [0.5f, 0.2f, -0.1f];
        var (d1, d2, d3) = (1.0, 1 / Math.Log2(3), 0.5);
        var ideal = 3 + (1 * d2);
        var first = Pair(1 - 0, d1 - d2, 0.5 - 0.2, ideal);
        var second = Pair(3 - 1, d1 - d3, -0.1 - 0.5, ideal);
        var third = Pair(3 - 0, d2 - d3, -0.1 - 0.2, ideal);
        var derivatives = Derive(objective, scores);
        ((double)derivatives[0][0]).ShouldBe(-first.Slope + second.Slope, 1e-5);
        ((double)derivatives[1][0]).ShouldBe(first.Slope + third.Slope, 1e-5);
        ((double)derivatives[2][0]).ShouldBe(-second.Slope - third.Slope, 1e-5);
        ((double)derivatives[0][1]).ShouldBe(first.Curve + second.Curve, 1e-5);
        ((double)derivatives[2][1]).ShouldBe(second.Curve + third.Curve, 1e-5);
        objective.Loss(scores).ShouldBe(1 - ((1 + (3 * d3)) / ideal), 1e-6);
    }

    [Fact]
    public void LambdaMart_TruncationAndWeights_ChangePairs()
    {
        // Only the pair with the first place counts, and it counts as its better item does.
        var objective = Lambda([0, 1, 1], [9, 4, 2], 1);
        var derivatives = Derive(objective, [0.3f, 0.2f, 0.1f]);
        var second = Pair(1, 1 - (1 / Math.Log2(3)), -0.1, 1);
        var third = Pair(1, 1 - 0.5, -0.2, 1);
        ((double)derivatives[1][0]).ShouldBe(-4 * second.Slope, 1e-5);
        ((double)derivatives[2][0]).ShouldBe(-2 * third.Slope, 1e-5);
        ((double)derivatives[0][0]).ShouldBe((4 * second.Slope) + (2 * third.Slope), 1e-5);
    }

    [Fact]
    public void LambdaMart_SameGains_PullNothing()
    {
        var examples = new RankingExamples(BoostedTreesTests.Numbers(1));
        examples.AddList([0, 0], [2, 2]);
        examples.AddList([0, 0], [0, 0]);
        foreach (var derivative in Derive(new LambdaMartObjective(examples, 10, false), new float[4])) derivative.ShouldBe(Vector128.Create(0f, 0, 1, 0));
    }

    /// <summary>With its places held, a list's λ are the slope of Σ |ΔNDCG| log(1 + e^(worse − better)).</summary>
    [Fact]
    public void LambdaMart_Slopes_EqualFiniteDifferencesOfTheSurrogate()
    {
        float[] gains = [0, 2, 1, 0, 5];
        float[] scores = [0.9f, 0.5f, 0.1f, -0.4f, -0.8f];
        var derivatives = Derive(Lambda(gains, [1, 1, 1, 1, 1], 10), scores);
        var ideal = gains.OrderDescending().Select((gain, rank) => gain / Math.Log2(rank + 2)).Sum();
        double Surrogate(double[] at)
        {
            var sum = 0.0;
            for (var a = 0; a < 5; a++)
            {
                for (var b = 0; b < 5; b++)
                {
                    if (gains[a] > gains[b]) sum += (gains[a] - gains[b]) * Math.Abs((1 / Math.Log2(a + 2)) - (1 / Math.Log2(b + 2))) / ideal * Math.Log(1 + Math.Exp(at[b] - at[a]));
                }
            }

            return sum;
        }

        for (var row = 0; row < 5; row++)
        {
            double[] up = [.. scores.Select(score => (double)score)], down = [.. up];
            up[row] += 1e-5;
            down[row] -= 1e-5;
            ((double)derivatives[row][0]).ShouldBe((Surrogate(up) - Surrogate(down)) / 2e-5, 1e-5);
        }
    }

    private static LambdaMartObjective Lambda(float[] gains, float[] weights, int truncation) =>
        new(BoostedTreesTests.Examples(BoostedTreesTests.Numbers(1), [.. gains.Select(_ => new float[1])], gains, weights), truncation, exponentialGain: false);

    private static (double Slope, double Curve) Pair(double gain, double discount, double ahead, double ideal)
    {
        var doubt = 1 / (1 + Math.Exp(ahead));
        return (doubt * gain * discount / ideal, doubt * (1 - doubt) * gain * discount / ideal);
    }

    private static Vector128<float>[] Derive(TrainingObjective objective, float[] scores)
    {
        var derivatives = new Vector128<float>[scores.Length];
        objective.Derive(scores, derivatives, 2, default);
        return derivatives;
    }
}
