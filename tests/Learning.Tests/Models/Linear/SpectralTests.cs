using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SpectralTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new SpectralTrainer(new SpectralOptions { Factors = 8 });

    private protected override string OptionsJson =>
        """{"factors":12,"lowPassWeight":0.5,"userExponent":0.25,"itemExponent":0.75,"sharpening":0.5,"sharpeningSteps":2,"rounds":3,"seed":9}""";

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    public void Fit_AllFactors_GivesTheFilterWrittenOut(double sharpening)
    {
        var train = Made();
        var options = new SpectralOptions { Factors = train.Items, Sharpening = sharpening, SharpeningSteps = 3, Rounds = 10, LowPassWeight = 0.4 };
        var model = new SpectralTrainer(options).Fit(train, new FitContext { Threads = 2 });
        var expected = Filter(train, options);
        for (var item = 0; item < train.Items; item++)
        {
            var scores = Folded(model, [item], []);
            for (var other = 0; other < train.Items; other++) ((double)scores[other]).ShouldBe(expected[item, other], 2e-3);
        }
    }

    [Fact]
    public void Fit_NoLowPassNoSharpening_IsTheLinearFilterWhateverTheFactors()
    {
        var train = Made();
        var one = new SpectralTrainer(new SpectralOptions { Factors = 1, LowPassWeight = 0 }).Fit(train, new FitContext());
        var many = new SpectralTrainer(new SpectralOptions { Factors = 9, LowPassWeight = 0 }).Fit(train, new FitContext());
        var scores = Folded(one, [1, 4], [1f, 2f]);
        var others = Folded(many, [1, 4], [1f, 2f]);
        for (var item = 0; item < train.Items; item++) ((double)scores[item]).ShouldBe(others[item], 1e-4);
    }

    [Theory]
    [InlineData("""{"factors":0}""", "1 to 2048")]
    [InlineData("""{"lowPassWeight":-1}""", "lowPassWeight is -1")]
    [InlineData("""{"userExponent":2}""", "0 to 1")]
    [InlineData("""{"itemExponent":-0.5}""", "0 to 1")]
    [InlineData("""{"sharpening":3,"sharpeningSteps":1}""", "at least 2 sharpeningSteps")]
    [InlineData("""{"rounds":0}""", "1 to 100")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("spectral", json)).Message.ShouldContain(expected);

    [Fact]
    public void Explain_Sharpened_AddsUpToTheScore()
    {
        var model = new SpectralTrainer(new SpectralOptions { Factors = 5, Sharpening = 2.5 }).Fit(Made(), new FitContext());
        var contributions = new float[2];
        model.Explain(new History([1, 4], [1f, 2f]), [7], contributions).ShouldBeTrue();
        ((double)contributions.Sum()).ShouldBe(Folded(model, [1, 4], [1f, 2f])[7], 1e-4);
        contributions[0].ShouldNotBe(0f);
    }

    private static Interactions Made()
    {
        var random = new Random(4);
        return Interactions.From(30, 12, [.. Enumerable.Range(0, 150).Select(_ => random.Next(30))], [.. Enumerable.Range(0, 150).Select(_ => random.Next(12))]);
    }

    /// <summary>(L + D^−b V diag(β) Vᵀ D^b) · V p(x) Vᵀ over all eigenvalues x of L, p being the sharpening, in double.</summary>
    private static double[,] Filter(Interactions train, SpectralOptions options)
    {
        var n = train.Items;
        var graph = new SpectralGraph(train, (float)options.UserExponent, (float)options.ItemExponent);
        var linear = new double[n * n];
        for (var user = 0; user < train.Users; user++)
        {
            var items = graph.ByUser.ItemsOf(user);
            var weights = graph.ByUser.WeightsOf(user);
            for (var i = 0; i < items.Length; i++)
            {
                for (var j = 0; j < items.Length; j++) linear[(items[i] * n) + items[j]] += (double)weights[i] * weights[j];
            }
        }

        var vectors = (double[])linear.Clone();
        var values = SymmetricEigen.Decompose(vectors, n);
        double Of(int i, int j, Func<double, double> function) => Enumerable.Range(0, n).Sum(k => vectors[(k * n) + i] * vectors[(k * n) + j] * function(values[k] / values[0]));
        double Sharpened(double x)
        {
            var z = -options.Sharpening * x / options.SharpeningSteps;
            return Math.Pow(1 + z + (z * z / 2) + (z * z * z / 6) + (z * z * z * z / 24), options.SharpeningSteps);
        }

        var filter = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var k = 0; k < n; k++)
                {
                    var smoothed = Of(i, k, x => x) + (options.LowPassWeight * Math.Pow(graph.ItemTotals[k] / graph.ItemTotals[i], options.ItemExponent) * Of(i, k, x => x > 1e-9 ? 1 : 0));
                    filter[i, j] += smoothed * Of(k, j, Sharpened);
                }
            }
        }

        return filter;
    }
}

/// <summary>The contract again, with the sharpening between scores and answers.</summary>
public sealed class SharpenedSpectralTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new SpectralTrainer(new SpectralOptions { Factors = 8, Sharpening = 1 });

    private protected override string OptionsJson => """{"sharpening":2.5}""";
}
