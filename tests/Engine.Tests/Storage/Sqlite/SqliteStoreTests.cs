using System.Text;
using Aisle.Engine.Storage;
using Aisle.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Storage.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => this._folder.File(SqliteStore.FileName);

    public void Dispose() => this._folder.Dispose();

    [Fact]
    public void Open_FolderThatIsMissing_MakesIt()
    {
        var folder = Path.Combine(this._folder.Path, "a", "b");

        using var store = SqliteStore.Open(folder, TimeProvider.System);

        store.Directory.ShouldBe(folder);
        System.IO.File.Exists(Path.Combine(folder, SqliteStore.FileName)).ShouldBeTrue();
    }

    [Fact]
    public async Task Open_SameNewFolderManyTimesAtOnce_GivesOneStore()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(this.Open)));

        await Task.WhenAll(stores.Select((store, i) => store.Events.AppendAsync(Views(10, $"s{i}-"), CancellationToken.None)));

        stores[0].Events.Totals().Events.ShouldBe(80);
        foreach (var store in stores) store.Dispose();
    }

    [Fact]
    public async Task Open_StoreOfAnOlderVersion_BringsItUpToDateAndKeepsItsContent()
    {
        using (var older = this.Open()) await older.Events.AppendAsync(Views(10), CancellationToken.None);
        IReadOnlyList<Migration> newer = [.. SqliteMigrations.Embedded, Next("ALTER TABLE setting ADD COLUMN note TEXT; CREATE TABLE next (id INTEGER);")];

        using (var store = SqliteStore.Open(this._folder.Path, newer, TimeProvider.System)) store.Events.Read().Count().ShouldBe(10);

        this.Query("SELECT count(*) FROM next").ShouldBe(0);
        this.Query("SELECT max(number) FROM schema_migration").ShouldBe(newer[^1].Number);
    }

    [Fact]
    public async Task Open_MigrationThatFails_LeavesTheStoreAsItWas()
    {
        using (var older = this.Open()) await older.Events.AppendAsync(Views(10), CancellationToken.None);
        IReadOnlyList<Migration> broken = [.. SqliteMigrations.Embedded, Next("CREATE TABLE next (id INTEGER); DROP TABLE event; DROP TABLE there_is_no_such_table;")];

        Should.Throw<StoreException>(() => SqliteStore.Open(this._folder.Path, broken, TimeProvider.System));

        this.Query("SELECT count(*) FROM sqlite_schema WHERE name = 'next'").ShouldBe(0);
        using var store = this.Open();
        store.Events.Read().Count().ShouldBe(10);
    }

    [Fact]
    public void Open_StoreOfANewerVersion_IsRefusedWithBothVersions()
    {
        IReadOnlyList<Migration> newer = [.. SqliteMigrations.Embedded, Next("CREATE TABLE next (id INTEGER)")];
        SqliteStore.Open(this._folder.Path, newer, TimeProvider.System).Dispose();

        var failure = Should.Throw<StoreException>(this.Open);

        failure.Message.ShouldContain("newer Aisle");
        failure.Message.ShouldContain($"version {newer[^1].Number}");
        failure.Message.ShouldContain($"up to {newer[^1].Number - 1}");
    }

    [Fact]
    public void Open_DatabaseOfAnotherProgram_IsRefusedAndLeftAlone()
    {
        this.Query("CREATE TABLE recipe (name TEXT)");
        var before = System.IO.File.ReadAllBytes(this.File);

        Should.Throw<StoreException>(this.Open).Message.ShouldContain("another program");

        System.IO.File.ReadAllBytes(this.File).AsSpan().SequenceEqual(before).ShouldBeTrue();
    }

    [Fact]
    public void Open_FileThatIsNoDatabase_IsRefused()
    {
        System.IO.File.WriteAllText(this.File, string.Concat(Enumerable.Repeat("These are not the pages of a database. ", 200)));

        Should.Throw<StoreException>(this.Open).Message.ShouldContain("damaged or is not a store");
    }

    [Fact]
    public void Open_PathOfAFile_IsRefused()
    {
        System.IO.File.WriteAllText(this._folder.File("occupied"), "");

        Should.Throw<StoreException>(() => SqliteStore.Open(this._folder.File("occupied"), TimeProvider.System)).Message.ShouldContain("occupied");
    }

    [Fact]
    public async Task Read_FileDamagedInside_SaysSo()
    {
        using (var store = this.Open()) await store.Events.AppendAsync(Views(20_000), CancellationToken.None);
        using (var file = new FileStream(this.File, FileMode.Open))
        {
            file.Position = file.Length / 3;
            file.Write(Encoding.UTF8.GetBytes(new string('x', (int)file.Length / 3)));
        }

        using var damaged = this.Open();

        Should.Throw<StoreException>(() => damaged.Events.Read().Count()).Message.ShouldContain("damaged");
    }

    [Fact]
    public async Task Dispose_ThenUse_IsRefused()
    {
        var store = this.Open();
        store.Dispose();
        store.Dispose();

        Should.Throw<ObjectDisposedException>(() => store.Events.LastSequence());
        await Should.ThrowAsync<ObjectDisposedException>(() => store.Events.AppendAsync(Views(1), CancellationToken.None));
    }

    [Fact]
    public void Writer_Always_WaitsForTheDiskAtEachCommit()
    {
        this.Open().Dispose();

        using var database = new SqliteDatabase(this.File);
        database.SetDurability();

        const long full = 2;
        database.Writer.Scalar("PRAGMA synchronous").ShouldBe(full);
    }

    private static Migration Next(string sql) => new(SqliteMigrations.Embedded[^1].Number + 1, "next", sql);

    private SqliteStore Open() => SqliteStore.Open(this._folder.Path, TimeProvider.System);

    private long Query(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={this.File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(command.ExecuteScalar() ?? 0L);
    }
}
