using Aisle.Engine.Access;
using Aisle.Engine.Catalog;
using Aisle.Engine.ChoicePoints;
using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Ranking;
using Aisle.Engine.Shop;
using Aisle.Engine.Training;
using Microsoft.Data.Sqlite;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>
/// A shop's state in one SQLite file. Several processes may have the same store open (a server and an import, say); they take turns in writing.
/// </summary>
public sealed class SqliteStore : IDisposable
{
    public const string FileName = "aisle.db";

    private readonly SqliteDatabase _database;

    private SqliteStore(string directory, SqliteDatabase database)
    {
        this.Directory = directory;
        this._database = database;
        this.Events = new SqliteEventStore(database);
        this.Catalog = new SqliteCatalogStore(database);
        this.Users = new SqliteUserStore(database);
        this.ApiKeys = new SqliteApiKeyStore(database);
        this.TrainingRuns = new SqliteTrainingRunStore(database);
        this.Settings = new SqliteShopSettings(database);
        this.Served = new SqliteServedStore(database);
        this.Configuration = new SqliteConfigurationStore(database);
        this.Choices = new SqliteChoiceStore(database);
    }

    /// <summary>Full path of the store's folder.</summary>
    public string Directory { get; }

    public IEventStore Events { get; }

    public ICatalogStore Catalog { get; }

    public IUserStore Users { get; }

    public IApiKeyStore ApiKeys { get; }

    public ITrainingRunStore TrainingRuns { get; }

    public IShopSettings Settings { get; }

    public IServedStore Served { get; }

    public IConfigurationStore Configuration { get; }

    public IChoiceStore Choices { get; }

    /// <summary>Opens the store in a folder; makes folder and store where there is none, and brings an older store's layout up to date.</summary>
    /// <exception cref="StoreException">The file is damaged, is not a store, was written by a newer Aisle or cannot be written.</exception>
    public static SqliteStore Open(string directory, TimeProvider time) => Open(directory, SqliteMigrations.Embedded, time);

    internal static SqliteStore Open(string directory, IReadOnlyList<Migration> migrations, TimeProvider time)
    {
        var folder = CreateFolder(directory);
        SqliteDatabase? database = null;
        try
        {
            database = new SqliteDatabase(Path.Combine(folder, FileName));
            SqliteMigrations.RefuseForeign(database.Writer);
            database.SetDurability();
            SqliteMigrations.Apply(database.Writer, migrations, time);
            return new SqliteStore(folder, database);
        }
        catch (SqliteException failure)
        {
            database?.Dispose();
            throw SqliteErrors.Describe(failure);
        }
        catch
        {
            database?.Dispose();
            throw;
        }
    }

    public void Dispose() => this._database.Dispose();

    private static string CreateFolder(string directory)
    {
        try
        {
            return System.IO.Directory.CreateDirectory(directory).FullName;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StoreException($"The store's folder '{directory}' cannot be made: {failure.Message} Name a folder that can be written.", failure);
        }
    }
}
