using Aisle.Learning.Ranking;

namespace Aisle.Learning.Tests.Ranking;

public sealed class GroupListsTests
{
    private static readonly float[] Scores = [0.9f, 0.8f, 0.7f, 0.6f, 0.5f, 0.4f];
    private static readonly int[] Groups = [0, 0, 0, 0, 1, 1];

    [Theory]
    [InlineData(0, new[] { 0, 1, 2, 3 })]
    [InlineData(0.9, new[] { 0, 4, 1, 5 })]
    public void Calibrated_HandComputed(double strength, int[] expected)
    {
        var chosen = new int[4];
        CalibratedLists.Choose(Scores, Groups, [0.5, 0.5], strength, chosen);
        chosen.ShouldBe(expected);
    }

    [Fact]
    public void Divergence_HandComputed()
    {
        // q = (1, 0): q̃ = (.995, .005).
        CalibratedLists.Divergence([0, 1], Groups, [0.5, 0.5]).ShouldBe((0.5 * Math.Log(0.5 / 0.995)) + (0.5 * Math.Log(0.5 / 0.005)), 1e-12);
        CalibratedLists.Divergence([0, 4], Groups, [0.5, 0.5]).ShouldBe(0, 1e-12);
        CalibratedLists.Divergence([0, 1], Groups, [1, 0]).ShouldBe(0, 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Calibrated_EqualsPlainReference(int seed)
    {
        var random = new Random(seed);
        float[] scores = [.. Enumerable.Range(0, 40).Select(_ => random.NextSingle())];
        int[] groups = [.. Enumerable.Range(0, 40).Select(_ => random.Next(5))];
        double[] mix = [0.4, 0.3, 0.2, 0.1, 0];
        var chosen = new int[10];
        CalibratedLists.Choose(scores, groups, mix, 0.6, chosen);
        List<int> expected = [];
        for (var place = 0; place < 10; place++)
        {
            expected.Add(Enumerable.Range(0, 40).Except(expected).MaxBy(i =>
                (0.4 * (expected.Sum(j => scores[j]) + scores[i])) - (0.6 * CalibratedLists.Divergence([.. expected, i], groups, mix))));
        }

        chosen.ShouldBe(expected);
    }

    [Fact]
    public void Quotas_HandComputed()
    {
        Quotas(new GroupQuota(1, 3, AtLeast: 1)).ShouldBe([0, 1, 4, 2]);
        Quotas(new GroupQuota(1, 3, AtLeast: 2)).ShouldBe([0, 4, 5, 1]);
        Quotas(new GroupQuota(0, 4, AtMost: 2)).ShouldBe([0, 1, 4, 5]);
        Quotas(new GroupQuota(0, 2, AtMost: 1)).ShouldBe([0, 4, 1, 2]);
        Quotas(new GroupQuota(1, 4, AtLeast: 4)).ShouldBe([0, 1, 4, 5], "there are only two");
        Quotas(new GroupQuota(0, 4, AtMost: 1)).ShouldBe([0, 4, 5, 1], "nothing else is left");
        Quotas(new GroupQuota(1, 1, AtLeast: 1), new GroupQuota(0, 3, AtLeast: 2)).ShouldBe([4, 0, 1, 2], "the first place belongs to the nearer bound");
        Should.Throw<ArgumentException>(() => Quotas(new GroupQuota(1, 2, AtLeast: 3))).Message.ShouldContain("cannot be kept");
    }

    [Fact]
    public void Quotas_SamePlaces_NoOtherListScoresMore()
    {
        var random = new Random(3);
        for (var run = 0; run < 60; run++)
        {
            float[] scores = [.. Enumerable.Range(0, 9).Select(_ => random.NextSingle())];
            int[] groups = [.. Enumerable.Range(0, 9).Select(i => i % 3)];
            var (first, second) = (random.Next(3), random.Next(3));
            GroupQuota[] quotas = [new(0, 5, first, first + random.Next(3)), new(1, 5, Math.Min(second, 3), 3)];
            var chosen = new int[5];
            GroupLists.WithQuotas(scores, groups, quotas, chosen);
            bool Keeps(IEnumerable<int> list) => quotas.All(quota => list.Count(i => groups[i] == quota.Group) is var count && count >= quota.AtLeast && count <= quota.AtMost);
            var best = Enumerable.Range(0, 512).Where(set => System.Numerics.BitOperations.PopCount((uint)set) == 5)
                .Select(set => Enumerable.Range(0, 9).Where(i => (set >> i & 1) > 0).ToArray()).Where(Keeps).Max(list => list.Sum(i => scores[i]));
            Keeps(chosen).ShouldBeTrue();
            chosen.Sum(i => scores[i]).ShouldBe(best, 1e-5f);
        }
    }

    [Fact]
    public void Exposure_HandComputed()
    {
        // Places count 1, .631, .5: after the first of group 0, group 1 has nothing of 1.631 and is helped; then it has .631 of 2.131 and lacks .2, group 0 .03.
        var chosen = new int[3];
        var cost = GroupLists.WithExposure(Scores, Groups, [0.5, 0.5], 0, chosen);
        chosen.ShouldBe([0, 4, 5]);
        var second = 1 / Math.Log2(3);
        cost.Unconstrained.ShouldBe(0.9 + (0.8 * second) + (0.7 * 0.5), 1e-6);
        cost.Constrained.ShouldBe(0.9 + (0.5 * second) + (0.4 * 0.5), 1e-6);
        cost.Shortfall.ShouldBe(0.5 - (1 / (1.5 + second)), 1e-6);

        var free = GroupLists.WithExposure(Scores, Groups, [0.5, 0.5], 1, chosen);
        chosen.ShouldBe([0, 1, 2]);
        free.Constrained.ShouldBe(free.Unconstrained);
        free.Shortfall.ShouldBe(0.5, 1e-6);
    }

    [Fact]
    public void Exposure_LongList_ReachesItsTargets()
    {
        var random = new Random(1);
        int[] groups = [.. Enumerable.Range(0, 300).Select(i => i % 3)];
        float[] scores = [.. groups.Select(group => random.NextSingle() + (group == 0 ? 2 : 0))];
        var chosen = new int[50];
        var cost = GroupLists.WithExposure(scores, groups, [0.6, 0.3, 0.1], 0.01, chosen);
        cost.Shortfall.ShouldBeLessThan(0.05);
        cost.Constrained.ShouldBeLessThan(cost.Unconstrained);
        chosen.Distinct().Count().ShouldBe(50);
        Should.Throw<ArgumentException>(() => GroupLists.WithExposure(scores, groups, [0.6, 0.3, 0.3], 0, chosen)).Message.ShouldContain("must sum to 1");
        Should.Throw<ArgumentException>(() => GroupLists.WithExposure(scores, groups, [0.6, 0.4], 0, chosen)).Message.ShouldContain("in group 2");
    }

    private static int[] Quotas(params GroupQuota[] quotas)
    {
        var chosen = new int[4];
        GroupLists.WithQuotas(Scores, Groups, quotas, chosen);
        return chosen;
    }
}
