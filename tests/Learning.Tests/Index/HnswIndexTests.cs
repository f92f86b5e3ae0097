using Aisle.Learning.Index;

namespace Aisle.Learning.Tests.Index;

public sealed class HnswIndexTests : VectorIndexContract
{
    private const int Dimensions = 32;
    private const int Count = 3_000;

    private static readonly float[] Clustered = Clouds.Clustered(Count, Dimensions, 100, seed: 1);
    private static readonly float[] Queries = Clouds.Clustered(30, Dimensions, 100, seed: 2);

    protected override VectorIndex New(VectorMeasure measure, int dimensions) => new HnswIndex(measure, dimensions);

    protected override VectorIndex Load(Stream stream) => HnswIndex.Load(stream);

    [Theory]
    [InlineData(VectorMeasure.InnerProduct, true)]
    [InlineData(VectorMeasure.InnerProduct, false)]
    [InlineData(VectorMeasure.Cosine, true)]
    [InlineData(VectorMeasure.SquaredEuclidean, true)]
    [InlineData(VectorMeasure.SquaredEuclidean, false)]
    public void Search_Clusters_ReachesRecall(VectorMeasure measure, bool byBytes)
    {
        var index = Filled(measure, Clustered, new HnswOptions { WalkByBytes = byBytes, EfConstruction = 64 });
        Clouds.Recall(index, Clustered, Queries, 10).ShouldBeGreaterThan(0.97);
        index.EfSearch = 10;
        Clouds.Recall(index, Clustered, Queries, 10).ShouldBeInRange(0.8, 0.9999, "a short list of candidates must show that graphs are walked here, not scanned");
    }

    [Fact]
    public void Search_NoClusters_ReachesRecall()
    {
        var vectors = Clouds.Uniform(Count, Dimensions, seed: 1);
        Clouds.Recall(Filled(VectorMeasure.SquaredEuclidean, vectors), vectors, Clouds.Uniform(30, Dimensions, seed: 2), 10).ShouldBeGreaterThan(0.8);
    }

