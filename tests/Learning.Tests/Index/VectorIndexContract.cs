using Aisle.Learning.Index;

namespace Aisle.Learning.Tests.Index;

/// <summary>What every index does, whatever is inside; on sets so small that each must find the very nearest.</summary>
public abstract class VectorIndexContract
{
    private const int Dimensions = 24;
    private const int Count = 500;

    private static readonly float[] Vectors = Clouds.Clustered(Count, Dimensions, 20, seed: 1);

    /// <summary>How far a score may be from the truth, relative to the longest vectors' squared length.</summary>
    protected virtual double Tolerance => 1e-6;

    protected abstract VectorIndex New(VectorMeasure measure, int dimensions);

    protected abstract VectorIndex Load(Stream stream);

    [Theory]
    [InlineData(VectorMeasure.InnerProduct)]
    [InlineData(VectorMeasure.Cosine)]
    [InlineData(VectorMeasure.SquaredEuclidean)]
    public void Search_EachMeasure_FindsTheNearestWithTheirScores(VectorMeasure measure)
    {
        var index = this.Filled(measure);
        var tolerance = this.Tolerance * (measure == VectorMeasure.Cosine ? 1 : 4 * Dimensions);
        foreach (var query in Clouds.Clustered(10, Dimensions, 20, seed: 2).Chunk(Dimensions))
        {
            var truth = Clouds.Nearest(measure, Vectors, query, 10, _ => true);
            var (items, scores) = Search(index, query, 10);
            items.Length.ShouldBe(10);
            items.ShouldBeUnique();
            for (var i = 0; i < 10; i++)
            {
                ((double)scores[i]).ShouldBe(truth[i].Score, tolerance);
                Clouds.Score(measure, query, Vectors.AsSpan(items[i] * Dimensions, Dimensions)).ShouldBe(scores[i], tolerance);
            }

            if (this.Tolerance < 1e-5) items.ShouldBe(truth.Select(pair => pair.Item));
        }
    }

    [Fact]
    public void Search_MorePlacesThanItems_FillsAsManyAsThereAre()
    {
        var index = this.Filled(VectorMeasure.Cosine);
        var (items, _) = Search(index, Vectors[..Dimensions], Count + 50);
        items.Order().ShouldBe(Enumerable.Range(0, Count));
        Search(index, Vectors[..Dimensions], 0).Items.ShouldBeEmpty();
    }

    [Fact]
    public void Search_EmptyIndex_FindsNothing()
    {
        var index = this.New(VectorMeasure.InnerProduct, 3);
        Search(index, [1, 2, 3], 5).Items.ShouldBeEmpty();
        index.Remove(4).ShouldBeFalse();
        index.Set(4, [1, 0, 0]);
        index.Remove(4).ShouldBeTrue();
        index.Count.ShouldBe(0);
        Search(index, [1, 2, 3], 5).Items.ShouldBeEmpty();
        var (items, scores) = (new int[2], new float[2]);
        index.SearchMany(new float[] { 1, 2, 3 }, items, scores);
        items.ShouldBe([-1, -1]);
        scores.ShouldAllBe(score => float.IsNegativeInfinity(score));
    }

    [Fact]
    public void Search_WithFilter_FindsTheNearestAllowed()
    {
        var index = this.Filled(VectorMeasure.SquaredEuclidean);
        foreach (var every in new[] { 1, 2, 30, 400, 1_000 })
        {
            var set = new ItemSet(Count);
            for (var item = 7; item < Count; item += every) set.Add(item);
            var (items, scores) = (new int[10], new float[10]);
            var query = Clouds.Clustered(1, Dimensions, 20, seed: 3);
            var count = index.Search(query, items, scores, set);
            var truth = Clouds.Nearest(index.Measure, Vectors, query, 10, set.Contains);
            items[..count].ShouldBe(truth.Select(pair => pair.Item), $"every {every}");
            index.Search(query, items, scores, set.Contains).ShouldBe(count);
            items[..count].ShouldBe(truth.Select(pair => pair.Item));
        }

        index.Search(Vectors.AsSpan(0, Dimensions), new int[3], new float[3], new ItemSet(0)).ShouldBe(0);
    }

