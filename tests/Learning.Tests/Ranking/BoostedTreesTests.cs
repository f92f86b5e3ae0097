using Aisle.Learning.Models;
using Aisle.Learning.Ranking;

namespace Aisle.Learning.Tests.Ranking;

public sealed class BoostedTreesTests
{
    private static readonly BoostedTreesOptions Squared = new() { Objective = RankingObjective.SquaredError, Trees = 1, LearningRate = 1, MinLeafRows = 1, L2 = 0.001 };

    [Fact]
    public void Fit_OneSplit_EqualsHandComputation()
    {
        // Mean 2.5; residuals −1.5, −0.5, 2.5, −0.5 around it. Split after 2: left −2 / 2.001, right 2 / 2.001.
        var model = new BoostedTreesTrainer(Squared with { Leaves = 2 }).Fit(Examples(Numbers(1), [[1], [2], [3], [4]], [1, 2, 5, 2]));
        Score(model, [0]).ShouldBe(2.5 - (2 / 2.001), 1e-5);
        Score(model, [2]).ShouldBe(2.5 - (2 / 2.001), 1e-5);
        Score(model, [2.5f]).ShouldBe(2.5 - (2 / 2.001), 1e-5, "a bound belongs to the left");
        Score(model, [2.6f]).ShouldBe(2.5 + (2 / 2.001), 1e-5);
        model.Importance[0].ShouldBe((float)(0.5 * (4 / 2.001) * 2), 1e-5f);
    }

    [Fact]
    public void Fit_WeightsAndRegularisation_EqualHandComputation()
    {
        // Weighted mean (3·0 + 1·4) / 4 = 1; left −3 / (3 + 2), right 3 / (1 + 2).
        var model = new BoostedTreesTrainer(Squared with { Leaves = 2, L2 = 2 }).Fit(Examples(Numbers(1), [[0], [1]], [0, 4], [3, 1]));
        Score(model, [0]).ShouldBe(1 - (3 / 5.0), 1e-5);
        Score(model, [1]).ShouldBe(1 + (3 / 3.0), 1e-5);
    }

