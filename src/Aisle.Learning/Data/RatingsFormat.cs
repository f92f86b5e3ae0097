using System.Runtime.InteropServices;
using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>
/// A header, then a line per rating: user, item, rating and, where known, time. Ids are any text and are numbered in the order in which
/// they appear. A rating given again replaces the one before it.
/// </summary>
internal static class RatingsFormat
{
    public static Split Read(SplitTexts texts)
    {
        var testText = texts.Test ?? throw new ArgumentException("The ratings format needs a test file beside the training file; without one, say how to divide it (--split).");
        IdNumbers users = new(), items = new();
        var trainRows = Rows.Read(texts.Train, users, items);
        var validationRows = texts.Validation is null ? null : Rows.Read(texts.Validation, users, items);
        var testRows = Rows.Read(testText, users, items);
        var train = trainRows.Build(users.Count, items.Count);
        var validation = validationRows?.Build(users.Count, items.Count);
        var test = testRows.Build(users.Count, items.Count);
        var before = validationRows is null ? train : trainRows.Then(validationRows).Build(users.Count, items.Count);
        return new Split(
            new Dataset(train),
            validation is null ? null : RankingCases.OfUsers(Relevant(validation, texts.RelevantFrom), train),
            RankingCases.OfUsers(Relevant(test, texts.RelevantFrom), before),
            validation is null ? null : new Dataset(before))
        {
            TestRatings = trainRows.HasRatings ? test : null,
            ValidationRatings = trainRows.HasRatings ? validation : null,
            Ids = new RawIds(users.Ids, items.Ids),
        };
    }

    public static WholeData ReadWhole(NamedText text)
    {
        IdNumbers users = new(), items = new();
        var rows = Rows.Read(text, users, items);
        return new WholeData(new Dataset(rows.Build(users.Count, items.Count)), rows.HasRatings, new RawIds(users.Ids, items.Ids));
    }

    /// <summary>Every row is an event of its own, so that what comes again counts again; ratings are not read as such.</summary>
    /// <exception cref="FormatException">There are no times.</exception>
    public static WholeData ReadEvents(NamedText text)
    {
        IdNumbers users = new(), items = new();
        var events = Rows.Read(text, users, items).InOrder(users.Count, items.Count)
            ?? throw new FormatException($"{text.Name} has no column of times, without which the order of what comes again is unknown. Name one time, timestamp or date.");
        return new WholeData(new Dataset(events), Ids: new RawIds(users.Ids, items.Ids));
    }

    /// <summary>The ratings that a list should find.</summary>
    public static Interactions Relevant(Interactions ratings, double from) => from <= 0 ? ratings : ratings.Reweight(rating => rating >= from ? rating : 0);

    private sealed class IdNumbers
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public List<string> Ids { get; } = [];

        public int Count => this.Ids.Count;

        public int NumberOf(string id)
        {
            if (this._numbers.TryGetValue(id, out var number)) return number;
            this._numbers[id] = this.Ids.Count;
            this.Ids.Add(id);
            return this.Ids.Count - 1;
        }
    }

    private sealed class Rows
    {
        private readonly List<int> _users = [];
        private readonly List<int> _items = [];
        private readonly List<float> _ratings = [];
        private readonly List<long> _times = [];

        public bool HasRatings { get; private init; }

        public static Rows Read(NamedText text, IdNumbers users, IdNumbers items)
        {
            var table = new RatingsTable(text);
            var rows = new Rows { HasRatings = table.HasRatings };
            while (table.Next())
            {
                rows._users.Add(users.NumberOf(table.User));
                rows._items.Add(items.NumberOf(table.Item));
                rows._ratings.Add(table.Rating);
                if (table.HasTimes) rows._times.Add(table.Time);
            }

            return rows;
        }

        /// <summary>These rows and later ones. Times are kept where both have them.</summary>
        public Rows Then(Rows later)
        {
            var both = new Rows { HasRatings = this.HasRatings };
            both._users.AddRange([.. this._users, .. later._users]);
            both._items.AddRange([.. this._items, .. later._items]);
            both._ratings.AddRange([.. this._ratings, .. later._ratings]);
            if (this._times.Count == this._users.Count && later._times.Count == later._users.Count) both._times.AddRange([.. this._times, .. later._times]);
            return both;
        }

        /// <summary>Each user's rows, the earliest first, equally late ones as they stand; null without times.</summary>
        public Sequences? InOrder(int users, int items)
        {
            if (this._times.Count < this._users.Count || this._users.Count == 0) return null;
            var rows = Enumerable.Range(0, this._users.Count).OrderBy(place => this._times[place]).ToLookup(place => this._users[place]);
            return Sequences.From(
                items,
                [.. Enumerable.Range(0, users).Select(user => rows[user].Select(place => this._items[place]).ToArray())],
                [.. Enumerable.Range(0, users).Select(user => rows[user].Select(place => this._times[place]).ToArray())]);
        }

        public Interactions Build(int users, int items)
        {
            var built = Interactions.From(
                users, items, CollectionsMarshal.AsSpan(this._users), CollectionsMarshal.AsSpan(this._items), CollectionsMarshal.AsSpan(this._ratings), CollectionsMarshal.AsSpan(this._times));
            return built.Count == this._users.Count ? built : this.Latest(users, items);
        }

        /// <summary>Of ratings of one item by one user, the latest; of equally late ones, that which stands last.</summary>
        private Interactions Latest(int users, int items)
        {
            var order = Enumerable.Range(0, this._users.Count).ToArray();
            Array.Sort(order, this.Compare);
            var kept = order.Where((place, i) => i + 1 == order.Length || !this.SamePair(place, order[i + 1])).ToArray();
            return Interactions.From(
                users,
                items,
                Array.ConvertAll(kept, place => this._users[place]),
                Array.ConvertAll(kept, place => this._items[place]),
                Array.ConvertAll(kept, place => this._ratings[place]),
                this._times.Count == 0 ? [] : Array.ConvertAll(kept, place => this._times[place]));
        }

        private bool SamePair(int place, int other) => this._users[place] == this._users[other] && this._items[place] == this._items[other];

        private int Compare(int place, int other)
        {
            var order = this._users[place].CompareTo(this._users[other]);
            if (order == 0) order = this._items[place].CompareTo(this._items[other]);
            if (order == 0 && this._times.Count > 0) order = this._times[place].CompareTo(this._times[other]);
            return order != 0 ? order : place.CompareTo(other);
        }
    }
}
