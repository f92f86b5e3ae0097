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
            var similar = Similar(model, item);
            for (var other = 0; other < train.Items; other++)
            {
                if (other != item) ((double)similar[other]).ShouldBe(expected[item, other], 2e-3);
            }
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
    [InlineData("""{"sharpening":3,"sharpeningSteps":2}""", "overshoots")]
    [InlineData("""{"rounds":0}""", "1 to 100")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("spectral", json)).Message.ShouldContain(expected);

    private static Interactions Made()
    {
        var random = new Random(4);
        return Interactions.From(30, 12, [.. Enumerable.Range(0, 150).Select(_ => random.Next(30))], [.. Enumerable.Range(0, 150).Select(_ => random.Next(12))]);
    }

    /// <summary>c R̃ᵀR̃ / x₁ + D^−b V diag(h(x) − c x) Vᵀ D^b over all eigenvalues, in double.</summary>
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
        double Sharpened(double x) => Math.Pow(1 - (options.Sharpening * x / options.SharpeningSteps), options.SharpeningSteps);
        var slope = Sharpened(values[n - 1] / values[0]);
        var filter = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var scale = Math.Pow(graph.ItemTotals[j] / graph.ItemTotals[i], options.ItemExponent);
                filter[i, j] = slope * linear[(i * n) + j] / values[0];
                for (var k = 0; k < n; k++)
                {
                    var x = values[k] / values[0];
                    filter[i, j] += vectors[(k * n) + i] * vectors[(k * n) + j] * scale * (((x + options.LowPassWeight) * Sharpened(x)) - (slope * x));
                }
            }
        }

        return filter;
    }
}
