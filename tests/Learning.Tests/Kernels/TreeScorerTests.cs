using Aisle.Learning.Ranking;
using Aisle.Learning.Tests.Ranking;

namespace Aisle.Learning.Tests.Kernels;

public sealed class TreeScorerTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(200)]
    public void Score_EqualsWalkingNodeByNode(int leaves)
    {
        var model = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 8, Leaves = leaves, MinLeafRows = 1, MaxDepth = 64 }).Fit(Made.Lists(120, 3));
        foreach (var count in (int[])[1, 7, 8, 16, 53])
        {
            var rows = Made.Rows(count, 4);
            var (fast, plain) = (new float[count], new float[count]);
            model.Score(rows, fast);
            model.ScoreReference(rows, plain);
            for (var i = 0; i < count; i++) fast[i].ShouldBe(plain[i], 1e-4f);
        }
    }
}
