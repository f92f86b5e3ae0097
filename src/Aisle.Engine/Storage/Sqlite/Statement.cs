using System.Text;
using SQLitePCL;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>
/// A prepared statement on SQLite's own interface, for the paths where a command object and boxed parameters per row are what costs most
/// (append, scan). Parameters count from 1, columns from 0; at most 63 parameters. Used by one thread at a time.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _utf8 = new byte[2048];

    /// <summary>Bit i: parameter i holds a value; all begin as null.</summary>
    private ulong _bound;

    public Statement(sqlite3 database, string sql)
    {
        this._database = database;
        this.Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out this._statement));
    }

    public void Bind(int parameter, long value)
    {
        this._bound |= 1UL << parameter;
        this.Check(raw.sqlite3_bind_int64(this._statement, parameter, value));
    }

    public void Bind(int parameter, double value)
    {
        this._bound |= 1UL << parameter;
        this.Check(raw.sqlite3_bind_double(this._statement, parameter, value));
    }

    public void BindNull(int parameter)
    {
        // A third of an event's columns are null, and stay so from row to row.
        if ((this._bound & (1UL << parameter)) == 0) return;
        this._bound &= ~(1UL << parameter);
        this.Check(raw.sqlite3_bind_null(this._statement, parameter));
    }

    public void BindBlob(int parameter, ReadOnlySpan<byte> value)
    {
        this._bound |= 1UL << parameter;
        this.Check(raw.sqlite3_bind_blob(this._statement, parameter, value));
    }

    public void Bind(int parameter, double? value)
    {
        if (value is { } number) this.Bind(parameter, number);
        else this.BindNull(parameter);
    }

    public void Bind(int parameter, long? value)
    {
        if (value is { } number) this.Bind(parameter, number);
        else this.BindNull(parameter);
    }

    public void Bind(int parameter, string? value)
    {
        if (value is null)
        {
            this.BindNull(parameter);
            return;
        }

        var needed = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (this._utf8.Length < needed) this._utf8 = new byte[needed];
        var length = Encoding.UTF8.GetBytes(value, this._utf8);
        this._bound |= 1UL << parameter;
        this.Check(raw.sqlite3_bind_text(this._statement, parameter, this._utf8.AsSpan(0, length)));
    }

    /// <summary>True when a row is ready; false at the end, where the statement is reset for its next use.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(this._statement);
        if (result == raw.SQLITE_ROW) return true;

        var failure = result == raw.SQLITE_DONE ? null : SqliteErrors.Describe(this._database);
        this.Reset();
        return failure is null ? false : throw failure;
    }

    /// <summary>Runs a statement that gives no rows; returns how many rows it changed.</summary>
    public int Execute()
    {
        this.Step();
        return raw.sqlite3_changes(this._database);
    }

    /// <summary>Runs a statement that gives no rows; false, and nothing done, where another process holds the file.</summary>
    public bool TryExecute()
    {
        var result = raw.sqlite3_step(this._statement);
        var failure = result is raw.SQLITE_DONE or raw.SQLITE_BUSY ? null : SqliteErrors.Describe(this._database);
        this.Reset();
        return failure is null ? result == raw.SQLITE_DONE : throw failure;
    }

    /// <summary>Runs an insertion of one row; returns the key that it got.</summary>
    public long Insert()
    {
        this.Step();
        return raw.sqlite3_last_insert_rowid(this._database);
    }

    /// <summary>Ends a reading before its last row. The outcome was told by <see cref="Step"/> already.</summary>
    public void Reset() => _ = raw.sqlite3_reset(this._statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(this._statement, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(this._statement, column);

    public double Real(int column) => raw.sqlite3_column_double(this._statement, column);

    /// <summary>A blob's bytes, or a text's in UTF-8; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(this._statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(this.Bytes(column));

    public long? IntegerOrNull(int column) => this.IsNull(column) ? null : this.Integer(column);

    public double? RealOrNull(int column) => this.IsNull(column) ? null : this.Real(column);

    public string? TextOrNull(int column) => this.IsNull(column) ? null : this.Text(column);

    public void Dispose() => this._statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) throw SqliteErrors.Describe(this._database);
    }
}
