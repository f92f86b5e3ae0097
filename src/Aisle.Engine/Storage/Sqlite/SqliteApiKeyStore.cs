using Aisle.Engine.Access;
using Dapper;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteApiKeyStore(SqliteDatabase database) : IApiKeyStore
{
    private const string Columns = "id AS Id, name AS Name, role AS Role, secret_hash AS SecretHash, created_at AS CreatedAt";

    public Task AddAsync(ApiKey key, CancellationToken cancellation) =>
        database.WriteAsync(
            session => session.Connection.Execute(
                "INSERT INTO api_key (id, name, role, secret_hash, created_at) VALUES (@Id, @Name, @Role, @SecretHash, @CreatedAt)",
                new { key.Id, key.Name, Role = (int)key.Role, key.SecretHash, CreatedAt = key.CreatedAt.ToUnixTimeMilliseconds() }),
            cancellation);

    public ApiKey? Find(string id) =>
        database.Read(session => session.Connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM api_key WHERE id = @id", new { id })?.ToKey());

    public IReadOnlyList<ApiKey> List() =>
        database.Read(session =>
            session.Connection.Query<Row>($"SELECT {Columns} FROM api_key ORDER BY created_at, id").Select(row => row.ToKey()).ToList());

    public Task<bool> RemoveAsync(string id, CancellationToken cancellation) =>
        database.WriteAsync(session => session.Connection.Execute("DELETE FROM api_key WHERE id = @id", new { id }) > 0, cancellation);

    private sealed record Row(string Id, string Name, long Role, byte[] SecretHash, long CreatedAt)
    {
        public ApiKey ToKey() => new(this.Id, this.Name, (ApiRole)this.Role, this.SecretHash, DateTimeOffset.FromUnixTimeMilliseconds(this.CreatedAt));
    }
}
