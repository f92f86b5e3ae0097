using System.Globalization;
using System.IO.Compression;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Benchmarks;

/// <summary>
/// Models on shoppers of whom attributes and the first items alone are known: each as it is, and on a history that the behaviour generator
/// draws for the shopper. A model is <c>name</c> or <c>name{options}</c>; <c>drawn:10:name</c> gives it ten drawn items beside what is known,
/// <c>chance:10:name</c> ten items drawn by popularity. The first model is the one that the others are tested against.
/// </summary>
internal static class Newcomers
{
    private const int ListLength = 10;
    private const double TestShare = 0.2;

    /// <param name="part">test, or validation: the same division made once more in the training part, so that the test's newcomers stay unseen.</param>
    /// <param name="items">- for none.</param>
    public static void Print(string part, string format, string ratings, string users, string items, int givenItems, string[] models, TextWriter output)
    {
        var split = Read(format, ratings, users, items, givenItems, seed: 1);
        if (part == "validation")
        {
            // The test's newcomers have no more than is given, and cannot be drawn again.
            var inner = Splitter.Divide(new WholeData(split.Train, split.TestRatings is not null, split.Ids), new SplitRule(SplitKind.Cold) { TestShare = TestShare, GivenItems = givenItems, Seed = 2 });
            split = inner with { Train = split.Train.With(inner.Train.Interactions) };
        }

        var context = new FitContext { Threads = 2 };
        var generator = new Lazy<BehaviourGeneratorModel>(() => (BehaviourGeneratorModel)new BehaviourGeneratorTrainer().Fit(split.Train, context));
        var found = new List<(string Name, float[] Recall, float[] Ndcg)>();
        foreach (var named in models)
        {
            var parts = named.Split(':', 3);
            IModel Fitted(string given) => Trainer(given).Fit(split.Train, context);
            var model = parts[0] switch
            {
                "drawn" => new StartedModel(Fitted(parts[2]), split.Train.Interactions, (user, draw) => generator.Value.DrawHistory(user, int.Parse(parts[1], CultureInfo.InvariantCulture), (user * 31) + draw)),
                "chance" => StartedModel.ByChance(Fitted(parts[2]), split.Train.Interactions, int.Parse(parts[1], CultureInfo.InvariantCulture)),
                _ => Fitted(named),
            };
            var report = RankingEvaluator.Evaluate(model, split.Test, [ListLength], context.Threads).Cutoffs[0];
            found.Add((named, [.. report.PerUser.Select(user => user.Recall)], [.. report.PerUser.Select(user => user.Ndcg)]));
        }

        Print(found, string.Create(CultureInfo.InvariantCulture, $"{part}, {givenItems} given, {split.Test.Count} newcomers"), output);
    }

    private static void Print(List<(string Name, float[] Recall, float[] Ndcg)> found, string title, TextWriter output)
    {
        output.WriteLine($"{title}; p against {found[0].Name}");
        foreach (var (name, recall, ndcg) in found.OrderByDescending(model => model.Ndcg.Average()))
        {
            var intervals = Bootstrap.Intervals([recall, ndcg], seed: 1, threads: 2);
            var probability = name == found[0].Name ? "" : string.Create(CultureInfo.InvariantCulture, $" | p {PairedTest.Of(ndcg, found[0].Ndcg, seed: 1).Student:0.0000}");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {recall.Average():0.0000} ({intervals[0].Low:0.0000}–{intervals[0].High:0.0000}) | {ndcg.Average():0.0000} ({intervals[1].Low:0.0000}–{intervals[1].High:0.0000}){probability} |"));
        }
    }

    private static ITrainer Trainer(string given)
    {
        var options = given.IndexOf('{', StringComparison.Ordinal);
        return options < 0 ? Trainers.Create(given) : Trainers.Create(given[..options], given[options..]);
    }

    private static Split Read(string format, string ratings, string users, string items, int givenItems, int seed)
    {
        using var text = Open(ratings);
        using var people = Open(users);
        var whole = SplitFormats.Find(format).ReadWhole!(new NamedText(ratings, text));
        var split = ContentTable.OfUsers(new NamedText(users, people)).AddTo(Splitter.Divide(whole, new SplitRule(SplitKind.Cold) { TestShare = TestShare, GivenItems = givenItems, Seed = seed }));
        if (items == "-") return split;
        using var catalogue = Open(items);
        return ContentTable.OfItems(new NamedText(items, catalogue)).AddTo(split);
    }

    private static StreamReader Open(string path) =>
        new(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress) : File.OpenRead(path));

    /// <summary>A model that is given made-up beginnings of its known users: the mean of its scores over some of them.</summary>
    private sealed class StartedModel(IModel model, Interactions train, Func<int, int, int[]> draw) : IModel
    {
        private const int Draws = 5;

        public string Name => model.Name;

        public int Users => model.Users;

        public int Items => model.Items;

        public static StartedModel ByChance(IModel model, Interactions train, int count)
        {
            var all = Enumerable.Range(0, train.Users).SelectMany(user => train.ItemsOf(user).ToArray()).ToArray();
            return new StartedModel(model, train, (user, number) =>
            {
                var random = new Random((user * 31) + number);
                return [.. Enumerable.Range(0, count).Select(_ => all[random.Next(all.Length)]).Distinct()];
            });
        }

        public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores)
        {
            var once = new float[this.Items];
            for (var i = 0; i < users.Length; i++)
            {
                var sum = scores.Slice(i * this.Items, this.Items);
                sum.Clear();
                for (var number = 0; number < Draws; number++)
                {
                    model.ScoreHistory(new History([.. train.ItemsOf(users[i]), .. draw(users[i], number)]), once);

                    // What one beginning says nothing of counts as the least that it says.
                    var least = once.Where(float.IsFinite).DefaultIfEmpty(0f).Min();
                    for (var item = 0; item < once.Length; item++) sum[item] += float.IsFinite(once[item]) ? once[item] : least;
                }
            }
        }

        public void ScoreHistory(History history, Span<float> scores) => model.ScoreHistory(history, scores);

        public int RankHistory(History history, Span<int> items, Span<float> scores) => model.RankHistory(history, items, scores);

        public void ScoreItems(History history, ReadOnlySpan<int> items, Span<float> scores) => model.ScoreItems(history, items, scores);

        public void ScoreSimilar(int item, Span<float> scores) => model.ScoreSimilar(item, scores);

        public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions) => model.Explain(history, items, contributions);

        public void Save(Stream stream) => throw new NotSupportedException("Made to be measured only.");
    }
}
