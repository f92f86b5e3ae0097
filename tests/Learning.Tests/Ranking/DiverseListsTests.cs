using Aisle.Learning.Ranking;

namespace Aisle.Learning.Tests.Ranking;

public sealed class DiverseListsTests
{
    /// <summary>Two like items and one that differs from both, on the unit circle.</summary>
    private static readonly float[] Vectors = [1, 0, 0.8f, 0.6f, 0, 1];
    private static readonly float[] Scores = [1, 0.9f, 0.4f];

    [Theory]
    [InlineData(1, new[] { 0, 1, 2 })]
    [InlineData(0.5, new[] { 0, 2, 1 })]
    [InlineData(0.7, new[] { 0, 1, 2 })]
    public void Marginal_HandComputed(double relevance, int[] expected)
    {
        // Second place: λ .9 − (1 − λ) .8 against λ .4 − 0: .05 and .20 at λ = .5, .39 and .28 at λ = .7.
        var chosen = new int[3];
        DiverseLists.Marginal(Scores, Vectors, relevance, chosen);
        chosen.ShouldBe(expected);
    }

    [Theory]
    [InlineData(0.1, new[] { 0, 2, 1 })]
    [InlineData(3, new[] { 0, 1, 2 })]
    public void Determinantal_HandComputed(double strength, int[] expected)
    {
        // Likeness .9 and .5 to the first: det adds 1 − .81 = .19 or 1 − .25 = .75; log of it −1.66 and −.29; 2 α times scores .9 and .4.
        var chosen = new int[3];
        DiverseLists.Determinantal(Scores, Vectors, strength, chosen);
        chosen.ShouldBe(expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_EqualPlainReferences(int seed)
    {
        var (scores, vectors) = Candidates(60, 24, seed);
        int[] marginal = new int[12], determinantal = new int[12];
        DiverseLists.Marginal(scores, vectors, 0.6, marginal);
        DiverseLists.Determinantal(scores, vectors, 1.5, determinantal);
        marginal.ShouldBe(Greedy(60, 12, (list, i) => (0.6 * scores[i]) - (list.Count == 0 ? 0 : 0.4 * list.Max(j => Likeness(vectors, i, j)))));
        determinantal.ShouldBe(Greedy(60, 12, (list, i) =>
        {
            int[] all = [.. list, i];
            var kernel = new double[all.Length, all.Length];
            for (var a = 0; a < all.Length; a++)
            {
                for (var b = 0; b < all.Length; b++) kernel[a, b] = Math.Exp(1.5 * (scores[all[a]] + scores[all[b]])) * (0.5 + (0.5 * Likeness(vectors, all[a], all[b])));
            }

            return LogDeterminant(kernel);
        }));
    }

    [Fact]
    public void Determinantal_Twins_ComeLastByScore()
    {
        var chosen = new int[4];
        DiverseLists.Determinantal([0.9f, 0.8f, 0.2f, 0.85f], [1, 0, 1, 0, 0, 1, 1, 0], 1, chosen);
        chosen.ShouldBe([0, 2, 3, 1]);
    }

    [Fact]
    public void Both_AllocateNothing()
    {
        var (scores, vectors) = Candidates(100, 16, 1);
        var chosen = new int[10];
        void Run()
        {
            DiverseLists.Marginal(scores, vectors, 0.5, chosen);
            DiverseLists.Determinantal(scores, vectors, 1, chosen);
        }

        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200, "the test's own closure at most");
    }

    [Fact]
    public void Input_OutOfRange_IsRefused()
    {
        Should.Throw<ArgumentException>(() => DiverseLists.Marginal([1], [1], 0.5, new int[2])).Message.ShouldContain("2 places cannot be filled from 1");
        Should.Throw<ArgumentException>(() => DiverseLists.Marginal([float.NaN], [1], 0.5, new int[1])).Message.ShouldContain("score of candidate 0");
        Should.Throw<ArgumentException>(() => DiverseLists.Marginal([1, 2], [1, 1, 1], 0.5, new int[1])).Message.ShouldContain("3 numbers");
        Should.Throw<ArgumentException>(() => DiverseLists.Marginal([1], [1], 2, new int[1])).Message.ShouldContain("0 to 1");
        Should.NotThrow(() => DiverseLists.Determinantal([], [], 1, []));
    }

    internal static (float[] Scores, float[] Vectors) Candidates(int count, int dimensions, int seed)
    {
        var random = new Random(seed);
        float[] scores = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
        var vectors = new float[count * dimensions];
        for (var i = 0; i < count; i++)
        {
            var own = vectors.AsSpan(i * dimensions, dimensions);
            foreach (ref var value in own) value = random.NextSingle() - 0.4f;
            var norm = MathF.Sqrt(own.ToArray().Sum(value => value * value));
            foreach (ref var value in own) value /= norm;
        }

        return (scores, vectors);
    }

    private static double Likeness(float[] vectors, int a, int b)
    {
        var dimensions = vectors.Length / 60;
        return Enumerable.Range(0, dimensions).Sum(d => (double)vectors[(a * dimensions) + d] * vectors[(b * dimensions) + d]);
    }

    private static int[] Greedy(int count, int places, Func<List<int>, int, double> value)
    {
        List<int> list = [];
        for (var place = 0; place < places; place++) list.Add(Enumerable.Range(0, count).Except(list).MaxBy(i => value(list, i)));
        return [.. list];
    }

    private static double LogDeterminant(double[,] matrix)
    {
        var (n, sum) = (matrix.GetLength(0), 0.0);
        for (var k = 0; k < n; k++)
        {
            sum += Math.Log(matrix[k, k]);
            for (var i = k + 1; i < n; i++)
            {
                for (var j = n - 1; j >= k; j--) matrix[i, j] -= matrix[i, k] / matrix[k, k] * matrix[k, j];
            }
        }

        return sum;
    }
}
