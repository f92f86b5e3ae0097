using System.Globalization;
using System.IO.Compression;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>What every autoencoder keeps beside the contract of all models.</summary>
public abstract class AutoencoderContract : ModelContract
{
    /// <summary>A contribution is what a score loses without the interaction.</summary>
    private protected override bool ExplanationsAddUp => false;

    /// <summary>For data larger than the checkerboard.</summary>
    /// <param name="passes">Over the users.</param>
    private protected abstract ITrainer Larger(int passes, int patience = 0);

    [Fact]
    public void Fit_MadeUpTastes_BeatsPopularity()
    {
        var (train, test) = Tastes();
        var popular = Ndcg(new PopularityTrainer().Fit(train, new FitContext()), train, test);
        var found = Ndcg(this.Larger(passes: 24).Fit(train, new FitContext()), train, test);
        found.ShouldBeGreaterThan(2 * popular);
    }

    [Fact]
    public void Fit_Movielens_BeatsPopularity()
    {
        var (train, test) = Movielens() ?? Tastes();
        var popular = Ndcg(new PopularityTrainer().Fit(train, new FitContext()), train, test);
        Ndcg(this.Larger(passes: 12).Fit(train, new FitContext()), train, test).ShouldBeGreaterThan(1.1 * popular);
    }

    [Fact]
    public void Fit_Patience_StopsEarlyAndServesEveryone()
    {
        var (train, test) = Tastes();
        var steps = new List<TrainingStep>();
        var model = this.Larger(passes: 60, patience: 1).Fit(train, new FitContext { Progress = new Listed(steps) });
        steps.Count.ShouldBeLessThan(steps[0].Steps);
        Ndcg(model, train, test).ShouldBeGreaterThan(Ndcg(new PopularityTrainer().Fit(train, new FitContext()), train, test));
    }

    [Fact]
    public void Explain_Contribution_IsWhatTheScoreLosesWithoutTheInteraction()
    {
        var model = this.Fit();
        var contributions = new float[3];
        model.Explain(new History([1, 3, 5]), [7], contributions).ShouldBeTrue();
        contributions[1].ShouldBe(Folded(model, [1, 3, 5], [])[7] - Folded(model, [1, 5], [])[7], 1e-4f);
        var twice = new float[4];
        model.Explain(new History([1, 3, 5, 3]), [7], twice);
        twice[1].ShouldBe(0f);
        twice[3].ShouldBe(contributions[1], 1e-4f, "weights do not count unless weightExponent says so");
    }

    [Fact]
    public void Score_ItemsThatNobodyTouched_TellNothing()
    {
        var train = Interactions.From(3, 5, [0, 0, 1, 1, 2], [0, 1, 0, 2, 1]);
        var model = this.Trainer.Fit(train, new FitContext());
        Folded(model, [4, 3], []).ShouldAllBe(score => float.IsNegativeInfinity(score));
        Folded(model, [1, 4], []).ShouldBe(Folded(model, [1], []));
        var contributions = new float[2];
        model.Explain(new History([1, 4]), [3], contributions);
        contributions.ShouldAllBe(contribution => contribution == 0f);
    }

    [Fact]
    public void CheckMemory_TooManyNumbers_SaysWhatHelps()
    {
        var shape = new AutoencoderShape(1_000_000, 600, 200, 600);
        AutoencoderTraining.CheckMemory("x", shape, 6600, 30_000_000_000);
        Should.Throw<ArgumentException>(() => AutoencoderTraining.CheckMemory("x", shape, 6600, 20_000_000_000)).Message.ShouldContain("25177 MB");
        Should.Throw<ArgumentException>(() => AutoencoderTraining.CheckMemory("x", shape with { Items = 4_000_000 }, 1, long.MaxValue)).Message.ShouldContain("Use fewer hidden");
    }

    private static double Ndcg(IModel model, Interactions train, Interactions test) =>
        RankingEvaluator.Evaluate(model, train, test, [20], threads: 2).At(20).Ndcg;

    /// <summary>300 users of ten tastes among 200 items; a user takes to ten items of their taste and five of chance, of which four are to be found.</summary>
    private static (Interactions Train, Interactions Test) Tastes()
    {
        var random = new Random(5);
        List<(int User, int Item)> seen = [], later = [];
        for (var user = 0; user < 300; user++)
        {
            var items = new HashSet<int>();
            while (items.Count < 10) items.Add((random.Next(20) * 10) + (user % 10));
            later.AddRange(items.Take(4).Select(item => (user, item)));
            seen.AddRange(items.Skip(4).Select(item => (user, item)));
            seen.AddRange(Enumerable.Range(0, 5).Select(_ => (user, random.Next(200))).Where(pair => !items.Contains(pair.Item2)));
        }

        return (Of(seen, 300, 200), Of(later, 300, 200));
    }

    /// <summary>MovieLens 100k, the last fifth of each user to be found; null where no folder <c>shared/data</c> beside the repository has it.</summary>
    private static (Interactions Train, Interactions Test)? Movielens()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "movielens-100k", "ratings.csv.gz");
            if (!File.Exists(path)) continue;
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            List<(int User, int Item, long Time)> rows = [];
            _ = reader.ReadLine();
            while (reader.ReadLine() is { } line)
            {
                var fields = line.Split(',');
                rows.Add((int.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[3], CultureInfo.InvariantCulture)));
            }

            List<(int User, int Item)> seen = [], later = [];
            foreach (var user in rows.GroupBy(row => row.User))
            {
                (int User, int Item)[] ordered = [.. user.OrderBy(row => row.Time).ThenBy(row => row.Item).Select(row => (row.User, row.Item))];
                seen.AddRange(ordered[..(ordered.Length * 4 / 5)]);
                later.AddRange(ordered[(ordered.Length * 4 / 5)..]);
            }

            return (Of(seen, 944, 1683), Of(later, 944, 1683));
        }

        return null;
    }

    private static Interactions Of(IEnumerable<(int User, int Item)> pairs, int users, int items)
    {
        (int User, int Item)[] distinct = [.. pairs.Distinct()];
        return Interactions.From(users, items, [.. distinct.Select(pair => pair.User)], [.. distinct.Select(pair => pair.Item)]);
    }

    private sealed class Listed(List<TrainingStep> steps) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => steps.Add(value);
    }
}
