using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Ranking;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteServedStore(SqliteDatabase database) : IServedStore
{
    private const string Insert = "INSERT INTO served (list, time, pipeline, learned, schema, items, features, exchange, exchanged, shadow, shadow_features, after_event) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private const string Newest =
        "SELECT list, time, pipeline, learned, schema, items, features, exchange, exchanged, shadow, shadow_features, after_event FROM served WHERE sequence > coalesce((SELECT sequence FROM served ORDER BY sequence DESC LIMIT 1 OFFSET ?), 0) ORDER BY sequence";

    private const string Forget =
        "DELETE FROM served WHERE time < ? OR sequence <= coalesce((SELECT sequence FROM served ORDER BY sequence DESC LIMIT 1 OFFSET ?), 0)";

    public Task AppendAsync(IReadOnlyList<ServedList> lists, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var insert = session.Prepare(Insert);
                foreach (var list in lists)
                {
                    insert.BindBlob(1, list.List.ToByteArray(bigEndian: true));
                    insert.Bind(2, list.Time.ToUnixTimeMilliseconds());
                    insert.Bind(3, list.Pipeline);
                    insert.Bind(4, list.Learned ? 1L : 0);
                    insert.Bind(5, list.Schema);
                    insert.Bind(6, StoredJson.Write([.. list.Items.Select(item => item.Value)]));
                    insert.BindBlob(7, FeatureBlob.Pack(list.Features, list.Items.Count));
                    insert.Bind(8, (long?)list.Exchange?.Place);
                    insert.Bind(9, list.Exchange is { } exchange ? (exchange.Happened ? 1L : 0) : null);
                    insert.Bind(10, list.Shadow is { } told ? JsonSerializer.Serialize(SavedShadow.Of(told), ShadowJson.Default.SavedShadow) : null);
                    if (list.Shadow is { } shadow) insert.BindBlob(11, FeatureBlob.Pack(shadow.Features, shadow.Items.Count));
                    else insert.BindNull(11);
                    insert.Bind(12, list.AfterEvent);
                    insert.Execute();
                }

                return lists.Count;
            },
            cancellation);

    public IReadOnlyList<ServedList> Latest(int count) =>
        database.Read(session =>
        {
            var lists = new List<ServedList>();
            var rows = session.Prepare(Newest);
            rows.Bind(1, (long)count);
            while (rows.Step())
            {
                IReadOnlyList<ItemId> items = [.. StoredJson.ReadList(rows.Text(5)).Select(id => new ItemId(id))];
                // A row that is not as it was written is worth less than the reading of all others.
                if (FeatureBlob.Unpack(rows.Bytes(6), items.Count) is not { } features) continue;
                lists.Add(new ServedList(
                    new Guid(rows.Bytes(0), bigEndian: true), DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(1)), rows.Text(2), rows.Integer(3) != 0, rows.Integer(4), items, features)
                {
                    AfterEvent = rows.Integer(11),
                    Exchange = rows.IsNull(7) ? null : new ServedExchange((int)rows.Integer(7), rows.Integer(8) != 0),
                    Shadow = rows.IsNull(9) ? null : ReadShadow(rows.Text(9), rows.Bytes(10)),
                });
            }

            return lists;
        });

    public long Count() => database.Read(session => session.Scalar("SELECT count(*) FROM served"));

    public Task<int> ForgetAsync(DateTimeOffset before, int most, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var forget = session.Prepare(Forget);
                forget.Bind(1, before.ToUnixTimeMilliseconds());
                forget.Bind(2, (long)most);
                return forget.Execute();
            },
            cancellation);

    private static ShadowList? ReadShadow(string json, ReadOnlySpan<byte> blob)
    {
        try
        {
            var saved = JsonSerializer.Deserialize(json, ShadowJson.Default.SavedShadow)!;
            return FeatureBlob.Unpack(blob, saved.Items.Length) is { } features && saved.Possible.Length == saved.Items.Length
                ? new ShadowList(saved.Pipeline, [.. saved.Items.Select(id => new ItemId(id))], features, saved.Possible, saved.Draws)
                : null;
        }
        catch (JsonException)
        {
            // As above: a row that is not as it was written.
            return null;
        }
    }
}

internal sealed record SavedShadow(string Pipeline, string[] Items, bool[] Possible, ServedDraw[] Draws)
{
    public static SavedShadow Of(ShadowList shadow) => new(shadow.Pipeline, [.. shadow.Items.Select(item => item.Value)], [.. shadow.Possible], [.. shadow.Draws]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SavedShadow))]
internal sealed partial class ShadowJson : JsonSerializerContext;
