using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class AreaUnderCurveTests
{
    [Fact]
    public void Of_SmallCase_EqualsTheCountDoneByHand()
    {
        // Negatives are items 1 (0.5), 3 (0.2) and 5 (0.7); item 4 is excluded. Target 0 (0.5) beats 3 and ties 1: 1.5 of 3. Target 2 (0.9) beats all.
        AreaUnderCurve.Of([0.5f, 0.5f, 0.9f, 0.2f, 0.8f, 0.7f], [0, 2], [4], null).ShouldBe([0.5f, 1f]);
    }

    [Fact]
    public void Of_UnknownItems_ShareTheLastPlace()
    {
        const float unknown = float.NegativeInfinity;
        AreaUnderCurve.Of([unknown, unknown, 1f], [0], [], null).ShouldBe([0.25f]);
    }

    [Fact]
    public void Of_GivenCandidates_CountsOnlyThose() =>
        AreaUnderCurve.Of([0.5f, 0.6f, 0.9f, 0.2f], [0], [3], [3, 1, 0]).ShouldBe([0.5f]);

    [Fact]
    public void Of_NoNegative_IsEven() => AreaUnderCurve.Of([0.5f, 1f], [0, 1], [], null).ShouldBe([0.5f, 0.5f]);

    [Fact]
    public void Of_RandomScores_EqualsThePairsCountedOneByOne()
    {
        var random = new Random(3);
        var scores = Enumerable.Range(0, 200).Select(_ => (float)random.Next(40)).ToArray();
        int[] targets = [3, 50, 51, 52, 199], excluded = [0, 4, 100];
        var areas = AreaUnderCurve.Of(scores, targets, excluded, null);
        var negatives = Enumerable.Range(0, 200).Except(targets).Except(excluded).ToArray();
        for (var t = 0; t < targets.Length; t++)
        {
            var wins = negatives.Sum(item => scores[item] < scores[targets[t]] ? 1 : scores[item] == scores[targets[t]] ? 0.5 : 0);
            ((double)areas[t]).ShouldBe(wins / negatives.Length, 1e-6);
        }
    }
}
