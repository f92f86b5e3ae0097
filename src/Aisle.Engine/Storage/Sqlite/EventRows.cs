using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>An event as a row of table event, both ways.</summary>
internal static class EventRows
{
    public const string Insert =
        """
        INSERT INTO event (sequence, id, type, user, item, time, quantity, price, basket, session, placement, recommendation, value, text)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (id) DO NOTHING
        """;

    /// <summary>Columns in the order in which <see cref="Read"/> takes them.</summary>
    public const string Columns = "sequence, id, type, user, item, time, quantity, price, basket, session, placement, recommendation, value, text";

    public static void Bind(Statement insert, long sequence, Event shopEvent, long? user, long? item)
    {
        insert.Bind(1, sequence);
        BindId(insert, 2, shopEvent.Id);
        insert.Bind(3, (long)shopEvent.Type);
        insert.Bind(4, user);
        insert.Bind(5, item);
        insert.Bind(6, shopEvent.Time.ToUnixTimeMilliseconds());
        insert.Bind(7, shopEvent.Quantity);
        insert.Bind(8, shopEvent.Price);
        insert.Bind(9, shopEvent.Basket);
        insert.Bind(10, shopEvent.Session);
        insert.Bind(11, shopEvent.Placement);
        insert.Bind(12, shopEvent.RecommendationId);
        insert.Bind(13, shopEvent.Value);
        insert.Bind(14, shopEvent.Text);
    }

    public static void BindId(Statement statement, int parameter, EventId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        statement.BindBlob(parameter, bytes);
    }

    public static StoredEvent Read(SqliteSession session, Statement row, KeyNames users, KeyNames items, TextCache texts) => new(
        row.Integer(0),
        new Event
        {
            Id = new EventId(new Guid(row.Bytes(1), bigEndian: true)),
            Type = (EventType)row.Integer(2),
            User = row.IntegerOrNull(3) is { } user ? new UserId(users.Get(session, user)) : null,
            Item = row.IntegerOrNull(4) is { } item ? new ItemId(items.Get(session, item)) : null,
            Time = DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(5)),
            Quantity = row.Real(6),
            Price = row.RealOrNull(7),
            Basket = texts.Get(row, 8),
            Session = texts.Get(row, 9),
            Placement = texts.Get(row, 10),
            RecommendationId = texts.Get(row, 11),
            Value = row.RealOrNull(12),
            Text = texts.Get(row, 13),
        });
}