    [Fact]
    public void SearchMany_AnyThreads_EqualsSearchesAlone()
    {
        var index = this.Filled(VectorMeasure.InnerProduct);
        var queries = Clouds.Clustered(37, Dimensions, 20, seed: 4);
        foreach (var threads in new[] { 1, 3 })
        {
            var (items, scores) = (new int[37 * 5], new float[37 * 5]);
            index.SearchMany(queries, items, scores, threads);
            for (var i = 0; i < 37; i++)
            {
                var alone = Search(index, queries[(i * Dimensions)..((i + 1) * Dimensions)], 5);
                items[(i * 5)..((i + 1) * 5)].ShouldBe(alone.Items);
                scores[(i * 5)..((i + 1) * 5)].ShouldBe(alone.Scores);
            }
        }
    }

    [Fact]
    public void SetAndRemove_ItemsOfTheSet_AreFoundAsTheyAreNow()
    {
        var index = this.Filled(VectorMeasure.Cosine);
        var far = Vectors[..Dimensions].Select(value => -value).ToArray();
        for (var item = 0; item < Count; item += 2) index.Remove(item).ShouldBeTrue();
        index.Remove(0).ShouldBeFalse();
        index.Contains(0).ShouldBeFalse();
        index.Set(1, far);
        index.Set(1_000_000, far);
        index.Count.ShouldBe((Count / 2) + 1);
        Search(index, far, 2).Items.ShouldBe([1, 1_000_000]);
        Search(index, far, Count).Items.ShouldAllBe(item => item % 2 == 1 || item == 1_000_000);
    }

    [Fact]
    public void Search_EqualVectors_AreAllFoundInTheOrderOfTheirNumbers()
    {
        var index = this.New(VectorMeasure.InnerProduct, 4);
        for (var item = 300; item > 0; item--) index.Set(item, item % 3 == 0 ? [1, 0, 0, 0] : [0, 1, 0, 0]);
        Search(index, [1, 0, 0, 0], 100).Items.ShouldBe(Enumerable.Range(1, 100).Select(i => i * 3));
    }

    [Fact]
    public void TryRead_Item_IsWhatWasPut()
    {
        var index = this.New(VectorMeasure.Cosine, 2);
        index.Set(5, [3, 4]);
        var vector = new float[2];
        index.TryRead(5, vector).ShouldBeTrue();
        ((double)vector[0]).ShouldBe(0.6, 0.004);
        ((double)vector[1]).ShouldBe(0.8, 0.004);
        index.TryRead(6, vector).ShouldBeFalse();
        index.Set(6, [0, 0]);
        Search(index, [3, 4], 2).Scores[1].ShouldBe(0, "a vector of zeros is like nothing");
    }

    [Fact]
    public void Input_OutOfRange_IsRefusedWithReasonAndLeavesTheIndexAsItWas()
    {
        var index = this.Filled(VectorMeasure.InnerProduct);
        Should.Throw<ArgumentException>(() => index.Set(-1, Vectors.AsSpan(0, Dimensions))).Message.ShouldContain("numbers start at 0");
        Should.Throw<ArgumentException>(() => index.Set(1, [1, 2])).Message.ShouldContain($"1 × {Dimensions} dimensions are {Dimensions}");
        var bad = new float[2 * Dimensions];
        bad[^1] = float.NaN;
        Should.Throw<ArgumentException>(() => index.SetMany(new[] { 600, 601 }, bad)).Message.ShouldBe($"The vector of item 601 has NaN as number {Dimensions - 1}; give finite numbers.");
        bad[^1] = float.NegativeInfinity;
        Should.Throw<ArgumentException>(() => index.SetMany(new[] { 600, 601 }, bad)).Message.ShouldContain("finite");
        bad[^1] = 1e25f;
        Should.Throw<ArgumentException>(() => index.SetMany(new[] { 600, 601 }, bad)).Message.ShouldContain("Scale all vectors down");
        Should.Throw<ArgumentException>(() => index.SetMany(new[] { 600, 600 }, new float[2 * Dimensions])).Message.ShouldContain("Item 600 is given twice");
        Should.Throw<ArgumentException>(() => Search(index, [1, 2, 3], 2)).Message.ShouldBe($"The query has 3 dimensions; the index has {Dimensions}.");
        Should.Throw<ArgumentException>(() => Search(index, [.. Enumerable.Repeat(float.NaN, Dimensions)], 2)).Message.ShouldContain("finite");
        Should.Throw<ArgumentException>(() => index.Search(Vectors.AsSpan(0, Dimensions), new int[2], new float[3])).Message.ShouldContain("one each");
        Should.Throw<ArgumentException>(() => this.New(VectorMeasure.Cosine, 0)).Message.ShouldContain("1 to 16384");
        index.Count.ShouldBe(Count);
    }

