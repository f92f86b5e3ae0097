using Aisle.Engine.Storage.Sqlite;

namespace Aisle.Engine.Tests.Storage.Sqlite;

/// <summary>One folder and the stores opened on it.</summary>
internal sealed class SqliteDoors : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<SqliteStore> _open = [];

    public SqliteStore Open()
    {
        var store = SqliteStore.Open(this._folder.Path, TimeProvider.System);
        this._open.Add(store);
        return store;
    }

    public void Dispose()
    {
        foreach (var store in this._open) store.Dispose();
        this._folder.Dispose();
    }
}
