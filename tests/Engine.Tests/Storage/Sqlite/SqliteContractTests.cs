using Aisle.Engine.Access;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Shop;
using Aisle.Engine.Tests.Storage.Contracts;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Storage.Sqlite;

public sealed class SqliteEventStoreTests : EventStoreContract, IDisposable
{
    private readonly SqliteDoors _doors = new();

    public void Dispose() => this._doors.Dispose();

    protected override IEventStore Open() => this._doors.Open().Events;
}

public sealed class SqliteCatalogStoreTests : CatalogStoreContract, IDisposable
{
    private readonly SqliteDoors _doors = new();

    public void Dispose() => this._doors.Dispose();

    protected override ICatalogStore Open() => this._doors.Open().Catalog;
}

public sealed class SqliteUserStoreTests : UserStoreContract, IDisposable
{
    private readonly SqliteDoors _doors = new();

    public void Dispose() => this._doors.Dispose();

    protected override (IUserStore Users, IEventStore Events) Open()
    {
        var store = this._doors.Open();
        return (store.Users, store.Events);
    }
}

public sealed class SqliteApiKeyStoreTests : ApiKeyStoreContract, IDisposable
{
    private readonly SqliteDoors _doors = new();

    public void Dispose() => this._doors.Dispose();

    protected override IApiKeyStore Open() => this._doors.Open().ApiKeys;
}

public sealed class SqliteTrainingRunStoreTests : TrainingRunStoreContract, IDisposable
{
    private readonly SqliteDoors _doors = new();

    public void Dispose() => this._doors.Dispose();

    protected override ITrainingRunStore Open() => this._doors.Open().TrainingRuns;
}

public sealed class SqliteShopSettingsTests : ShopSettingsContract, IDisposable
{
    private readonly SqliteDoors _doors = new();

    public void Dispose() => this._doors.Dispose();

    protected override IShopSettings Open() => this._doors.Open().Settings;
}
