using Aisle.Engine.Events;
using Aisle.Engine.Tests.Storage.Contracts;

namespace Aisle.Engine.Tests.Storage.Sqlite;

public sealed class SqliteEventStoreTests : EventStoreContract, IDisposable
{
    private readonly SqliteDoors _doors = new();

    public void Dispose() => this._doors.Dispose();

    protected override IEventStore Open() => this._doors.Open().Events;
}
