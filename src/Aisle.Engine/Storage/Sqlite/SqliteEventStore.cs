using System.Collections.Concurrent;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteEventStore : IEventStore
{
    /// <summary>Rows of one reading transaction of a scan: a longer one would keep the write-ahead log from being recycled.</summary>
    private const int PageSize = 8192;

    private readonly SqliteDatabase _database;
    private readonly KeyNames _userNames = new("user");
    private readonly KeyNames _itemNames = new("event_item");
    private readonly KeyAssigner _userKeys;
    private readonly KeyAssigner _itemKeys;
    private readonly ConcurrentBag<TextCache> _idleTexts = [];

    public SqliteEventStore(SqliteDatabase database)
    {
        this._database = database;
        this._userKeys = KeyAssigner.ForUsers(this._userNames);
        this._itemKeys = KeyAssigner.ForItems(this._itemNames);
    }

    public Task<AppendResult> AppendAsync(IReadOnlyList<Event> events, CancellationToken cancellation) =>
        this._database.WriteAsync(
            session => this.Append(session, events),
            committed: () =>
            {
                this._userKeys.Committed();
                this._itemKeys.Committed();
            },
            rolledBack: () =>
            {
                this._userKeys.RolledBack();
                this._itemKeys.RolledBack();
            },
            cancellation);

    public IEnumerable<StoredEvent> Read(long afterSequence = 0)
    {
        while (true)
        {
            var page = this.ReadPage(afterSequence);
            foreach (var stored in page) yield return stored;
            if (page.Count < PageSize) yield break;
            afterSequence = page[^1].Sequence;
        }
    }

    public IReadOnlyList<StoredEvent> LatestOf(UserId user, int count) => this._database.Read(session =>
    {
        var statement = session.Prepare(
            $"SELECT {EventRows.Columns} FROM event WHERE user = (SELECT key FROM user WHERE id = ?1) ORDER BY time DESC, sequence DESC LIMIT ?2");
        statement.Bind(1, user.Value);
        statement.Bind(2, count);
        return this.ReadRows(session, statement);
    });

    public long LastSequence() => this._database.Read(session => Counter(session, "last_sequence"));

    public IReadOnlyList<DailyCount> DailyCounts() => this._database.Read(session =>
    {
        var statement = session.Prepare("SELECT day, type, count FROM event_day ORDER BY day, type");
        var counts = new List<DailyCount>();
        while (statement.Step())
            counts.Add(new DailyCount(DateOnly.FromDayNumber((int)statement.Integer(0)), (EventType)statement.Integer(1), statement.Integer(2)));
        return counts;
    });

    public EventTotals Totals() => this._database.Read(session =>
    {
        var statement = session.Prepare(
            """
            SELECT max(value) FILTER (WHERE name = 'events'), max(value) FILTER (WHERE name = 'event_users'), max(value) FILTER (WHERE name = 'event_items')
            FROM counter
            """);
        statement.Step();
        var totals = new EventTotals(statement.Integer(0), statement.Integer(1), statement.Integer(2));
        statement.Reset();
        return totals;
    });

    private static long Counter(SqliteSession session, string name) => session.Scalar($"SELECT value FROM counter WHERE name = '{name}'");

    private List<StoredEvent> ReadPage(long afterSequence) => this._database.Read(session =>
    {
        var statement = session.Prepare($"SELECT {EventRows.Columns} FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2");
        statement.Bind(1, afterSequence);
        statement.Bind(2, PageSize);
        return this.ReadRows(session, statement);
    });

    private List<StoredEvent> ReadRows(SqliteSession session, Statement statement)
    {
        if (!this._idleTexts.TryTake(out var texts)) texts = new TextCache();
        var rows = new List<StoredEvent>();
        while (statement.Step()) rows.Add(EventRows.Read(session, statement, this._userNames, this._itemNames, texts));
        this._idleTexts.Add(texts);
        return rows;
    }

    private AppendResult Append(SqliteSession session, IReadOnlyList<Event> events)
    {
        var first = Counter(session, "last_sequence");
        var sequence = first;
        var insert = session.Prepare(EventRows.Insert);
        var stored = new List<StoredEvent>(events.Count);
        var days = new Dictionary<(int Day, EventType Type), long>();
        foreach (var given in events)
        {
            var shopEvent = AsStored(given);
            var userKnown = this._userKeys.TryGet(shopEvent.User?.Value, out var user);
            var itemKnown = this._itemKeys.TryGet(shopEvent.Item?.Value, out var item);
            if (!userKnown || !itemKnown)
            {
                // A duplicate must not make a user or an item known that no stored event names.
                if (Contains(session, shopEvent.Id)) continue;
                if (!userKnown) user = this._userKeys.Add(session, shopEvent.User!.Value.Value);
                if (!itemKnown) item = this._itemKeys.Add(session, shopEvent.Item!.Value.Value);
            }

            EventRows.Bind(insert, sequence + 1, shopEvent, user, item);
            if (insert.Execute() == 0) continue;

            stored.Add(new StoredEvent(++sequence, shopEvent));
            var day = (DateOnly.FromDateTime(shopEvent.Time.UtcDateTime).DayNumber, shopEvent.Type);
            days[day] = days.GetValueOrDefault(day) + 1;
        }

        if (stored.Count > 0) this.Count(session, sequence, sequence - first, days);
        return new AppendResult(stored, events.Count - stored.Count);
    }

    private static bool Contains(SqliteSession session, EventId id)
    {
        var statement = session.Prepare("SELECT 1 FROM event WHERE id = ?1");
        EventRows.BindId(statement, 1, id);
        var found = statement.Step();
        statement.Reset();
        return found;
    }

    private void Count(SqliteSession session, long lastSequence, long added, Dictionary<(int Day, EventType Type), long> days)
    {
        var counter = session.Prepare("UPDATE counter SET value = value + ?2 WHERE name = ?1");
        Add("events", added);
        Add("event_users", this._userKeys.Added);
        Add("event_items", this._itemKeys.Added);
        var last = session.Prepare("UPDATE counter SET value = ?1 WHERE name = 'last_sequence'");
        last.Bind(1, lastSequence);
        last.Execute();

        var daily = session.Prepare(
            "INSERT INTO event_day (day, type, count) VALUES (?1, ?2, ?3) ON CONFLICT (day, type) DO UPDATE SET count = count + excluded.count");
        foreach (var ((day, type), count) in days)
        {
            daily.Bind(1, day);
            daily.Bind(2, (long)type);
            daily.Bind(3, count);
            daily.Execute();
        }

        void Add(string name, long value)
        {
            counter.Bind(1, name);
            counter.Bind(2, value);
            counter.Execute();
        }
    }

    /// <summary>Time to the millisecond in UTC, as a later reading gives it.</summary>
    private static Event AsStored(Event given) =>
        given.Time.Offset == TimeSpan.Zero && given.Time.Ticks % TimeSpan.TicksPerMillisecond == 0
            ? given
            : given with { Time = DateTimeOffset.FromUnixTimeMilliseconds(given.Time.ToUnixTimeMilliseconds()) };
}
