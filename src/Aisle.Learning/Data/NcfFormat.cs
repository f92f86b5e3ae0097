using System.Globalization;
using System.Runtime.InteropServices;
using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>
/// The files of "Neural collaborative filtering" (He et al., WWW 2017): a line per interaction, <c>user item rating [time]</c>, ids from 0.
/// Every interaction counts 1, whatever its rating, as in that paper. The file of negatives has a line per test case,
/// <c>(user,item) candidate candidate …</c>.
/// </summary>
internal static class NcfFormat
{
    private const int MaxId = 50_000_000;

    public static Split Read(SplitTexts texts)
    {
        var testText = texts.Test ?? throw new ArgumentException("The ncf format needs a test file beside the training file.");
        var trainRows = new Rows(texts.Train);
        var validationRows = texts.Validation is null ? null : new Rows(texts.Validation);
        var testRows = new Rows(testText);
        var negatives = texts.Negatives is null ? null : ReadNegatives(texts.Negatives);
        var users = 1 + Math.Max(Math.Max(trainRows.MaxUser, testRows.MaxUser), validationRows?.MaxUser ?? -1);
        var largestNegative = negatives is null ? -1 : negatives.Values.SelectMany(items => items).DefaultIfEmpty(-1).Max();
        var items = 1 + Math.Max(Math.Max(Math.Max(trainRows.MaxItem, testRows.MaxItem), validationRows?.MaxItem ?? -1), largestNegative);
        var train = trainRows.Build(users, items);
        var validation = validationRows?.Build(users, items);
        var before = validation is null ? train : train.With(validation).Reweight(_ => 1f);
        var cases = RankingCases.OfUsers(testRows.Build(users, items), before);
        return new Split(
            new Dataset(train),
            validation is null ? null : RankingCases.OfUsers(validation, train),
            negatives is null ? cases : SampledCandidates.Given(cases, negatives, texts.Negatives!.Name, out _),
            validation is null ? null : new Dataset(before))
        {
            Notes = negatives is null ? [] : Notes(cases, negatives, texts.Negatives!.Name),
        };
    }

    public static WholeData ReadWhole(NamedText text)
    {
        var rows = new Rows(text);
        return new WholeData(new Dataset(rows.Build(rows.MaxUser + 1, rows.MaxItem + 1)));
    }

    private static string[] Notes(RankingCases cases, Dictionary<int, int[]> negatives, string name)
    {
        _ = SampledCandidates.Given(cases, negatives, name, out var itself);
        return itself == 0
            ? [SampledCandidates.Warning]
            : [SampledCandidates.Warning, $"{itself} of the given negatives are the test item itself; it is ranked once, against fewer others, as in the code of the paper."];
    }

    private static Dictionary<int, int[]> ReadNegatives(NamedText text)
    {
        var negatives = new Dictionary<int, int[]>();
        for (var number = 1; text.Reader.ReadLine() is { } line; number++)
        {
            var words = line.Split((char[])[' ', '\t', '(', ')', ','], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            var ids = Array.ConvertAll(words, word => Id(word, text.Name, number, "(user,item) candidate candidate …"));
            if (ids.Length < 3) throw new FormatException($"{text.Name}, line {number}: a line of negatives is: (user,item) candidate candidate …");
            if (!negatives.TryAdd(ids[0], ids[2..])) throw new FormatException($"{text.Name}, line {number}: user {ids[0]} has negatives already; the protocol has one case per user.");
        }

        return negatives;
    }

    private static int Id(ReadOnlySpan<char> word, string name, int number, string layout) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= MaxId
            ? id
            : throw new FormatException($"{name}, line {number}: '{(word.Length <= 40 ? word : word[..40])}' is not an id. A line here is: {layout}, ids being whole numbers from 0 to {MaxId}.");

    private sealed class Rows
    {
        private const string Layout = "user item rating [time]";

        private readonly List<int> _users = [];
        private readonly List<int> _items = [];
        private readonly List<long> _times = [];

        public Rows(NamedText text)
        {
            Span<Range> words = stackalloc Range[6];
            for (var number = 1; text.Reader.ReadLine() is { } line; number++)
            {
                var count = line.AsSpan().SplitAny(words, " \t,", StringSplitOptions.RemoveEmptyEntries);
                if (count == 0) continue;
                if (count is < 2 or > 4) throw new FormatException($"{text.Name}, line {number}: there are {count} words. A line here is: {Layout}.");
                this._users.Add(Id(line.AsSpan(words[0]), text.Name, number, Layout));
                this._items.Add(Id(line.AsSpan(words[1]), text.Name, number, Layout));
                if (count == 4) this._times.Add(Time(line.AsSpan(words[3]), text.Name, number));
                this.MaxUser = Math.Max(this.MaxUser, this._users[^1]);
                this.MaxItem = Math.Max(this.MaxItem, this._items[^1]);
            }
        }

        public int MaxUser { get; private set; } = -1;

        public int MaxItem { get; private set; } = -1;

        public Interactions Build(int users, int items) => Interactions.From(
            users,
            items,
            CollectionsMarshal.AsSpan(this._users),
            CollectionsMarshal.AsSpan(this._items),
            times: this._times.Count == this._users.Count ? CollectionsMarshal.AsSpan(this._times) : default).Reweight(_ => 1f);

        private static long Time(ReadOnlySpan<char> word, string name, int number) =>
            long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time)
                ? time
                : throw new FormatException($"{name}, line {number}: '{(word.Length <= 40 ? word : word[..40])}' is not a time in Unix seconds. A line here is: {Layout}.");
    }
}
