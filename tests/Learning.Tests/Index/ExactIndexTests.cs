using Aisle.Learning.Index;

namespace Aisle.Learning.Tests.Index;

public sealed class ExactIndexTests : VectorIndexContract
{
    protected override VectorIndex New(VectorMeasure measure, int dimensions) => new ExactIndex(measure, dimensions);

    protected override VectorIndex Load(Stream stream) => ExactIndex.Load(stream);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_LongVectorThatARemovalMovedAmongShortOnes_IsFound(bool asBytes)
    {
        const int Count = 4_000;
        // The first block middling, those after it short, and the last vector of all the longest.
        var vectors = Enumerable.Range(0, Count).SelectMany(item => new[] { item < 1_024 ? 1f : item < Count - 1 ? 0.01f : 5f, 0f }).ToArray();
        var index = new ExactIndex(VectorMeasure.InnerProduct, 2, asBytes);
        index.SetMany(Enumerable.Range(0, Count).ToArray(), vectors);

        index.Remove(1_500);

        Search(index, [1f, 0f], 1).Items.ShouldBe([Count - 1]);
    }

    [Fact]
    public void Search_BlocksOfVectorsTooShortToMatter_FindsWhatALookAtAllFinds()
    {
        const int Dimensions = 8;
        const int Count = 5_000;
        var vectors = Clouds.Clustered(Count, Dimensions, 50, seed: 4);
        for (var i = 0; i < vectors.Length; i++) vectors[i] *= 10f / (10 + (i / Dimensions));
        var index = new ExactIndex(VectorMeasure.InnerProduct, Dimensions);
        index.SetMany(Enumerable.Range(0, Count).ToArray(), vectors);
        AgreeWithAll();

        // One of the short ones grows long, and one that was long goes.
        vectors.AsSpan(4_900 * Dimensions, Dimensions).Fill(2f);
        index.Set(4_900, vectors.AsSpan(4_900 * Dimensions, Dimensions));
        index.Remove(0);
        vectors.AsSpan(0, Dimensions).Clear();
        AgreeWithAll();

        void AgreeWithAll()
        {
            for (var seed = 10; seed < 30; seed++)
            {
                var query = Clouds.Clustered(1, Dimensions, 50, seed);
                var expected = Enumerable.Range(0, Count)
                    .Where(index.Contains)
                    .OrderByDescending(item => Clouds.Score(VectorMeasure.InnerProduct, query, vectors.AsSpan(item * Dimensions, Dimensions).ToArray()))
                    .Take(10);
                Search(index, query, 10).Items.ShouldBe(expected);
            }
        }
    }
}

public sealed class ExactIndexAsBytesTests : VectorIndexContract
{
    protected override double Tolerance => 0.02;

    protected override VectorIndex New(VectorMeasure measure, int dimensions) => new ExactIndex(measure, dimensions, asBytes: true);

    protected override VectorIndex Load(Stream stream) => ExactIndex.Load(stream);

    [Theory]
    [InlineData(VectorMeasure.InnerProduct)]
    [InlineData(VectorMeasure.Cosine)]
    public void Scores_AnyVector_StayWithinTheStatedError(VectorMeasure measure)
    {
        const int Dimensions = 64;
        var vectors = Clouds.Clustered(2_000, Dimensions, 50, seed: 1);
        var index = new ExactIndex(measure, Dimensions, asBytes: true);
        index.SetMany(Enumerable.Range(0, 2_000).ToArray(), vectors);
        var query = Clouds.Clustered(1, Dimensions, 50, seed: 2);
        var (items, scores) = Search(index, query, 2_000);
        var absolute = query.Sum(MathF.Abs);
        var sum = 0.0;
        for (var i = 0; i < items.Length; i++)
        {
            var vector = vectors.AsSpan(items[i] * Dimensions, Dimensions).ToArray();
            var bound = measure == VectorMeasure.Cosine ? Math.Sqrt(Dimensions) / 254 : absolute * vector.Max(MathF.Abs) / 254;
            var error = Math.Abs(scores[i] - Clouds.Score(measure, query, vector));
            error.ShouldBeLessThan(bound * 1.01);
            sum += error / bound;
        }

        (sum / items.Length).ShouldBeLessThan(0.2);
        Clouds.Recall(index, vectors, Clouds.Clustered(50, Dimensions, 50, seed: 3), 10).ShouldBeGreaterThan(0.97);
    }
}
