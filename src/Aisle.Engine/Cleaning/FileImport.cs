using System.Threading.Channels;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning;

/// <summary>
/// Brings a file into the shop: look through → check → clean and store. Only the last stage writes. It stores batches as they come, in
/// memory that does not grow with the rows; should it be interrupted, importing the file again stores what is missing, because the
/// same row has the same event id each time.
/// </summary>
public sealed class FileImport(IEventStore events, ICatalogStore catalogue, IUserStore users, TimeProvider time)
{
    /// <summary>Events of one transaction. Large ones touch each index page less often; 32,768 hold the writer for some tenths of a second.</summary>
    private const int BatchSize = 1 << 15;
    private const int BatchesAhead = 2;
    private const int UpsertSize = 4096;

    /// <exception cref="ArgumentException">The request names no known format or field; see <see cref="ImportFormats.Check"/>.</exception>
    /// <exception cref="ImportException">The file cannot be imported; nothing was stored.</exception>
    public async Task<ImportReport> RunAsync(ImportRequest request, IProgress<ImportStep>? progress, CancellationToken cancellation)
    {
        if (ImportFormats.Check(request.Format, request.Columns) is { } wrong) throw new ArgumentException(wrong, nameof(request));
        var started = time.GetTimestamp();
        var run = new ImportRun(request, new ShopStores(events, catalogue, users), time.GetUtcNow(), progress, cancellation);
        var format = await Task.Run(() => Check(request, run), cancellation);

        using var rejects = request.RejectsPath is { } path ? RejectsFile.Create(path) : null;
        run.Rejects = rejects;
        run.Begin("storing", 0.2, 1);
        await StoreEventsAsync(format, run);
        await StoreItemsAsync(format, run);
        await StoreUsersAsync(format, run);
        rejects?.Commit();
        run.At(1);
        return run.Tally.Report(request.Format, time.GetElapsedTime(started).TotalSeconds, request.RejectsPath);
    }

    private static IImportFormat Check(ImportRequest request, ImportRun run)
    {
        run.Begin("looking through", 0, 0.05);
        var file = SourceFile.Inspect(MovieLens.MovieLensFiles.Ratings(request), run.At, run.Cancellation);
        var format = ImportFormats.Create(request.Format, file);
        run.Begin("checking", 0.05, 0.2);
        format.Survey(run);
        return format;
    }

    /// <summary>Cleaning and storing run side by side: one core parses while the other writes.</summary>
    private static async Task StoreEventsAsync(IImportFormat format, ImportRun run)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation);
        var channel = Channel.CreateBounded<List<Event>>(BatchesAhead);
        var cleaning = Task.Run(() => CleanAsync(format, run, channel.Writer, failed.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in channel.Reader.ReadAllAsync(run.Cancellation))
            {
                var result = await run.Stores.Events.AppendAsync(batch, run.Cancellation);
                run.Tally.EventsStored += result.Stored.Count;
                run.Tally.KnownEvents += result.Duplicates;
            }
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
        finally
        {
            // Whoever failed first is reported by the loop above; the other only has to have ended.
            await cleaning.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task CleanAsync(IImportFormat format, ImportRun run, ChannelWriter<List<Event>> writer, CancellationToken cancellation)
    {
        try
        {
            var batch = new List<Event>(BatchSize);
            foreach (var each in format.Clean(run))
            {
                batch.Add(each);
                if (batch.Count < BatchSize) continue;
                await writer.WriteAsync(batch, cancellation);
                batch = new List<Event>(BatchSize);
            }

            if (batch.Count > 0) await writer.WriteAsync(batch, cancellation);
            writer.Complete();
        }
#pragma warning disable CA1031 // Whatever went wrong is handed to the storing side, which reports it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            writer.Complete(failure);
        }
    }

    private static async Task StoreItemsAsync(IImportFormat format, ImportRun run)
    {
        foreach (var batch in format.Items(run).Chunk(UpsertSize))
            run.Tally.ItemsChanged += await run.Stores.Catalogue.UpsertAsync(batch, run.Cancellation);
    }

    private static async Task StoreUsersAsync(IImportFormat format, ImportRun run)
    {
        foreach (var batch in format.Users(run).Chunk(UpsertSize)) await run.Stores.Users.UpsertAsync(batch, run.Cancellation);
    }
}
