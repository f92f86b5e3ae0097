using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SlimTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new SlimTrainer(new SlimOptions { Support = 40, GroupSize = 8 });

    private protected override string OptionsJson =>
        """{"regularization":3.5,"sparsity":0.01,"userExponent":0.25,"frequencyExponent":0.75,"support":100,"groupSize":20,"neighbours":30,"rounds":20,"tolerance":0.001}""";

    [Fact]
    public void Fit_SmallMatrix_GivesTheElasticNetOfEachItem()
    {
        var train = LinearData.Made();
        var options = new SlimOptions { Regularization = 2, Sparsity = 0.05, UserExponent = 0.5, FrequencyExponent = 0, Rounds = 1000, Tolerance = 1e-6, GroupSize = 5 };
        var model = new SlimTrainer(options).Fit(train, new FitContext { Threads = 3 });
        var gram = LinearData.Gram(train, options.UserExponent);
        for (var item = 0; item < train.Items; item++)
        {
            var expected = NonNegativeDescent.RunReference(gram, item, [.. Enumerable.Repeat(2.0, train.Items)], options.Sparsity * gram[item, item], 1000);
            expected.Count(weight => weight > 0).ShouldBeInRange(1, train.Items - 1, "some weights must be cut off for this to be a test");
            for (var from = 0; from < train.Items; from++)
            {
                if (from == item) continue;
                var weight = Similar(model, from)[item];
                ((double)(float.IsFinite(weight) ? weight : 0f)).ShouldBe(expected[from], 1e-4);
            }
        }
    }

    [Fact]
    public void Fit_MoreSparsity_LeavesFewerWeights()
    {
        int Weights(double sparsity)
        {
            var train = LinearData.Made();
            var model = new SlimTrainer(new SlimOptions { Sparsity = sparsity }).Fit(train, new FitContext());
            return Enumerable.Range(0, train.Items).Sum(item => Similar(model, item).Count(float.IsFinite));
        }

        Weights(0.3).ShouldBeLessThan(Weights(0.01));
    }

    [Theory]
    [InlineData("""{"regularization":-1}""", "0 to 1000000000")]
    [InlineData("""{"sparsity":2}""", "sparsity is 2")]
    [InlineData("""{"support":16,"groupSize":17}""", "larger support")]
    [InlineData("""{"tolerance":0}""", "tolerance is 0")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("slim", json)).Message.ShouldContain(expected);
}
