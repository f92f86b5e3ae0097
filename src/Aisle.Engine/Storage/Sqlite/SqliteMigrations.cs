using System.Globalization;
using System.Reflection;
using Dapper;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed record Migration(int Number, string Name, string Sql);

/// <summary>
/// Brings a store's file to the layout that this program knows: the embedded files Storage/Schema/Sqlite/NNNN-name.sql, each applied once,
/// in order of their numbers, all in one transaction.
/// </summary>
internal static class SqliteMigrations
{
    /// <summary>Marks a file as a store of Aisle ("Aisl" in ASCII), so that another program's database is not taken for one.</summary>
    private const int ApplicationId = 0x4169736C;

    private const string Prefix = "Aisle.Engine.Storage.Schema.Sqlite.";

    public static IReadOnlyList<Migration> Embedded { get; } = ReadEmbedded();

    /// <summary>Looks before anything is written: a database of another program stays as it is.</summary>
    public static void RefuseForeign(SqliteSession session)
    {
        if (!IsEmpty(session) && session.Connection.ExecuteScalar<long>("PRAGMA application_id") != ApplicationId)
            throw new StoreException("The file aisle.db in this folder is a database of another program. Point --store at another folder.");
    }

    public static void Apply(SqliteSession session, IReadOnlyList<Migration> known, TimeProvider time)
    {
        if (Applied(session, known) == known.Count) return;

        session.InTransaction(() =>
        {
            // Asked again under the lock: another process may have migrated in the meantime.
            var applied = Applied(session, known);
            if (applied == 0) Mark(session);
            foreach (var migration in known.Skip(applied)) Apply(session, migration, time);
            return applied;
        });
    }

    private static bool IsEmpty(SqliteSession session) => session.Connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_schema") == 0;

    private static int Applied(SqliteSession session, IReadOnlyList<Migration> known)
    {
        if (IsEmpty(session)) return 0;
        var applied = session.Connection.ExecuteScalar<int>("SELECT max(number) FROM schema_migration");
        if (applied <= known[^1].Number) return applied;
        throw new StoreException(
            $"The store was written by a newer Aisle: its layout is version {applied}, this program knows up to {known[^1].Number}. Start a newer Aisle, or restore a backup made with this one.");
    }

    private static void Mark(SqliteSession session)
    {
        session.Execute($"PRAGMA application_id = {ApplicationId}");
        session.Execute("CREATE TABLE schema_migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
    }

    private static void Apply(SqliteSession session, Migration migration, TimeProvider time)
    {
        session.Execute(migration.Sql);
        session.Connection.Execute(
            "INSERT INTO schema_migration (number, name, applied_at) VALUES (@Number, @Name, @At)",
            new { migration.Number, migration.Name, At = time.GetUtcNow().ToUnixTimeMilliseconds() });
    }

    private static Migration[] ReadEmbedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var migrations = assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => Read(assembly, resource))
            .OrderBy(migration => migration.Number)
            .ToArray();
        for (var i = 0; i < migrations.Length; i++)
        {
            if (migrations[i].Number != i + 1)
                throw new InvalidOperationException($"Schema files must be numbered 0001, 0002, … without gaps; number {i + 1} is missing or stands twice.");
        }

        return migrations;
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        var name = Path.GetFileNameWithoutExtension(resource[Prefix.Length..]);
        return new Migration(int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), name[5..], reader.ReadToEnd());
    }
}
