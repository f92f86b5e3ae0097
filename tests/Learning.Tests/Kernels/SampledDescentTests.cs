using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class SampledDescentTests
{
    [Theory]
    [InlineData("Softmax", 1, -1, false)]
    [InlineData("Softmax", 6, -1, false)]
    [InlineData("Hardest", 5, 40, false)]
    [InlineData("RankWeighted", 10, -1, false)]
    [InlineData("Logistic", 4, 40, false)]
    [InlineData("Logistic", 8, 40, true)]
    public void Run_AnyLoss_EqualsReference(string loss, int draws, int biasColumn, bool drawsObserved)
    {
        const int Users = 20, Items = 30, Pairs = 60;
        var dimensions = biasColumn < 0 ? 40 : biasColumn + 1;
        var users = Numbers.Factors(Users, dimensions, 16);
        var items = Numbers.Factors(Items, dimensions, 17);
        if (biasColumn >= 0)
        {
            for (var user = 0; user < Users; user++) users.Values(user)[biasColumn] = 1f;
        }

        var (expectedUsers, expectedItems) = (Numbers.Factors(Users, dimensions, 16), Numbers.Factors(Items, dimensions, 17));
        users.All.CopyTo(expectedUsers.All);
        int[] pairUsers = [.. Enumerable.Range(0, Pairs).Select(pair => pair % Users)];
        int[] pairItems = [.. Enumerable.Range(0, Pairs).Select(pair => pair / Users)];
        float[] weights = [.. Enumerable.Repeat(1.5f, Pairs)];
        int[] candidates = [.. Enumerable.Range(0, Items)];
        long[] seenStarts = [.. Enumerable.Range(0, Users + 1).Select(user => 3L * user)];
        int[] seen = [.. Enumerable.Range(0, 3 * Users).Select(i => i % 3)];
        fixed (int* pairUser = pairUsers, pairItem = pairItems, candidate = candidates, seenItem = seen)
        fixed (float* weight = weights)
        fixed (long* seenStart = seenStarts)
        {
            var block = new SampledDescent.Block
            {
                Users = users.Row(0), Items = items.Row(0), Stride = users.Stride, BiasColumn = biasColumn,
                PairUsers = pairUser, PairItems = pairItem, PairWeights = weight, Pairs = Pairs,
                Candidates = candidate, CandidateCount = Items, SeenStarts = seenStart, Seen = seenItem,
                Loss = Enum.Parse<SampledLoss>(loss), Draws = draws, DrawsObserved = drawsObserved, KnownItems = Items, RankScale = 0.3f,
                LearningRate = 0.05f, UserRegularization = 0.01f, ItemRegularization = 0.02f,
            };
            SampledDescent.Run(block, new RandomStream(3));
            block.Users = expectedUsers.Row(0);
            block.Items = expectedItems.Row(0);
            SampledDescent.RunReference(block, new RandomStream(3));
        }

        Numbers.LargestDifference(users.All, expectedUsers.All).ShouldBeLessThan(1e-4);
        Numbers.LargestDifference(items.All, expectedItems.All).ShouldBeLessThan(1e-4);
        Numbers.LargestDifference(items.All, Numbers.Factors(Items, dimensions, 17).All).ShouldBeGreaterThan(1e-3, "something moved");
    }
}
