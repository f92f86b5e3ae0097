using Aisle.Learning.Evaluation;
using Aisle.Learning.Exploration;
using Aisle.Learning.Tests.Experiments;

namespace Aisle.Learning.Tests.Exploration;

public sealed class BestOfTableTests
{
    [Fact]
    public void Normals_Two_EqualTheClosedForm()
    {
        // P(X > Y) = Φ((m − n) / √(s² + r²)).
        foreach (var (m, s, n, r) in new[] { (0.0, 1.0, 0.0, 1.0), (1, 1, 0, 2), (0.05, 0.001, 0.3, 0.29), (5, 0, 4, 1), (2, 0.0001, 2, 3) })
        {
            using var table = BestOfTable.OfNormals([m, n], [s, r]);
            Fill(table, 2)[0].ShouldBe(Distributions.NormalBelow((m - n) / Math.Sqrt((s * s) + (r * r))), 0.002);
        }
    }

    [Fact]
    public void Betas_Two_EqualTheClosedForm()
    {
        // For whole a: P(Beta(a, b) > Beta(c, d)) = Σ_{i<a} B(c + i, b + d) / ((b + i) B(1 + i, b) B(c, d)) (Evan Miller's formula).
        foreach (var (a, b, c, d) in new[] { (1, 1, 1, 1), (3, 20, 8, 90), (50, 950, 60, 960), (1, 1, 500, 9500), (2, 5, 1, 40) })
        {
            var sum = 0.0;
            for (var i = 0; i < a; i++) sum += Math.Exp(LogBeta(c + i, b + d) - Math.Log(b + i) - LogBeta(1 + i, b) - LogBeta(c, d));
            using var table = BestOfTable.OfBetas([a, c], [b, d]);
            Fill(table, 2)[0].ShouldBe(sum, 0.003);
        }
    }

    [Fact]
    public void Betas_ManyOfAllSizes_EqualManyDraws()
    {
        // Some well known, some new, whose spreads differ a hundredfold.
        double[] successes = [500, 1, 1, 30, 35, 2, 5000, 0.5, 520, 12], failures = [9500, 1, 30, 500, 500, 40, 95_000, 0.5, 9500, 180];
        var counts = new double[10];
        const int draws = 50_000;
        var random = new Draws(6);
        for (var draw = 0; draw < draws; draw++)
        {
            var (best, most) = (0, -1.0);
            for (var a = 0; a < 10; a++)
            {
                var (x, y) = (Gamma(successes[a], random), Gamma(failures[a], random));
                if (x / (x + y) > most) (best, most) = (a, x / (x + y));
            }

            counts[best] += 1.0 / draws;
        }

        using var table = BestOfTable.OfBetas(successes, failures);
        Fill(table, 10).ShouldBe(counts, 0.01);
        var without = Fill(table, 10, taken: 7);
        without[7].ShouldBe(0);
        without[1].ShouldBeGreaterThan(counts[1] + 0.1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(3000)]
    public void Betas_AllAlike_ShareEvenly(int count)
    {
        using var table = BestOfTable.OfBetas([.. Enumerable.Repeat(2.0, count)], [.. Enumerable.Repeat(9.0, count)]);
        var found = Fill(table, count);
        found.Sum().ShouldBe(1, 1e-9);
        found.ShouldAllBe(probability => Math.Abs((probability * count) - 1) < 1e-6);
    }

    private static double[] Fill(BestOfTable table, int count, int taken = -1)
    {
        var (marks, found) = (new bool[count], new double[count]);
        if (taken >= 0) marks[taken] = true;
        table.Fill(marks, found);
        return found;
    }

    private static double LogBeta(double a, double b) => Distributions.LogGamma(a) + Distributions.LogGamma(b) - Distributions.LogGamma(a + b);

    /// <summary>Marsaglia, Tsang 2000.</summary>
    private static double Gamma(double shape, Draws random)
    {
        if (shape < 1) return Gamma(shape + 1, random) * Math.Pow(random.Uniform(), 1 / shape);
        var d = shape - (1 / 3.0);
        while (true)
        {
            var x = random.Normal();
            var v = Math.Pow(1 + (x / Math.Sqrt(9 * d)), 3);
            if (v > 0 && Math.Log(random.Uniform()) < (x * x / 2) + d - (d * v) + (d * Math.Log(v))) return d * v;
        }
    }
}
