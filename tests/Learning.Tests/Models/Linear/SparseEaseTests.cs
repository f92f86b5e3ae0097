using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SparseEaseTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new SparseEaseTrainer(new SparseEaseOptions { Support = 40, GroupSize = 8 });

    private protected override string OptionsJson =>
        """{"regularization":3.5,"userExponent":0.25,"frequencyExponent":0.75,"support":100,"groupSize":20,"neighbours":30,"keep":15}""";

    [Fact]
    public void Fit_SupportOfAllItems_IsEase()
    {
        var train = LinearData.Made();
        var dense = new EaseTrainer(new EaseOptions { Regularization = 2 }).Fit(train, new FitContext());
        var sparse = new SparseEaseTrainer(new SparseEaseOptions { Regularization = 2, GroupSize = 5 }).Fit(train, new FitContext { Threads = 2 });
        for (var item = 0; item < train.Items; item++)
        {
            var (expected, found) = (Similar(dense, item), Similar(sparse, item));
            for (var other = 0; other < train.Items; other++)
            {
                if (other != item) ((double)found[other]).ShouldBe(expected[other], 1e-4);
            }
        }
    }

    [Fact]
    public void Groups_AnyData_HoldEachTouchedItemOnceWithinItsSupport()
    {
        var random = new Random(6);
        var train = Interactions.From(
            60, 50, [.. Enumerable.Range(0, 300).Select(_ => random.Next(60))], [.. Enumerable.Range(0, 300).Select(_ => Math.Min(random.Next(50), random.Next(52)))]);
        var equations = new ItemEquations(train, 0.5, 0, 1, 0);
        var groups = equations.Groups(5, 8, 20, new FitContext { Threads = 2 }, _ => { });
        groups.SelectMany(group => group.Members).Order().ShouldBe(train.AllItems.ToArray().Distinct().Order());
        groups.SkipLast(1).ShouldAllBe(group => group.Members.Length == 8);
        foreach (var group in groups)
        {
            group.Support.Length.ShouldBeInRange(group.Members.Length, 20);
            group.Support.ShouldBe(group.Support.Distinct().Order());
            group.Members.ShouldBeSubsetOf(group.Support);
        }
    }

    [Fact]
    public void Fit_Keep_BoundsTheWeightsThatLeadToAnItem()
    {
        var train = LinearData.Made();
        var model = new SparseEaseTrainer(new SparseEaseOptions { Keep = 3 }).Fit(train, new FitContext());
        for (var item = 0; item < train.Items; item++)
            Enumerable.Range(0, train.Items).Count(from => from != item && float.IsFinite(Similar(model, from)[item])).ShouldBe(3);
    }

    [Theory]
    [InlineData("""{"regularization":-1}""", "0 to 1000000000")]
    [InlineData("""{"support":4}""", "8 to 8192")]
    [InlineData("""{"support":16,"groupSize":17}""", "larger support")]
    [InlineData("""{"keep":0}""", "keep is 0")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("sparse-ease", json)).Message.ShouldContain(expected);
}
