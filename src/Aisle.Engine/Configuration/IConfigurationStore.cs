namespace Aisle.Engine.Configuration;

/// <summary>Documents of settings, each version kept: what is published is the latest of its kind.</summary>
public interface IConfigurationStore
{
    /// <summary>The published version; null where none was.</summary>
    ConfigurationVersion? Latest(string kind);

    ConfigurationVersion? Find(string kind, int version);

    /// <summary>Newest first.</summary>
    IReadOnlyList<ConfigurationVersion> History(string kind, int count);

    /// <summary>Keeps a document durably as the next version.</summary>
    /// <param name="after">The version that the author saw, 0 for none: if another was published since, nothing is kept and the answer is null.</param>
    Task<ConfigurationVersion?> PublishAsync(string kind, string document, string? note, int after, DateTimeOffset at, CancellationToken cancellation);
}

/// <param name="Version">From 1, without gaps within a kind.</param>
/// <param name="Note">What the author says of it.</param>
public sealed record ConfigurationVersion(string Kind, int Version, string Document, string? Note, DateTimeOffset PublishedAt);