    [Fact]
    public void Fit_EnoughLeaves_LearnsTheTableByHeart()
    {
        float[][] rows = [.. Enumerable.Range(0, 64).Select(i => new float[] { i / 8, i % 8 })];
        float[] labels = [.. rows.Select(row => (row[0] * row[1]) % 5)];
        var model = new BoostedTreesTrainer(Squared with { Leaves = 64, Trees = 50, LearningRate = 0.5 }).Fit(Examples(Numbers(2), rows, labels));
        for (var i = 0; i < rows.Length; i++) Score(model, rows[i]).ShouldBe(labels[i], 0.02);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_MissingValues_GoWhereTheyBelong(bool missingIsHigh)
    {
        float[][] rows = [[1], [2], [3], [4], [float.NaN], [float.NaN]];
        float[] labels = missingIsHigh ? [0, 0, 9, 9, 9, 9] : [0, 0, 9, 9, 0, 0];
        var model = new BoostedTreesTrainer(Squared with { Leaves = 2 }).Fit(Examples(Numbers(1), rows, labels));
        Score(model, [float.NaN]).ShouldBe(missingIsHigh ? 9 : 0, 0.1);
        Score(model, [1]).ShouldBe(0, 0.1);
        Score(model, [4]).ShouldBe(9, 0.1);
    }

    [Fact]
    public void Fit_OnlyMissingDiffers_SplitsOffTheMissing()
    {
        var model = new BoostedTreesTrainer(Squared with { Leaves = 2 }).Fit(Examples(Numbers(1), [[1], [2], [float.NaN], [float.NaN]], [3, 3, 7, 7]));
        Score(model, [float.NaN]).ShouldBe(7, 0.01);
        Score(model, [float.PositiveInfinity]).ShouldBe(3, 0.01);
    }

    [Fact]
    public void Fit_Monotone_NeverFallsAndStillLearns()
    {
        var random = new Random(5);
        float[][] rows = [.. Enumerable.Range(0, 2000).Select(_ => new[] { random.NextSingle(), random.NextSingle() })];
        float[] labels = [.. rows.Select(row => 5 + MathF.Sin(9 * row[0]) + (3 * row[0]) + row[1] + random.NextSingle())];
        var options = Squared with { Trees = 60, LearningRate = 0.2, Leaves = 15, MinLeafRows = 5 };
        foreach (var direction in (MonotoneDirection[])[MonotoneDirection.Rising, MonotoneDirection.Falling])
        {
            var sign = direction == MonotoneDirection.Rising ? 1 : -1;
            var turned = Array.ConvertAll(rows, row => new[] { sign * row[0], row[1] });
            FeatureSchema Schema(MonotoneDirection bound) => new([new RankingFeature("a", Monotone: bound), new RankingFeature("b")]);
            var model = new BoostedTreesTrainer(options).Fit(Examples(Schema(direction), turned, labels));
            var free = new BoostedTreesTrainer(options).Fit(Examples(Schema(MonotoneDirection.Any), turned, labels));
            var (falls, freeFalls) = (0, 0);
            foreach (var other in (float[])[0.1f, 0.5f, 0.9f])
            {
                for (var i = 1; i < 200; i++)
                {
                    if (Score(model, [sign * i / 200f, other]) < Score(model, [sign * (i - 1) / 200f, other]) - 1e-5) falls++;
                    if (Score(free, [sign * i / 200f, other]) < Score(free, [sign * (i - 1) / 200f, other]) - 1e-5) freeFalls++;
                }
            }

            falls.ShouldBe(0);
            freeFalls.ShouldBeGreaterThan(20);
            (Score(model, [sign * 0.95f, 0.5f]) - Score(model, [sign * 0.05f, 0.5f])).ShouldBeGreaterThan(1.5);
        }
    }

    [Fact]
    public void Fit_Categories_AreLearnedAndUnknownOnesAreMissing()
    {
        var random = new Random(6);
        FeatureSchema schema = new([new RankingFeature("brand", FeatureKind.Category)]);
        var examples = new RankingExamples(schema);
        for (var list = 0; list < 200; list++)
        {
            float[] brands = [.. Enumerable.Range(0, 10).Select(_ => (float)random.Next(300))];
            examples.AddList(brands, Array.ConvertAll(brands, brand => (((int)brand * 7919) % 10) + random.NextSingle()));
        }

        var model = new BoostedTreesTrainer(Squared with { Trees = 40, LearningRate = 0.3, MinLeafRows = 5 }).Fit(examples);
        var error = Enumerable.Range(0, 300).Average(brand => Math.Abs(Score(model, [brand]) - ((brand * 7919) % 10) - 0.5));
        error.ShouldBeLessThan(1.6, "blind guessing errs by 2.5");
        Score(model, [900]).ShouldBe(Score(model, [float.NaN]));
        Score(model, [-4]).ShouldBe(Score(model, [float.NaN]));
    }

    [Fact]
    public void Fit_OtherThreads_GiveTheSameToTheBit()
    {
        var options = new BoostedTreesOptions { Trees = 12, ListShare = 0.7, FeatureShare = 0.6, MinLeafRows = 5 };
        var (one, three) = (new MemoryStream(), new MemoryStream());
        new BoostedTreesTrainer(options).Fit(Made.Lists(200, 1), Made.Lists(40, 2), new FitContext { Threads = 1 }).Save(one);
        new BoostedTreesTrainer(options).Fit(Made.Lists(200, 1), Made.Lists(40, 2), new FitContext { Threads = 3 }).Save(three);
        one.ToArray().ShouldBe(three.ToArray());

        var other = new MemoryStream();
        new BoostedTreesTrainer(options with { Seed = 2 }).Fit(Made.Lists(200, 1), Made.Lists(40, 2)).Save(other);
        other.ToArray().ShouldNotBe(one.ToArray());
    }

    [Fact]
    public void Fit_WithValidation_StopsAtTheBestTree()
    {
        List<double> losses = [];
        var context = new FitContext { Progress = new Inline(step => losses.Add(step.Loss!.Value)) };
        var model = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 400, LearningRate = 0.4, Patience = 5, MinLeafRows = 2 }).Fit(Made.Lists(60, 1), Made.Lists(60, 2), context);
        model.Trees.ShouldBe(losses.IndexOf(losses.Min()) + 1);
        losses.Count.ShouldBe(model.Trees + 5);
    }

    [Fact]
    public void Fit_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Should.Throw<OperationCanceledException>(() => new BoostedTreesTrainer().Fit(Made.Lists(20, 1), null, new FitContext { Cancellation = source.Token }));
    }

    [Fact]
    public void Score_AllocatesNothing()
    {
        var model = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 5 }).Fit(Made.Lists(50, 3));
        var (rows, scores) = (Made.Rows(100, 4), new float[100]);
        model.Score(rows, scores);
        var before = GC.GetAllocatedBytesForCurrentThread();
        model.Score(rows, scores);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Predict_Logistic_IsTheProbability()
    {
        float[][] rows = [.. Enumerable.Range(0, 400).Select(i => new float[] { i % 2 })];
        float[] labels = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 1 && i % 10 < 8 ? 1f : 0)];
        var options = new BoostedTreesOptions { Objective = RankingObjective.Logistic, Trees = 100 };
        var model = new BoostedTreesTrainer(options).Fit(Examples(Numbers(1), rows, labels));
        var predictions = new float[2];
        model.Predict([0, 1], predictions);
        predictions[0].ShouldBeLessThan(0.01f);
        predictions[1].ShouldBe(0.8f, 0.01f);
    }

    [Fact]
    public void Contribute_SumsToTheScoreAndNamesWhatMatters()
    {
        var model = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 50, MinLeafRows = 5 }).Fit(Made.Lists(200, 3));
        var contributions = new float[Made.Schema.Count];
        double[] sizes = new double[contributions.Length];
        for (var seed = 0; seed < 50; seed++)
        {
            var row = Made.Rows(1, seed);
            var rest = model.Contribute(row, contributions);
            (rest + contributions.Sum()).ShouldBe((float)Score(model, row), 1e-3f);
            for (var f = 0; f < sizes.Length; f++) sizes[f] += Math.Abs(contributions[f]);
        }

        sizes.Index().MaxBy(size => size.Item).Index.ShouldBe(0);
        model.Importance.IndexOf(model.Importance.ToArray().Max()).ShouldBe(0);
    }

    [Fact]
    public void Save_Loaded_ScoresTheSame()
    {
        var model = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 10, Objective = RankingObjective.SquaredError }).Fit(Made.Lists(50, 3));
        var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        var loaded = BoostedTrees.Load(stream);
        var rows = Made.Rows(30, 9);
        var (before, after) = (new float[30], new float[30]);
        model.Score(rows, before);
        loaded.Score(rows, after);
        after.ShouldBe(before);
        loaded.Importance.ToArray().ShouldBe(model.Importance.ToArray());
        Should.NotThrow(() => loaded.Schema.RequireSame(Made.Schema));
    }

    [Fact]
    public void Load_DamagedFile_IsRefusedOrHarmless()
    {
        var stream = new MemoryStream();
        new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 3, Leaves = 8 }).Fit(Made.Lists(50, 3)).Save(stream);
        var bytes = stream.ToArray();
        var rows = Made.Rows(20, 1);
        var refused = 0;
        for (var place = 0; place < bytes.Length; place++)
        {
            var damaged = bytes.ToArray();
            damaged[place] ^= 0xC5;
            try
            {
                BoostedTrees.Load(new MemoryStream(damaged)).Score(rows, new float[20]);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(bytes.Length / 4);
        for (var length = 0; length < bytes.Length; length += 7) Should.Throw<InvalidDataException>(() => BoostedTrees.Load(new MemoryStream(bytes, 0, length)));
    }

    [Fact]
    public void Schema_OtherFeatures_AreRefusedByName()
    {
        var model = new BoostedTreesTrainer(Squared).Fit(Examples(Numbers(2), [[1, 2], [3, 4]], [0, 1]));
        Should.Throw<ArgumentException>(() => model.Schema.RequireSame(new FeatureSchema([new RankingFeature("f0"), new RankingFeature("price")]))).Message.ShouldContain("'f1' (Number) is expected and 'price'");
        Should.Throw<ArgumentException>(() => model.Schema.RequireSame(Numbers(3))).Message.ShouldContain("nothing is expected and 'f2'");
        Should.Throw<ArgumentException>(() => model.Score(new float[3], new float[1])).Message.ShouldContain("1 rows of 2 features have 2");
        Should.Throw<ArgumentException>(() => new BoostedTreesTrainer().Fit(Made.Lists(20, 1), Examples(Numbers(1), [[1]], [1])));
    }

    [Fact]
    public void Input_OutOfRange_IsRefusedWithTheRange()
    {
        Should.Throw<ArgumentException>(() => new BoostedTreesTrainer(new BoostedTreesOptions { Leaves = 1000 })).Message.ShouldContain("leaves is 1000; allowed are 2 to 256");
        Should.Throw<ArgumentException>(() => new FeatureSchema([new RankingFeature("a"), new RankingFeature("a")])).Message.ShouldContain("twice");
        Should.Throw<ArgumentException>(() => new FeatureSchema([new RankingFeature("a", FeatureKind.Category, MonotoneDirection.Rising)])).Message.ShouldContain("only numbers");
        Should.Throw<ArgumentException>(() => Examples(Numbers(1), [[1]], [-1])).Message.ShouldContain("label of row 0 is -1");
        Should.Throw<ArgumentException>(() => Examples(Numbers(2), [[1]], [1])).Message.ShouldContain("have 2");
        Should.Throw<ArgumentException>(() => new BoostedTreesTrainer().Fit(new RankingExamples(Numbers(1)))).Message.ShouldContain("no rows");
        Should.Throw<ArgumentException>(() => new BoostedTreesTrainer().Fit(Examples(Numbers(1), [[1]], [0]))).Message.ShouldContain("No list has a row with a gain");
        var logistic = new BoostedTreesTrainer(new BoostedTreesOptions { Objective = RankingObjective.Logistic });
        Should.Throw<ArgumentException>(() => logistic.Fit(Examples(Numbers(1), [[1]], [2]))).Message.ShouldContain("allows 0 to 1");
    }

    [Fact]
    public void GainMixture_WeighsGains()
    {
        var mixture = new GainMixture([new("click", 1), new("purchase", 5), new("margin", 0.1)]);
        mixture.Label([1, 1, 20]).ShouldBe(8);
        mixture.Label([0, 0, -20]).ShouldBe(0);
        Should.Throw<ArgumentException>(() => mixture.Label([1])).Message.ShouldContain("click, purchase, margin");
        Should.Throw<ArgumentException>(() => new GainMixture([new("click", 0)])).Message.ShouldContain("above 0");
    }

    internal static FeatureSchema Numbers(int count) => new(Enumerable.Range(0, count).Select(f => new RankingFeature($"f{f}")));

    /// <summary>Rows in one list.</summary>
    internal static RankingExamples Examples(FeatureSchema schema, float[][] rows, float[] labels, float[]? weights = null)
    {
        var examples = new RankingExamples(schema);
        examples.AddList([.. rows.SelectMany(row => row)], labels, weights);
        return examples;
    }

    private static double Score(BoostedTrees model, ReadOnlySpan<float> row)
    {
        var score = new float[1];
        model.Score(row, score);
        return score[0];
    }

    private sealed class Inline(Action<TrainingStep> report) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => report(value);
    }
}

