using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>One connection with the statements prepared on it so far. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    /// <summary>How long a statement waits for another process; an import commits several times a second.</summary>
    public const int BusyTimeoutMilliseconds = 30_000;

    private const string BeginWriting = "BEGIN IMMEDIATE";

    private readonly Dictionary<string, Statement> _statements = [];

    static SqliteSession()
    {
        // A session belongs to one thread at a time, so SQLite need not lock the connection again in each of the dozens of calls a row takes.
        // Refused, and then merely slower, where something in this process has used SQLite before.
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
    }

    private SqliteSession(SqliteConnection connection) => this.Connection = connection;

    public SqliteConnection Connection { get; }

    public static SqliteSession Open(string file, bool readOnly)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            session.Execute($"PRAGMA busy_timeout = {BusyTimeoutMilliseconds}");
            if (readOnly) session.Execute("PRAGMA query_only = 1");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The prepared statement of this text; prepared once for each connection.</summary>
    public Statement Prepare(string sql)
    {
        if (!this._statements.TryGetValue(sql, out var statement)) this._statements[sql] = statement = new Statement(this.Connection.Handle!, sql);
        return statement;
    }

    /// <summary>Runs statements that give no rows, without keeping them prepared.</summary>
    public void Execute(string sql)
    {
        using var command = this.Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The first column of the only row, as a number.</summary>
    public long Scalar(string sql)
    {
        var statement = this.Prepare(sql);
        statement.Step();
        var value = statement.Integer(0);
        statement.Reset();
        return value;
    }

    /// <summary>Runs the work in one transaction; an exception undoes all of it.</summary>
    public T InTransaction<T>(Func<T> work)
    {
        this.Prepare(BeginWriting).Execute();
        return this.Complete(work);
    }

    /// <summary>Begins a transaction, or returns false at once while another process writes.</summary>
    public bool TryBegin()
    {
        var handle = this.Connection.Handle;
        _ = raw.sqlite3_busy_timeout(handle, 0);
        try
        {
            return this.Prepare(BeginWriting).TryExecute();
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(handle, BusyTimeoutMilliseconds);
        }
    }

    /// <summary>Runs the work in the transaction that has begun and commits it; an exception undoes all of it.</summary>
    public T Complete<T>(Func<T> work)
    {
        try
        {
            var result = work();
            this.Prepare("COMMIT").Execute();
            return result;
        }
        catch
        {
            // Some failures (disk full, I/O) end the transaction by themselves.
            if (raw.sqlite3_get_autocommit(this.Connection.Handle) == 0) this.Prepare("ROLLBACK").Execute();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var statement in this._statements.Values) statement.Dispose();
        this.Connection.Dispose();
    }
}
