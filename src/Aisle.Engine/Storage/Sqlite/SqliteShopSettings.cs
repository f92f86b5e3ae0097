using Aisle.Engine.Shop;
using Dapper;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteShopSettings(SqliteDatabase database) : IShopSettings
{
    public string? Get(string name) =>
        database.Read(session => session.Connection.QuerySingleOrDefault<string>("SELECT value FROM setting WHERE name = @name", new { name }));

    public Task SetAsync(string name, string? value, CancellationToken cancellation) =>
        database.WriteAsync(
            session => value is null
                ? session.Connection.Execute("DELETE FROM setting WHERE name = @name", new { name })
                : session.Connection.Execute(
                    "INSERT INTO setting (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    new { name, value }),
            cancellation);
}
