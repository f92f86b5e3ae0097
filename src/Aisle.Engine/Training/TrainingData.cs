using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Learning.Data;

namespace Aisle.Engine.Training;

/// <summary>The store's events as dense columns: one entry per event that says something about liking an item.</summary>
public sealed class TrainingData
{
    private readonly List<int> _users = [];
    private readonly List<int> _items = [];
    private readonly List<float> _points = [];
    private readonly List<long> _times = [];
    private readonly List<byte> _kinds = [];
    private readonly List<int> _basketRows = [];
    private readonly List<int> _basketItems = [];
    private readonly Dictionary<string, int> _baskets = [];

    /// <summary>Entries by user, each user's by time; those of one moment as they were stored. User u has places _rowStarts[u] … _rowStarts[u + 1).</summary>
    private int[] _byUser = [];
    private int[] _rowStarts = [0];

    private TrainingData()
    {
    }

    public IdMap Users { get; } = new();

    /// <summary>Items of the events, then those that only the catalogue knows: new products, which models of content can recommend.</summary>
    public IdMap Items { get; } = new();

    /// <summary>Items with events, the first of <see cref="Items"/>.</summary>
    public int TouchedItems { get; private set; }

    /// <summary>What the catalogue tells of <see cref="Items"/>.</summary>
    public CatalogueContent Content { get; private set; } = CatalogueContent.None;

    /// <summary>Sequence of the last event read.</summary>
    public long LastSequence { get; private set; }

    public int Events => this._users.Count;

    public int Baskets => this._baskets.Count;

    public DateTimeOffset? First => this._times.Count == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(this._times.Min());

    public DateTimeOffset? Last => this._times.Count == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(this._times.Max());

    /// <summary>Reads every event once, then the catalogue.</summary>
    /// <param name="upTo">Sequence of the last event that is read.</param>
    /// <param name="read">Told the number of events read so far, now and then.</param>
    public static TrainingData Read(IEventStore store, Catalogue catalogue, long upTo, Action<long>? read, CancellationToken cancellation)
    {
        const int tellEvery = 50_000;
        var data = new TrainingData();
        long count = 0;
        foreach (var stored in store.Read())
        {
            if (stored.Sequence > upTo) break;
            data.Add(stored.Event);
            data.LastSequence = stored.Sequence;
            if (++count % tellEvery != 0) continue;
            cancellation.ThrowIfCancellationRequested();
            read?.Invoke(count);
        }

        read?.Invoke(count);
        data.TouchedItems = data.Items.Count;
        foreach (var item in catalogue.Items) data.Items.Add(item.Id.Value);
        data.Content = CatalogueContent.Of(catalogue, data.Items);
        data.PutInOrder();
        return data;
    }

    /// <summary>Lets models learn from vectors of the items' texts too.</summary>
    public void Take(IReadOnlyList<float[]> vectors) => this.Content = this.Content.WithVectors(vectors);

    /// <summary>
    /// Everything: users × items, weights damped, times in Unix seconds; beside it the events in order, oldest first, with times and with kinds, which are
    /// the numbers of <see cref="EventType"/>; and what the catalogue tells. The events are those that say something for an item: what takes back is no
    /// step towards the next one, and a pair that was taken back altogether stands in neither.
    /// </summary>
    /// <param name="halfLifeDays">An interaction this much older than the last one counts half; null for no decay. Of the events none fades.</param>
    public Dataset All(double? halfLifeDays) => this.Told(this.Between(long.MinValue, long.MaxValue, halfLifeDays), long.MinValue, long.MaxValue);

    /// <summary>Purchases: baskets × items, weight 1, and what the catalogue tells. Anonymous baskets are rows like any other; a basket has no order.</summary>
    public Dataset AllBaskets() => this.Content.With(
        Interactions.From(this._baskets.Count, this.Items.Count, this._basketRows.ToArray(), this._basketItems.ToArray()).Reweight(_ => 1));

    /// <summary>
    /// Splits by one moment for all: what came before trains; what a shopper with a past took up after it, and had not touched before,
    /// is to be predicted.
    /// </summary>
    /// <param name="validationShare">Share of events after the moment, in (0, 1).</param>
    public TrainingSplit Split(double validationShare)
    {
        var ordered = this._times.ToArray();
        Array.Sort(ordered);
        var at = ordered[(int)(ordered.Length * (1 - validationShare))];
        var train = this.Between(long.MinValue, at, halfLifeDays: null);
        var later = this.Between(at, long.MaxValue, halfLifeDays: null);

        List<int> users = [], items = [];
        for (var user = 0; user < later.Users; user++)
        {
            var known = train.ItemsOf(user);
            if (known.IsEmpty) continue;
            foreach (var item in later.ItemsOf(user))
            {
                if (known.BinarySearch(item) >= 0) continue;
                users.Add(user);
                items.Add(item);
            }
        }

        var validation = Interactions.From(later.Users, later.Items, users.ToArray(), items.ToArray());
        var told = this.Told(train, long.MinValue, at);
        return new TrainingSplit(
            halfLife => halfLife is null ? told : this.Told(this.Between(long.MinValue, at, halfLife), long.MinValue, at), validation, DateTimeOffset.FromUnixTimeSeconds(at));
    }