    [Fact]
    public void Search_LengthsThatDiffer_ReachesRecall()
    {
        // Products favour long vectors: popular items among the factors of a model.
        var vectors = (float[])Clustered.Clone();
        for (var i = 0; i < Count; i++)
        {
            foreach (ref var value in vectors.AsSpan(i * Dimensions, Dimensions)) value *= 10f / (1 + (i % 50));
        }

        Clouds.Recall(Filled(VectorMeasure.InnerProduct, vectors), vectors, Queries, 10).ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Search_HalfRemovedAndPutBack_KeepsRecall()
    {
        var index = Filled(VectorMeasure.Cosine, Clustered);
        var before = Clouds.Recall(index, Clustered, Queries, 10);
        for (var round = 0; round < 3; round++)
        {
            for (var item = round % 2; item < Count; item += 2) index.Remove(item).ShouldBeTrue();
            index.Count.ShouldBe(Count / 2);
            Clouds.Recall(index, Clustered, Queries, 10).ShouldBeGreaterThan(before - 0.02, $"half removed, round {round}");
            for (var item = round % 2; item < Count; item += 2) index.Set(item, Clustered.AsSpan(item * Dimensions, Dimensions));
            Clouds.Recall(index, Clustered, Queries, 10).ShouldBeGreaterThan(before - 0.02, $"half put back, round {round}");
        }
    }

    [Fact]
    public void Search_WholeClustersRemoved_FindsWhatIsLeft()
    {
        var index = Filled(VectorMeasure.SquaredEuclidean, Clustered);
        var first = Clustered[..Dimensions];
        foreach (var (item, _) in Clouds.Nearest(index.Measure, Clustered, first, 800, _ => true)) index.Remove(item);
        Clouds.Recall(index, Clustered, [.. first, .. Queries], 10).ShouldBeGreaterThan(0.97);
        for (var item = 0; item < Count - 1; item++)
        {
            index.Remove(item);
            if (item % 700 == 0) HnswIndex.Load(new MemoryStream(Saved(index))).Count.ShouldBe(index.Count, "what a repair leaves must be a graph that is accepted");
        }

        Search(index, first, 5).Items.ShouldBe([Count - 1]);
    }

    [Fact]
    public void Search_Filters_FindTheNearestAllowed()
    {
        var index = Filled(VectorMeasure.Cosine, Clustered);
        foreach (var every in new[] { 2, 5, 20, 1_500 })
        {
            var set = new ItemSet(Count);
            for (var item = 0; item < Count; item += every) set.Add(item);
            var (items, scores) = (new int[10], new float[10]);
            var hits = 0;
            foreach (var query in Queries.Chunk(Dimensions))
            {
                var truth = Clouds.Nearest(index.Measure, Clustered, query, 10, set.Contains);
                index.Search(query, items, scores, set).ShouldBe(truth.Length);
                hits += items.AsSpan(0, truth.Length).ToArray().Intersect(truth.Select(pair => pair.Item)).Count();
            }

            (hits / (30.0 * Math.Min(10, set.Count))).ShouldBeGreaterThan(0.97, $"every {every}");
            Clouds.Recall(index, Clustered, Queries, 10, item => item % every == 0).ShouldBeGreaterThan(0.97, $"every {every}, asked one by one");
        }
    }

    [Fact]
    public void Search_FilterThatAllowsOnlyWhatIsFar_FindsIt()
    {
        var index = Filled(VectorMeasure.SquaredEuclidean, Clustered);
        var query = Clustered[..Dimensions];
        var far = Clouds.Nearest(index.Measure, Clustered, query, Count, _ => true)[^1_000..];
        var set = new ItemSet(Count);
        foreach (var (item, _) in far) set.Add(item);
        var (items, scores) = (new int[10], new float[10]);
        index.Search(query, items, scores, set).ShouldBe(10);
        items.Intersect(far[..10].Select(pair => pair.Item)).Count().ShouldBeGreaterThanOrEqualTo(9);
    }

    [Fact]
    public void Search_ManyEqualVectors_FindsBothThemAndOthers()
    {
        var vectors = (float[])Clustered.Clone();
        for (var item = 1_000; item < 2_000; item++) vectors.AsSpan(0, Dimensions).CopyTo(vectors.AsSpan(item * Dimensions));
        var index = Filled(VectorMeasure.SquaredEuclidean, vectors);
        Search(index, vectors[..Dimensions], 50).Scores.ShouldAllBe(score => score == 0);
        var others = Queries.Chunk(Dimensions).Where(query => Clouds.Nearest(index.Measure, vectors, query, 1, _ => true)[0].Item is < 1_000 or >= 2_000).SelectMany(query => query).ToArray();
        Clouds.Recall(index, vectors, others, 10).ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public void Build_AnyThreads_MakesTheSameFile()
    {
        var expected = Saved(Filled(VectorMeasure.Cosine, Clustered[..(1_000 * Dimensions)]));
        foreach (var threads in new[] { 3 }) Saved(Filled(VectorMeasure.Cosine, Clustered[..(1_000 * Dimensions)], null, threads)).ShouldBe(expected);
        Saved(Filled(VectorMeasure.Cosine, Clustered[..(1_000 * Dimensions)], new HnswOptions { EfConstruction = 64, Seed = 2 })).ShouldNotBe(expected);
    }

    [Fact]
    public void Set_OneByOneOnALoadedIndex_GoesOnAsIfNothingHadHappened()
    {
        var index = Filled(VectorMeasure.SquaredEuclidean, Clustered[..(1_000 * Dimensions)]);
        for (var item = 0; item < 250; item++) index.Remove(item);
        var copy = HnswIndex.Load(new MemoryStream(Saved(index)));
        foreach (var changed in new[] { index, copy })
        {
            for (var item = 0; item < 300; item++) changed.Set(item, Clustered.AsSpan((2_000 + item) * Dimensions, Dimensions));
            for (var item = 500; item < 750; item++) changed.Remove(item);
        }

        Saved(copy).ShouldBe(Saved(index));
    }

    [Fact]
    public void SetMany_Cancelled_LeavesAnIndexThatWorks()
    {
        var index = new HnswIndex(VectorMeasure.Cosine, Dimensions);
        index.SetMany(Enumerable.Range(0, 100).ToArray(), Clustered.AsMemory(0, 100 * Dimensions));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Should.Throw<OperationCanceledException>(() => index.SetMany(Enumerable.Range(50, 100).ToArray(), Clustered.AsMemory(0, 100 * Dimensions), 1, source.Token));
        index.Count.ShouldBe(50);
        index.SetMany(Enumerable.Range(50, 2_950).ToArray(), Clustered.AsMemory(50 * Dimensions));
        Clouds.Recall(index, Clustered, Queries, 10).ShouldBeGreaterThan(0.97);
    }

    [Theory]
    [InlineData(3, 200, "links is 3; allowed are 4 to 64")]
    [InlineData(16, 4_001, "efConstruction is 4001; allowed are 16 to 4000")]
    public void New_OptionsOutOfRange_AreRefused(int links, int efConstruction, string reason) =>
        Should.Throw<ArgumentException>(() => new HnswIndex(VectorMeasure.Cosine, 4, new HnswOptions { Links = links, EfConstruction = efConstruction })).Message.ShouldContain(reason);

    [Fact]
    public void EfSearch_OutOfRange_IsRefused() =>
        Should.Throw<ArgumentException>(() => new HnswIndex(VectorMeasure.Cosine, 4).EfSearch = 0).Message.ShouldContain("efSearch is 0; allowed are 1 to 100000");

    [Fact]
    public void Search_LargeIndexWarm_AllocatesNothing()
    {
        var index = Filled(VectorMeasure.Cosine, Clustered);
        index.Remove(3);
        var (items, scores, set) = (new int[10], new float[10], new ItemSet(Count));
        for (var item = 0; item < Count; item += 2) set.Add(item);
        long before = 0;
        for (var i = 0; i < 400; i++)
        {
            if (i == 200) before = GC.GetAllocatedBytesForCurrentThread();
            index.Search(Queries.AsSpan(i % 30 * Dimensions, Dimensions), items, scores);
            index.Search(Queries.AsSpan(i % 30 * Dimensions, Dimensions), items, scores, set);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static HnswIndex Filled(VectorMeasure measure, float[] vectors, HnswOptions? options = null, int threads = 1)
    {
        var index = new HnswIndex(measure, Dimensions, options ?? new HnswOptions { EfConstruction = 64 }) { EfSearch = 40 };
        index.SetMany(Enumerable.Range(0, vectors.Length / Dimensions).ToArray(), vectors, threads);
        return index;
    }
}
