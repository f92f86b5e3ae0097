using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class SampledCandidatesTests
{
    private static readonly RankingCases Cases = RankingCases.OfUsers(Interactions.From(3, 50, [0, 2], [7, 9]), Interactions.From(3, 50, [0, 0, 2], [1, 2, 3]));

    [Fact]
    public void Draw_TakesUntouchedItemsOnceAndTheTargetLast()
    {
        var drawn = SampledCandidates.Draw(Cases, 20, seed: 1);
        drawn.AreSampled.ShouldBeTrue();
        var first = drawn.CandidatesOf(0)!;
        first.Length.ShouldBe(21);
        first.ShouldBeUnique();
        first[^1].ShouldBe(7);
        first.ShouldNotContain(1);
        first.ShouldNotContain(2);
        SampledCandidates.Draw(Cases, 20, seed: 1).CandidatesOf(0).ShouldBe(first);
        SampledCandidates.Draw(Cases, 20, seed: 2).CandidatesOf(0).ShouldNotBe(first);
    }

    [Fact]
    public void Draw_MoreThanThereAre_TakesAll() => SampledCandidates.Draw(Cases, 99, seed: 1).CandidatesOf(1)!.Length.ShouldBe(49);

    [Fact]
    public void Given_NegativeThatIsTheTarget_IsOneCandidateAndCounted()
    {
        var given = SampledCandidates.Given(Cases, new Dictionary<int, int[]> { [0] = [4, 7, 4, 5], [2] = [8] }, "negatives.txt", out var itself);
        itself.ShouldBe(1);
        given.CandidatesOf(0).ShouldBe([4, 5, 7]);
        given.CandidatesOf(1).ShouldBe([8, 9]);
    }

    [Fact]
    public void Given_UserWithoutNegatives_IsRefused() =>
        Should.Throw<ArgumentException>(() => SampledCandidates.Given(Cases, new Dictionary<int, int[]> { [0] = [4] }, "negatives.txt", out _)).Message.ShouldContain("negatives.txt holds no negatives for user 2");
}
