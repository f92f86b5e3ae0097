using Aisle.Engine.Configuration;
using Dapper;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteConfigurationStore(SqliteDatabase database) : IConfigurationStore
{
    private const string Columns = "kind AS Kind, version AS Version, document AS Document, note AS Note, published_at AS PublishedAt";

    public ConfigurationVersion? Latest(string kind) => this.History(kind, 1) is [var latest, ..] ? latest : null;

    public ConfigurationVersion? Find(string kind, int version) =>
        database.Read(session => session.Connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM configuration WHERE kind = @kind AND version = @version", new { kind, version })?.ToVersion());

    public IReadOnlyList<ConfigurationVersion> History(string kind, int count) =>
        database.Read(session => session.Connection
            .Query<Row>($"SELECT {Columns} FROM configuration WHERE kind = @kind ORDER BY version DESC LIMIT @count", new { kind, count })
            .Select(row => row.ToVersion()).ToList());

    public Task<ConfigurationVersion?> PublishAsync(string kind, string document, string? note, int after, DateTimeOffset at, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var latest = session.Connection.ExecuteScalar<int?>("SELECT max(version) FROM configuration WHERE kind = @kind", new { kind }) ?? 0;
                if (latest != after) return null;
                session.Connection.Execute(
                    "INSERT INTO configuration (kind, version, document, note, published_at) VALUES (@kind, @version, @document, @note, @at)",
                    new { kind, version = latest + 1, document, note, at = at.ToUnixTimeMilliseconds() });
                return new ConfigurationVersion(kind, latest + 1, document, note, at);
            },
            cancellation);

    private sealed record Row(string Kind, long Version, string Document, string? Note, long PublishedAt)
    {
        public ConfigurationVersion ToVersion() => new(this.Kind, (int)this.Version, this.Document, this.Note, DateTimeOffset.FromUnixTimeMilliseconds(this.PublishedAt));
    }
}
