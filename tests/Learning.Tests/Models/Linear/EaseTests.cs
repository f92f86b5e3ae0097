using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class EaseTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new EaseTrainer();

    private protected override string OptionsJson => """{"regularization":3.5,"userExponent":0.25,"frequencyExponent":0.5,"keep":7}""";

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 0)]
    [InlineData(1, 0.7)]
    public void Fit_SmallMatrix_GivesTheClosedForm(double userExponent, double frequencyExponent)
    {
        var train = LinearData.Made();
        var options = new EaseOptions { Regularization = 2, UserExponent = userExponent, FrequencyExponent = frequencyExponent };
        var model = new EaseTrainer(options).Fit(train, new FitContext { Threads = 3 });
        var expected = ClosedForm(train, options);
        for (var item = 0; item < train.Items; item++)
        {
            var similar = Similar(model, item);
            for (var other = 0; other < train.Items; other++)
            {
                if (other != item) ((double)similar[other]).ShouldBe(expected[item, other], 1e-4);
            }
        }
    }

    [Fact]
    public void Fit_Keep_LeavesTheLargestWeightsOfEachItemAndTheRankingOfAll()
    {
        var train = LinearData.Made();
        var dense = new EaseTrainer(new EaseOptions { Regularization = 2 }).Fit(train, new FitContext());
        var all = new EaseTrainer(new EaseOptions { Regularization = 2, Keep = train.Items }).Fit(train, new FitContext());
        var few = new EaseTrainer(new EaseOptions { Regularization = 2, Keep = 3 }).Fit(train, new FitContext());
        for (var item = 0; item < train.Items; item++)
        {
            var weights = Enumerable.Range(0, train.Items).Select(from => from == item ? 0f : Similar(dense, from)[item]).ToArray();
            var kept = Enumerable.Range(0, train.Items).Select(from => from == item ? float.NegativeInfinity : Similar(few, from)[item]).ToArray();
            var largest = weights.Select(MathF.Abs).OrderDescending().Take(3).ToArray();
            kept.Where(float.IsFinite).Select(MathF.Abs).OrderDescending().ShouldBe(largest);
            Similar(all, item)[(item + 1) % train.Items].ShouldBe(Similar(dense, item)[(item + 1) % train.Items]);
        }

        Folded(Reloaded(few), [1, 2], []).ShouldBe(Folded(few, [1, 2], []));
    }

    [Fact]
    public void Fit_TooLittleRegularisationForAnItemNobodyTouched_StillSolves()
    {
        var train = Interactions.From(2, 3, [0, 0, 1], [0, 1, 0]);
        var scores = Folded(new EaseTrainer(new EaseOptions { Regularization = 1e-6 }).Fit(train, new FitContext()), [0], []);
        scores[1].ShouldBeGreaterThan(0f);
        scores[2].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void CheckMemory_TooManyItems_AdvisesWhatFits()
    {
        EaseTrainer.MemoryNeeded(40_981).ShouldBeInRange(6_722_000_000, 7_000_000_000);
        EaseTrainer.CheckMemory(40_981, 7_000_000_000);
        Should.Throw<ArgumentException>(() => EaseTrainer.CheckMemory(40_981, 6_000_000_000)).Message.ShouldContain("sparse-ease");
        Should.Throw<ArgumentException>(() => EaseTrainer.CheckMemory(50_000, long.MaxValue)).Message.ShouldContain("at most");
        ((long)SymmetricInverse.Padded(DenseItemWeights.MostItems) * SymmetricInverse.Padded(DenseItemWeights.MostItems)).ShouldBeLessThanOrEqualTo(AlignedFloats.MaxLength);
    }

    [Theory]
    [InlineData("""{"regularization":-1}""", "0 to 1000000000")]
    [InlineData("""{"userExponent":3}""", "userExponent is 3")]
    [InlineData("""{"frequencyExponent":-1}""", "0 to 2")]
    [InlineData("""{"keep":-1}""", "0 to 10000")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("ease", json)).Message.ShouldContain(expected);

    /// <summary>−P(i, j) / P(j, j), written out in double.</summary>
    private static double[,] ClosedForm(Interactions train, EaseOptions options)
    {
        var n = train.Items;
        var gram = LinearData.Gram(train, options.UserExponent);
        var mean = Enumerable.Range(0, n).Average(i => gram[i, i]);
        for (var i = 0; i < n; i++) gram[i, i] += options.Regularization * Math.Pow(gram[i, i] / mean, options.FrequencyExponent);
        var negated = SymmetricInverse.NegateReference(gram);
        var weights = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++) weights[i, j] = i == j ? 0 : -negated[i, j] / negated[j, j];
        }

        return weights;
    }
}
