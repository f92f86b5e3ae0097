using System.Globalization;
using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>A line per user: the user's id, then the ids of the items touched, all whole numbers from 0 in one space each, separated by spaces.</summary>
internal static class LightGcnFormat
{
    /// <summary>Ids are dense row numbers here; a larger one is a mistake and would claim memory for all below it.</summary>
    private const int MaxId = 50_000_000;

    public static Split Read(SplitTexts texts)
    {
        var test = texts.Test ?? throw new ArgumentException("The lightgcn format needs a test file beside the training file.");
        var trainRows = new Rows(texts.Train);
        var validationRows = texts.Validation is null ? null : new Rows(texts.Validation);
        var testRows = new Rows(test);
        var users = 1 + Math.Max(Math.Max(trainRows.MaxUser, testRows.MaxUser), validationRows?.MaxUser ?? -1);
        var items = 1 + Math.Max(Math.Max(trainRows.MaxItem, testRows.MaxItem), validationRows?.MaxItem ?? -1);
        var train = trainRows.Build(users, items);
        var validation = validationRows?.Build(users, items);
        return new Split(
            new Dataset(train),
            validation is null ? null : RankingCases.OfUsers(validation, train),
            RankingCases.OfUsers(testRows.Build(users, items), validation is null ? train : train.With(validation)));
    }

    public static WholeData ReadWhole(NamedText text)
    {
        var rows = new Rows(text);
        return new WholeData(new Dataset(rows.Build(rows.MaxUser + 1, rows.MaxItem + 1)));
    }

    private sealed class Rows
    {
        private readonly List<int> _users = [];
        private readonly List<int> _items = [];

        public Rows(NamedText text)
        {
            for (var number = 1; text.Reader.ReadLine() is { } line; number++) this.Add(line, text.Name, number);
        }

        public int MaxUser { get; private set; } = -1;

        public int MaxItem { get; private set; } = -1;

        public Interactions Build(int users, int items) => Interactions.From(
            users, items, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(this._users), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(this._items));

        private void Add(string line, string name, int number)
        {
            var user = -1;
            foreach (var range in line.AsSpan().SplitAny(' ', '\t'))
            {
                var word = line.AsSpan(range);
                if (word.IsEmpty) continue;
                if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id > MaxId)
                    throw new FormatException($"{name}, line {number}: '{Shown(word)}' is not an id. A line of the lightgcn format is: user item item …, whole numbers from 0 to {MaxId}.");
                if (user < 0)
                {
                    user = id;
                    this.MaxUser = Math.Max(this.MaxUser, user);
                    continue;
                }

                this._users.Add(user);
                this._items.Add(id);
                this.MaxItem = Math.Max(this.MaxItem, id);
            }
        }

        private static string Shown(ReadOnlySpan<char> word) => word.Length <= 40 ? word.ToString() : $"{word[..40]}…";
    }
}
