using System.Text;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Experiments;

namespace Aisle.Learning.Tests.Experiments;

public sealed class ExperimentTests
{
    private static readonly string[] Units = [.. Enumerable.Range(0, 40_000).Select(unit => $"shopper-{unit}")];

    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("asdf", 0x415872F599CEA71E)]
    [InlineData("Call me Ishmael. Some years ago--never mind how long precisely-", 0x02A2E85470D6FD96)]
    public void Hash_PublishedVectors_AreFound(string text, ulong hash) => UnitHash.Of(Encoding.UTF8.GetBytes(text), 0).ShouldBe(hash);

    [Fact]
    public void VariantOf_UnequalWeights_TakesTheirSharesAndIsSticky()
    {
        var experiment = new Experiment("prices", [new("control", 5), new("a", 3), new("b", 2)]);
        var found = Array.ConvertAll(Units, unit => experiment.VariantOf(unit)!.Value);
        double[] counts = [.. Enumerable.Range(0, 3).Select(v => (double)found.Count(variant => variant == v))];
        SampleRatio.Of(counts, experiment.Shares).FixedProbability.ShouldBeGreaterThan(0.01);
        var again = new Experiment("prices", [new("control", 5), new("a", 3), new("b", 2)]);
        Array.ConvertAll(Units, unit => again.VariantOf(unit)!.Value).ShouldBe(found);

        // Assignments that were made once must be found again by every later version.
        found[..12].ShouldBe(Known);
    }

    [Fact]
    public void VariantOf_NamesThatGrowByOneLetter_AreUniformAndIndependent()
    {
        var one = new Experiment("e1", [new("control", 1), new("treatment", 1)]);
        var other = new Experiment("e2", [new("control", 1), new("treatment", 1)]);
        var cells = new double[4];
        foreach (var unit in Units) cells[(one.VariantOf(unit)!.Value * 2) + other.VariantOf(unit)!.Value]++;
        SampleRatio.Of(cells, [1, 1, 1, 1]).FixedProbability.ShouldBeGreaterThan(0.01);
    }

    [Fact]
    public void VariantOf_WeightsThatChange_MovesOnlyWhoMustMove()
    {
        var before = new Experiment("x", [new("control", 50), new("a", 25), new("b", 25)]);
        var after = new Experiment("x", [new("control", 50), new("a", 25), new("b", 50), new("c", 0)]);
        var moved = Units.Where(unit => before.VariantOf(unit) != after.VariantOf(unit)).ToArray();
        moved.ShouldAllBe(unit => after.VariantOf(unit) == 2);

        // b's share rises from 25 % to 40 %.
        ((double)moved.Length / Units.Length).ShouldBe(0.15, 0.01);
    }

    [Fact]
    public void VariantOf_StretchThatGrows_KeepsWhoWasIn()
    {
        Experiment Of(double to) => new("x", [new("control", 1), new("a", 1)], new LayerStretch("home", 0.2, to));
        var (small, large) = (Of(0.3), Of(0.6));
        var inside = Units.Where(unit => small.VariantOf(unit) is not null).ToArray();
        ((double)inside.Length / Units.Length).ShouldBe(0.1, 0.01);
        inside.ShouldAllBe(unit => small.VariantOf(unit) == large.VariantOf(unit));
        ((double)Units.Count(unit => large.VariantOf(unit) is not null) / Units.Length).ShouldBe(0.4, 0.01);
    }

    [Fact]
    public void VariantOf_TwoStretchesOfOneLayer_ShareNobody()
    {
        var one = new Experiment("one", [new("control", 1), new("a", 1)], new LayerStretch("home", 0, 0.5));
        var other = new Experiment("other", [new("control", 1), new("a", 1)], new LayerStretch("home", 0.5, 1));
        Units.ShouldAllBe(unit => (one.VariantOf(unit) == null) != (other.VariantOf(unit) == null));
        Experiment.CheckExclusive([one, other]);
        var overlapping = new Experiment("late", [new("control", 1), new("a", 1)], new LayerStretch("home", 0.4, 0.6));
        Should.Throw<ArgumentException>(() => Experiment.CheckExclusive([other, one, overlapping])).Message.ShouldContain("overlap in layer 'home'");
        var elsewhere = new Experiment("late", [new("control", 1), new("a", 1)], new LayerStretch("cart", 0.4, 0.6));
        Experiment.CheckExclusive([other, one, elsewhere]);
    }

    [Fact]
    public void Experiment_BadDescriptions_AreRefused()
    {
        Should.Throw<ArgumentException>(() => new Experiment("x", [new("control", 1)])).Message.ShouldContain("two at least");
        Should.Throw<ArgumentException>(() => new Experiment("x", [new("a", 1), new("a", 1)])).Message.ShouldContain("one name");
        Should.Throw<ArgumentException>(() => new Experiment("x", [new("a", 1), new("b", double.NaN)])).Message.ShouldContain("weight");
        Should.Throw<ArgumentException>(() => new Experiment("x", [new("a", 0), new("b", 0)])).Message.ShouldContain("weight 0");
        Should.Throw<ArgumentException>(() => new Experiment("x", [new("a", 1), new("b", 1)], new LayerStretch("l", 0.5, 0.5))).Message.ShouldContain("rising stretch");
    }

    [Fact]
    public void SampleRatio_HandComputed_EqualsThePapers()
    {
        // Pearson: (520 − 500)²/500 · 2 = 1.6 with one degree of freedom.
        var even = SampleRatio.Of([520, 480], [1, 1]);
        even.FixedProbability.ShouldBe(Distributions.ChiSquareTail(1.6, 1), 1e-12);

        // One unit can tell nothing: both ways it lies are as probable under the mixture as under the shares.
        SampleRatio.Of([1, 0], [1, 1]).SequentialProbability.ShouldBe(1, 1e-12);
        SampleRatio.Of([0, 0], [1, 1]).ShouldBe(new SampleRatio(1, 1));
        SampleRatio.Of([50_000, 51_500], [1, 1]).IsMismatch.ShouldBeTrue();
        SampleRatio.Of([50_000, 50_300], [1, 1]).IsMismatch.ShouldBeFalse();
        SampleRatio.Of([90_000, 10_100], [9, 1]).IsMismatch.ShouldBeFalse();
        Should.Throw<ArgumentException>(() => SampleRatio.Of([1, 2], [1, 0])).Message.ShouldContain("no share");
    }

    [Fact]
    public void SampleRatio_WatchedAllTheTime_AlarmsAsRarelyAsItSays()
    {
        // At every fiftieth unit, 400 times: an alarm at 5 % in a share of at most 5 % (Ville); one that is lopsided by a tenth is found.
        var (falsely, rightly) = (0, 0);
        for (var run = 0; run < 400; run++)
        {
            var random = new RandomStream(3, run);
            double[] fair = [0, 0], lopsided = [0, 0];
            var (fairAlarm, lopsidedAlarm) = (false, false);
            for (var unit = 1; unit <= 4000; unit++)
            {
                var place = random.UniformDouble();
                fair[place < 0.5 ? 0 : 1]++;
                lopsided[place < 0.55 ? 0 : 1]++;
                if (unit % 50 > 0) continue;
                fairAlarm |= SampleRatio.Of(fair, [1, 1]).SequentialProbability <= 0.05;
                lopsidedAlarm |= SampleRatio.Of(lopsided, [1, 1]).SequentialProbability <= 0.05;
            }

            falsely += fairAlarm ? 1 : 0;
            rightly += lopsidedAlarm ? 1 : 0;
        }

        falsely.ShouldBeLessThan(30);
        rightly.ShouldBeGreaterThan(395);
    }

    private static readonly int[] Known = [0, 0, 2, 0, 2, 0, 1, 2, 1, 0, 1, 2];
}
