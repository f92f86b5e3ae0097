using Aisle.Engine.Catalog;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteCatalogStore(SqliteDatabase database) : ICatalogStore
{
    private const int PageSize = 1000;

    private const string Columns =
        "id, title, description, category, brand, price, stock, image, tags, attributes, translations, available_from";

    // An upsert that changes nothing touches no row, so that it neither counts nor moves the version.
    private const string Upsert =
        $"""
        INSERT INTO catalogue_item ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT (id) DO UPDATE SET
          (title, description, category, brand, price, stock, image, tags, attributes, translations, available_from) =
          (excluded.title, excluded.description, excluded.category, excluded.brand, excluded.price, excluded.stock, excluded.image,
           excluded.tags, excluded.attributes, excluded.translations, excluded.available_from)
        WHERE (title, description, category, brand, price, stock, image, tags, attributes, translations, available_from) IS NOT
          (excluded.title, excluded.description, excluded.category, excluded.brand, excluded.price, excluded.stock, excluded.image,
           excluded.tags, excluded.attributes, excluded.translations, excluded.available_from)
        """;

    public Task<int> UpsertAsync(IReadOnlyList<Item> items, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var statement = session.Prepare(Upsert);
                var changed = 0;
                foreach (var item in items)
                {
                    Bind(statement, item);
                    changed += statement.Execute();
                }

                return MoveVersion(session, changed);
            },
            cancellation);

    public Task<int> DeleteAsync(IReadOnlyList<ItemId> items, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var statement = session.Prepare("DELETE FROM catalogue_item WHERE id = ?1");
                var deleted = 0;
                foreach (var item in items)
                {
                    statement.Bind(1, item.Value);
                    deleted += statement.Execute();
                }

                return MoveVersion(session, deleted);
            },
            cancellation);

    public Item? Find(ItemId id) => database.Read(session =>
    {
        var statement = session.Prepare($"SELECT key, {Columns} FROM catalogue_item WHERE id = ?1");
        statement.Bind(1, id.Value);
        var item = statement.Step() ? Read(statement) : null;
        statement.Reset();
        return item;
    });

    public IEnumerable<Item> ReadAll()
    {
        long position = 0;
        while (true)
        {
            var page = this.ReadPage(position);
            foreach (var (_, item) in page) yield return item;
            if (page.Count < PageSize) yield break;
            position = page[^1].Key;
        }
    }

    public long Version() => database.Read(session => session.Scalar("SELECT value FROM counter WHERE name = 'catalogue_version'"));

    private List<(long Key, Item Item)> ReadPage(long after) => database.Read(session =>
    {
        var statement = session.Prepare($"SELECT key, {Columns} FROM catalogue_item WHERE key > ?1 ORDER BY key LIMIT ?2");
        statement.Bind(1, after);
        statement.Bind(2, PageSize);
        var page = new List<(long, Item)>();
        while (statement.Step()) page.Add((statement.Integer(0), Read(statement)));
        return page;
    });

    private static int MoveVersion(SqliteSession session, int changed)
    {
        if (changed > 0) session.Prepare("UPDATE counter SET value = value + 1 WHERE name = 'catalogue_version'").Execute();
        return changed;
    }

    private static void Bind(Statement statement, Item item)
    {
        statement.Bind(1, item.Id.Value);
        statement.Bind(2, item.Title);
        statement.Bind(3, item.Description);
        statement.Bind(4, StoredJson.Write(item.Category));
        statement.Bind(5, item.Brand);
        statement.Bind(6, item.Price);
        statement.Bind(7, (long?)item.Stock);
        statement.Bind(8, item.Image);
        statement.Bind(9, StoredJson.Write(item.Tags));
        statement.Bind(10, StoredJson.Write(item.Attributes));
        statement.Bind(11, StoredJson.Write(item.Translations));
        statement.Bind(12, item.AvailableFrom?.ToUnixTimeMilliseconds());
    }

    private static Item Read(Statement statement) => new()
    {
        Id = new ItemId(statement.Text(1)),
        Title = statement.Text(2),
        Description = statement.TextOrNull(3),
        Category = StoredJson.ReadList(statement.Text(4)),
        Brand = statement.TextOrNull(5),
        Price = statement.RealOrNull(6),
        Stock = (int?)statement.IntegerOrNull(7),
        Image = statement.TextOrNull(8),
        Tags = StoredJson.ReadList(statement.Text(9)),
        Attributes = StoredJson.ReadValues(statement.Text(10)),
        Translations = StoredJson.ReadTexts(statement.Text(11)),
        AvailableFrom = statement.IntegerOrNull(12) is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null,
    };
}