    [Fact]
    public void Search_Warm_AllocatesNothing()
    {
        var index = this.Filled(VectorMeasure.InnerProduct);
        var (items, scores, query, set) = (new int[10], new float[10], Vectors[..Dimensions], new ItemSet(Count));
        for (var item = 0; item < Count; item += 3) set.Add(item);
        for (var i = 0; i < 300; i++)
        {
            index.Search(query, items, scores);
            index.Search(query, items, scores, set);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 300; i++)
        {
            index.Search(query, items, scores);
            index.Search(query, items, scores, set);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Theory]
    [InlineData(VectorMeasure.Cosine)]
    [InlineData(VectorMeasure.SquaredEuclidean)]
    public void Load_WhatWasSaved_AnswersAndGoesOnAsBefore(VectorMeasure measure)
    {
        var index = this.Filled(measure);
        for (var item = 3; item < Count; item += 4) index.Remove(item);
        var copy = this.Load(new MemoryStream(Saved(index)));
        copy.Measure.ShouldBe(measure);
        copy.Count.ShouldBe(index.Count);
        foreach (var changed in new[] { index, copy }) changed.SetMany(Enumerable.Range(Count, 50).ToArray(), Clouds.Clustered(50, Dimensions, 20, seed: 9));
        foreach (var query in Clouds.Clustered(10, Dimensions, 20, seed: 5).Chunk(Dimensions))
        {
            var (expected, actual) = (Search(index, query, 10), Search(copy, query, 10));
            actual.Items.ShouldBe(expected.Items);
            actual.Scores.ShouldBe(expected.Scores);
        }

        Saved(copy).ShouldBe(Saved(index));
        Should.NotThrow(() => this.Load(new MemoryStream(Saved(this.New(measure, 3))))).Count.ShouldBe(0);
    }

    [Fact]
    public void Load_DamagedFile_IsRefusedOrHarmless()
    {
        var saved = Saved(this.Filled(VectorMeasure.InnerProduct));
        Should.Throw<InvalidDataException>(() => this.Load(new MemoryStream("not an index"u8.ToArray())));
        for (var length = 0; length < saved.Length; length += Math.Max(1, length / 8))
            Should.Throw<InvalidDataException>(() => this.Load(new MemoryStream(saved[..length])), $"cut at {length}");

        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var damaged = (byte[])saved.Clone();
            var at = i < 100 ? i : random.Next(damaged.Length);
            damaged[at] ^= (byte)(1 << random.Next(8));
            if (i % 2 == 0) damaged.AsSpan(at, Math.Min(4, damaged.Length - at)).Fill(0x7F);
            try
            {
                var index = this.Load(new MemoryStream(damaged));
                Search(index, new float[index.Dimensions], 10).Items.Length.ShouldBe(Math.Min(10, index.Count));
            }
            catch (InvalidDataException refused)
            {
                refused.Message.ShouldStartWith("This is not a usable");
            }
        }
    }

    [Fact]
    public void Search_ManyThreadsAtOnce_GiveTheSame()
    {
        var index = this.Filled(VectorMeasure.SquaredEuclidean);
        var queries = Clouds.Clustered(20, Dimensions, 20, seed: 6).Chunk(Dimensions).ToArray();
        var expected = queries.Select(query => Search(index, query, 5).Items).ToArray();
        Parallel.For(0, 200, i => Search(index, queries[i % 20], 5).Items.ShouldBe(expected[i % 20]));
    }

    protected static (int[] Items, float[] Scores) Search(VectorIndex index, float[] query, int places)
    {
        var (items, scores) = (new int[places], new float[places]);
        var count = index.Search(query, items, scores);
        return (items[..count], scores[..count]);
    }

    protected static byte[] Saved(VectorIndex index)
    {
        using var stream = new MemoryStream();
        index.Save(stream);
        return stream.ToArray();
    }

    private VectorIndex Filled(VectorMeasure measure)
    {
        var index = this.New(measure, Dimensions);
        index.SetMany(Enumerable.Range(0, Count).ToArray(), Vectors);
        return index;
    }
}
