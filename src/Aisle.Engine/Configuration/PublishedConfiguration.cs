using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Configuration;

/// <summary>What the published version of a kind of document says, ready for use. Reading takes no lock; a new version is swapped in whole.</summary>
/// <param name="kind">The kind's word in the store.</param>
/// <param name="parse">Reads a document, null for none; throws <see cref="ConfigurationException"/> where it cannot be taken.</param>
public sealed partial class PublishedConfiguration<T>(string kind, IConfigurationStore store, Func<string?, T> parse, TimeProvider time, ILogger logger)
    where T : class
{
    private volatile State _state = new(null, parse(null));

    /// <summary>What serves now.</summary>
    public T Current => this._state.Value;

    /// <summary>The version that serves; null where nothing was published.</summary>
    public ConfigurationVersion? Version => this._state.Version;

    /// <summary>Takes in what other processes published. A version that this program cannot read is told of in the log; what served before goes on.</summary>
    public void Refresh()
    {
        if (store.Latest(kind) is not { } latest || latest.Version == this._state.Version?.Version) return;
        try
        {
            this._state = new State(latest, parse(latest.Document));
        }
        catch (ConfigurationException wrong)
        {
            LogUnreadable(logger, kind, latest.Version, wrong.Message);
        }
    }

    /// <summary>What a document says, without publishing it: for checks and previews.</summary>
    /// <exception cref="ConfigurationException">The document cannot be taken.</exception>
    public T Read(string document) => parse(document);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ConfigurationVersion> History(int count) => store.History(kind, count);

    /// <summary>Publishes a document as the next version; it serves at once.</summary>
    /// <param name="after">The version that the author saw, 0 for none.</param>
    /// <returns>The version; null where another was published since the author looked.</returns>
    /// <exception cref="ConfigurationException">The document cannot be taken; nothing was published.</exception>
    public async Task<ConfigurationVersion?> PublishAsync(string document, string? note, int after, CancellationToken cancellation)
    {
        parse(document);
        var version = await store.PublishAsync(kind, document, note, after, time.GetUtcNow(), cancellation);
        this.Refresh();
        return version;
    }

    /// <summary>Publishes the document of an earlier version again: undo, and undo of undo.</summary>
    /// <returns>The new version; null where there is no such version, or another was published meanwhile.</returns>
    /// <exception cref="ConfigurationException">This program cannot read that version any more.</exception>
    public async Task<ConfigurationVersion?> RestoreAsync(int version, CancellationToken cancellation) =>
        store.Find(kind, version) is { } earlier && store.Latest(kind) is { } latest
            ? await this.PublishAsync(earlier.Document, $"Version {version} again", latest.Version, cancellation)
            : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "Version {Version} of the {Kind} cannot be used; what served before goes on serving. {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string kind, int version, string problem);

    private sealed record State(ConfigurationVersion? Version, T Value);
}
