using System.Threading.Channels;
using Aisle.Learning;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Ranking;

/// <summary>
/// Takes served lists without holding up who serves them: they wait in memory and are written in batches by <see cref="FlushAsync"/>. Where more
/// come than can wait, or the store does not take them, lists are dropped, counted and told of.
/// </summary>
public sealed class ServedLog(IServedStore store, ServedLogOptions options, TimeProvider time, ILogger<ServedLog> log)
{
    /// <summary>Lists that can wait.</summary>
    public const int QueueLength = 4096;

    private const int BatchLength = 500;
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    // Full: TryWrite says so, and nothing that waits is lost for it.
    private readonly Channel<ServedList> _waiting = Channel.CreateBounded<ServedList>(QueueLength);
    private readonly Lock _lock = new();
    private long _second;
    private int _inSecond;
    private long _dropped;
    private long _told;
    private DateTimeOffset? _forgot;

    /// <summary>Lists that were to be logged and were not.</summary>
    public long Dropped => Interlocked.Read(ref this._dropped);

    /// <summary>Whether a list is drawn for the log; asked once for each, before its features are computed for the log alone.</summary>
    public bool Wants(Guid list)
    {
        if (options.Share <= 0 || (options.Share < 1 && UnitHash.Place(UnitHash.Of("served", list.ToString("N"))) >= options.Share)) return false;
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        lock (this._lock)
        {
            if (second != this._second) (this._second, this._inSecond) = (second, 0);
            return ++this._inSecond <= options.MostPerSecond;
        }
    }

    /// <summary>The latest lists that were written, oldest first.</summary>
    public IReadOnlyList<ServedList> Latest(int count) => store.Latest(count);

    public void Add(ServedList list)
    {
        if (!this._waiting.Writer.TryWrite(list)) Interlocked.Increment(ref this._dropped);
    }

    /// <summary>Writes what waits, and now and then removes what is too old.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        var batch = new List<ServedList>();
        while (this._waiting.Reader.TryRead(out var list))
        {
            batch.Add(list);
            if (batch.Count == BatchLength) await this.WriteAsync(batch, cancellation);
        }

        await this.WriteAsync(batch, cancellation);
        if (this.Dropped is var dropped && dropped > this._told)
        {
            log.LogWarning("{Count} served lists were not logged ({Total} since the start); the ranker learns from the others. Lower AISLE_SERVED_SHARE if this goes on", dropped - this._told, dropped);
            this._told = dropped;
        }

        await this.ForgetAsync(cancellation);
    }

    private async Task WriteAsync(List<ServedList> batch, CancellationToken cancellation)
    {
        if (batch.Count == 0) return;
        try
        {
            await store.AppendAsync(batch, cancellation);
        }
        catch
        {
            Interlocked.Add(ref this._dropped, batch.Count);
            throw;
        }

        batch.Clear();
    }

    private async Task ForgetAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (now - this._forgot < ForgetEvery) return;
        this._forgot = now;
        await store.ForgetAsync(now.AddDays(-options.KeepDays), options.KeepLists, cancellation);
    }
}