/// <summary>Lists with numbers, missing values and a category; the first feature says most of the label.</summary>
internal static class Made
{
    public const int Length = 12;

    public static readonly FeatureSchema Schema = new([.. Enumerable.Range(0, 10).Select(f => new RankingFeature($"f{f}")), new RankingFeature("c", FeatureKind.Category)]);

    public static float[] Rows(int count, int seed)
    {
        var random = new Random(seed);
        var rows = new float[count * Schema.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var f = i % Schema.Count;
            rows[i] = f == 10 ? random.Next(20) : f > 6 && random.Next(4) == 0 ? float.NaN : MathF.Round((random.NextSingle() * 4) - 2, f == 2 ? 0 : 6);
        }

        return rows;
    }

    public static RankingExamples Lists(int count, int seed)
    {
        var examples = new RankingExamples(Schema);
        var random = new Random(-seed);
        for (var list = 0; list < count; list++)
        {
            var rows = Rows(Length, (seed * 10_000) + list);
            var labels = new float[Length];
            for (var i = 0; i < Length; i++)
            {
                var x = rows.AsSpan(i * Schema.Count, Schema.Count);
                labels[i] = Math.Clamp(MathF.Round((1.5f * x[0]) + (x[1] * x[2]) + (x[10] % 3) + random.NextSingle()), 0, 4);
            }

            examples.AddList(rows, labels);
        }

        return examples;
    }
}
