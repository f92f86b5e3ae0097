using System.Runtime.InteropServices;
using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>A line per user: the user's id, then the ids of the items touched, all whole numbers from 0 in one space each, separated by spaces.</summary>
internal static class LightGcnFormat
{
    private const string Layout = "A line of the lightgcn format is: user item item …";

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
        var before = validation is null ? train : train.With(validation);
        return new Split(
            new Dataset(train),
            validation is null ? null : RankingCases.OfUsers(validation, train),
            RankingCases.OfUsers(testRows.Build(users, items), before),
            validation is null ? null : new Dataset(before));
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
            foreach (var (_, ids) in IdLines.Read(text, Layout)) this.Add(ids);
        }

        public int MaxUser { get; private set; } = -1;

        public int MaxItem { get; private set; } = -1;

        public Interactions Build(int users, int items) => Interactions.From(
            users, items, CollectionsMarshal.AsSpan(this._users), CollectionsMarshal.AsSpan(this._items));

        private void Add(ReadOnlySpan<int> ids)
        {
            this.MaxUser = Math.Max(this.MaxUser, ids[0]);
            foreach (var item in ids[1..])
            {
                this._users.Add(ids[0]);
                this._items.Add(item);
                this.MaxItem = Math.Max(this.MaxItem, item);
            }
        }
    }
}
