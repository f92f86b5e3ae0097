using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>
/// The file's connections: one that writes, in one transaction at a time, and as many that read as there are readers at once.
/// Write-ahead logging lets the readers go on while a transaction is written.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    /// <summary>
    /// SQLite hands the right to write to whoever asks at the right moment. A process that writes without end (an import) therefore pauses
    /// when it has held the right for so long, and for longer than others wait between two tries.
    /// </summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    private readonly string _file;
    private readonly SqliteSession _writer;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentBag<SqliteSession> _idleReaders = [];
    private volatile bool _disposed;
    private TimeSpan _turn;

    public SqliteDatabase(string file)
    {
        this._file = file;
        this._writer = SqliteSession.Open(file, readOnly: false);
    }

    /// <summary>The writing connection before anyone shares it, for settings and migrations.</summary>
    public SqliteSession Writer => this._writer;

    /// <summary>Makes every commit durable before it returns, and lets readers go on beside it.</summary>
    public void SetDurability()
    {
        this._writer.Execute("PRAGMA journal_mode = WAL");
        // FULL: each commit is on the disk before it is acknowledged, so that it survives a power cut; NORMAL would survive only the end of the process.
        this._writer.Execute("PRAGMA synchronous = FULL");
        // The log is copied into the file every 32 MB: more often would cost two more waits for the disk each time, and copy the same busy
        // pages again and again. Grown beyond by one large transaction, it gives back what is over 64 MB.
        this._writer.Execute("PRAGMA wal_autocheckpoint = 8000");
        this._writer.Execute("PRAGMA journal_size_limit = 67108864");
        this._writer.Execute("PRAGMA cache_size = -32768");
    }

    /// <summary>
    /// Runs the work in one transaction that is durable when the task completes; an exception in the work undoes all of it.
    /// The token counts until the transaction begins.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellation) =>
        this.WriteAsync(work, static () => { }, static () => { }, cancellation);

    /// <summary>As above; tells the outcome while no other writing can begin, for what the writer remembers between transactions.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, Action committed, Action rolledBack, CancellationToken cancellation)
    {
        await this._writing.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(this._disposed, typeof(SqliteStore));
            return await Task.Run(() => this.TakeTurnAndWriteAsync(work, committed, rolledBack), CancellationToken.None);
        }
        finally
        {
            this._writing.Release();
        }
    }

    public T Read<T>(Func<SqliteSession, T> work)
    {
        ObjectDisposedException.ThrowIf(this._disposed, typeof(SqliteStore));
        try
        {
            if (!this._idleReaders.TryTake(out var session)) session = SqliteSession.Open(this._file, readOnly: true);
            var returned = false;
            try
            {
                var result = work(session);
                this._idleReaders.Add(session);
                returned = true;
                return result;
            }
            finally
            {
                // A session whose work failed may still stand inside a reading, so only sound ones are used again.
                if (!returned) session.Dispose();
                // Closed while this reader was reading: nobody else would close its session.
                if (this._disposed) this.CloseIdleReaders();
            }
        }
        catch (SqliteException failure)
        {
            throw SqliteErrors.Describe(failure);
        }
    }

    public void Dispose()
    {
        this._writing.Wait();
        try
        {
            if (this._disposed) return;
            this._disposed = true;
            this._writer.Dispose();
            this.CloseIdleReaders();
        }
        finally
        {
            this._writing.Release();
        }
    }

    private void CloseIdleReaders()
    {
        while (this._idleReaders.TryTake(out var session)) session.Dispose();
    }

    private async Task<T> TakeTurnAndWriteAsync<T>(Func<SqliteSession, T> work, Action committed, Action rolledBack)
    {
        if (this._turn > LongestTurn)
        {
            this._turn = TimeSpan.Zero;
            await Task.Delay(Pause);
        }

        for (var waited = TimeSpan.Zero; !this._writer.TryBegin(); waited += Poll)
        {
            if (waited.TotalMilliseconds > SqliteSession.BusyTimeoutMilliseconds) throw SqliteErrors.Busy();
            await Task.Delay(Poll);
        }

        return this.Write(work, committed, rolledBack);
    }

    private T Write<T>(Func<SqliteSession, T> work, Action committed, Action rolledBack)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            var result = this._writer.Complete(() => work(this._writer));
            committed();
            return result;
        }
        catch (Exception failure)
        {
            rolledBack();
            if (failure is SqliteException sqlite) throw SqliteErrors.Describe(sqlite);
            throw;
        }
        finally
        {
            this._turn += Stopwatch.GetElapsedTime(begun);
        }
    }
}
