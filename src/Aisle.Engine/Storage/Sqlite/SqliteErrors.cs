using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>Turns SQLite's result codes into sentences that say what to do.</summary>
internal static class SqliteErrors
{
    public static StoreException Describe(sqlite3 database) =>
        Describe(raw.sqlite3_errcode(database), raw.sqlite3_errmsg(database).utf8_to_string(), null);

    public static StoreException Describe(SqliteException failure) => Describe(failure.SqliteErrorCode, failure.Message, failure);

    public static StoreException Busy() => Describe(raw.SQLITE_BUSY, "database is locked", null);

    private static StoreException Describe(int code, string detail, Exception? cause)
    {
        var sentence = (code & 0xFF) switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                "The store is busy: another process held it for longer than the waiting time. Try again when that process (an import, a backup) has ended.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                "The store's file is damaged or is not a store of Aisle. Restore it from a backup, or point --store at another folder.",
            raw.SQLITE_FULL => "The disk of the store is full: nothing more can be accepted until there is room.",
            raw.SQLITE_READONLY or raw.SQLITE_PERM => "The store's folder cannot be written. Give the user that runs Aisle write access to it.",
            raw.SQLITE_CANTOPEN => "The store's file cannot be opened. Check that its folder exists and that the user that runs Aisle may read and write it.",
            raw.SQLITE_IOERR => "Reading or writing the store's file failed. Check the disk.",
            raw.SQLITE_CONSTRAINT => "The store refused a row that breaks its rules.",
            _ => "The store could not carry out a statement.",
        };
        return new StoreException($"{sentence} (SQLite {code}: {detail})", cause);
    }
}