    private void Add(Event @event)
    {
        if (@event.Item is not { } itemId || InteractionStrength.Of(@event) is var points && points == 0) return;
        var item = this.Items.Add(itemId.Value);
        if (@event.User is { } user)
        {
            this._users.Add(this.Users.Add(user.Value));
            this._items.Add(item);
            this._points.Add(points);
            this._times.Add(@event.Time.ToUnixTimeSeconds());
            this._kinds.Add((byte)@event.Type);
        }

        if (@event.Type == EventType.Purchase) this.AddToBasket(@event, item);
    }

    private void AddToBasket(Event purchase, int item)
    {
        // A shop that does not tell its orders: what a shopper bought on one day is one basket.
        var key = purchase.Basket ?? $"{purchase.User}\n{purchase.Time.UtcDateTime:yyyyMMdd}";
        if (!this._baskets.TryGetValue(key, out var basket)) this._baskets[key] = basket = this._baskets.Count;
        this._basketRows.Add(basket);
        this._basketItems.Add(item);
    }

    private void PutInOrder()
    {
        this._rowStarts = new int[this.Users.Count + 1];
        foreach (var user in this._users) this._rowStarts[user + 1]++;
        for (var user = 0; user < this.Users.Count; user++) this._rowStarts[user + 1] += this._rowStarts[user];

        this._byUser = new int[this._users.Count];
        var next = this._rowStarts.ToArray();
        for (var entry = 0; entry < this._users.Count; entry++) this._byUser[next[this._users[entry]]++] = entry;
        for (var user = 0; user < this.Users.Count; user++)
        {
            var row = this._byUser.AsSpan(this._rowStarts[user]..this._rowStarts[user + 1]);
            row.Sort((one, other) => this._times[one] != this._times[other] ? this._times[one].CompareTo(this._times[other]) : one.CompareTo(other));
        }
    }

    /// <summary>A matrix of a window with the events of the same window and what is told of the items.</summary>
    private Dataset Told(Interactions interactions, long from, long before)
    {
        var (items, times, kinds) = (new int[this.Users.Count][], new long[this.Users.Count][], new byte[this.Users.Count][]);
        List<int> row = [];
        for (var user = 0; user < items.Length; user++)
        {
            row.Clear();
            var known = interactions.ItemsOf(user);
            foreach (var entry in this._byUser.AsSpan(this._rowStarts[user]..this._rowStarts[user + 1]))
            {
                if (this._times[entry] >= from && this._times[entry] < before && this._points[entry] > 0 && known.BinarySearch(this._items[entry]) >= 0) row.Add(entry);
            }

            items[user] = [.. row.Select(entry => this._items[entry])];
            times[user] = [.. row.Select(entry => this._times[entry])];
            kinds[user] = [.. row.Select(entry => this._kinds[entry])];
        }

        return this.Content.With(interactions) with { Sequences = Sequences.From(this.Items.Count, items, times, kinds) };
    }

    private Interactions Between(long from, long before, double? halfLifeDays)
    {
        const double secondsPerDay = 86_400;
        List<int> users = [], items = [];
        List<float> points = [];
        List<long> times = [];
        for (var i = 0; i < this._users.Count; i++)
        {
            if (this._times[i] < from || this._times[i] >= before) continue;
            users.Add(this._users[i]);
            items.Add(this._items[i]);
            points.Add(this._points[i]);
            times.Add(this._times[i]);
        }

        if (halfLifeDays is { } halfLife && times.Count > 0)
        {
            var last = times.Max();
            for (var i = 0; i < points.Count; i++) points[i] *= (float)Math.Pow(2, (times[i] - last) / secondsPerDay / halfLife);
        }

        return Interactions.From(this.Users.Count, this.Items.Count, users.ToArray(), items.ToArray(), points.ToArray(), times.ToArray())
            .Reweight(InteractionStrength.Damp);
    }
}

/// <param name="Train">What came before the moment, by half-life in days, the events in order among it; see <see cref="TrainingData.All"/>.</param>
/// <param name="Validation">Users × items to be predicted; rows of users without a past are empty.</param>
/// <param name="At">The moment between the two.</param>
public sealed record TrainingSplit(Func<double?, Dataset> Train, Interactions Validation, DateTimeOffset At);
