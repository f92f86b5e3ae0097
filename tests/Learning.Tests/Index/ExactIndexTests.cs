using Aisle.Learning.Index;

namespace Aisle.Learning.Tests.Index;

public sealed class ExactIndexTests : VectorIndexContract
{
    protected override VectorIndex New(VectorMeasure measure, int dimensions) => new ExactIndex(measure, dimensions);

    protected override VectorIndex Load(Stream stream) => ExactIndex.Load(stream);
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
