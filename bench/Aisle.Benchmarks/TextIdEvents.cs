using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Storage.Sqlite;

namespace Aisle.Benchmarks;

/// <summary>
/// The event table that was not chosen (docs/decisions/0002-event-table-layout.md): one table, ids of events, users and items as text.
/// Everything else (connection, statements, pages of a scan, reuse of strings) is as in the store.
/// </summary>
internal sealed class TextIdEvents : IDisposable
{
    private const int PageSize = 8192;

    private const string Schema =
        """
        CREATE TABLE event (
          sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, type INTEGER NOT NULL, user TEXT, item TEXT, time INTEGER NOT NULL, quantity REAL NOT NULL,
          price REAL, basket TEXT, session TEXT, placement TEXT, recommendation TEXT, value REAL, text TEXT) STRICT;
        CREATE UNIQUE INDEX event_by_id ON event (id);
        CREATE INDEX event_by_user ON event (user, time) WHERE user IS NOT NULL;
        """;

    private const string Columns = "sequence, id, type, user, item, time, quantity, price, basket, session, placement, recommendation, value, text";

    private readonly SqliteDatabase _database;
    private readonly TextCache _texts = new();

    public TextIdEvents(string file)
    {
        this._database = new SqliteDatabase(file);
        this._database.SetDurability();
        this._database.Writer.Execute(Schema);
    }

    public Task<int> AppendAsync(IReadOnlyList<Event> events) => this._database.WriteAsync(session => Append(session, events), CancellationToken.None);

    public IEnumerable<StoredEvent> Read()
    {
        long after = 0;
        while (true)
        {
            var page = this.Query($"SELECT {Columns} FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2", select => select.Bind(1, after), PageSize);
            foreach (var stored in page) yield return stored;
            if (page.Count < PageSize) yield break;
            after = page[^1].Sequence;
        }
    }

    public List<StoredEvent> LatestOf(UserId user, int count) => this.Query(
        $"SELECT {Columns} FROM event WHERE user = ?1 ORDER BY time DESC, sequence DESC LIMIT ?2", select => select.Bind(1, user.Value), count);

    public void Dispose() => this._database.Dispose();

    private static int Append(SqliteSession session, IReadOnlyList<Event> events)
    {
        var sequence = session.Scalar("SELECT coalesce(max(sequence), 0) FROM event");
        var insert = session.Prepare(
            $"INSERT INTO event ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (id) DO NOTHING");
        var stored = 0;
        foreach (var shopEvent in events)
        {
            insert.Bind(1, sequence + 1);
            insert.Bind(2, shopEvent.Id.ToString());
            insert.Bind(3, (long)shopEvent.Type);
            insert.Bind(4, shopEvent.User?.Value);
            insert.Bind(5, shopEvent.Item?.Value);
            insert.Bind(6, shopEvent.Time.ToUnixTimeMilliseconds());
            insert.Bind(7, shopEvent.Quantity);
            insert.Bind(8, shopEvent.Price);
            insert.Bind(9, shopEvent.Basket);
            insert.Bind(10, shopEvent.Session);
            insert.Bind(11, shopEvent.Placement);
            insert.Bind(12, shopEvent.RecommendationId);
            insert.Bind(13, shopEvent.Value);
            insert.Bind(14, shopEvent.Text);
            if (insert.Execute() == 0) continue;
            sequence++;
            stored++;
        }

        return stored;
    }

    private List<StoredEvent> Query(string sql, Action<Statement> bind, int limit) => this._database.Read(session =>
    {
        var select = session.Prepare(sql);
        bind(select);
        select.Bind(2, limit);
        var rows = new List<StoredEvent>();
        while (select.Step()) rows.Add(this.ReadRow(select));
        return rows;
    });

    private StoredEvent ReadRow(Statement row) => new(
        row.Integer(0),
        new Event
        {
            Id = EventId.From(row.Text(1)),
            Type = (EventType)row.Integer(2),
            User = this._texts.Get(row, 3) is { } user ? new UserId(user) : null,
            Item = this._texts.Get(row, 4) is { } item ? new ItemId(item) : null,
            Time = DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(5)),
            Quantity = row.Real(6),
            Price = row.RealOrNull(7),
            Basket = this._texts.Get(row, 8),
            Session = this._texts.Get(row, 9),
            Placement = this._texts.Get(row, 10),
            RecommendationId = this._texts.Get(row, 11),
            Value = row.RealOrNull(12),
            Text = this._texts.Get(row, 13),
        });
}
