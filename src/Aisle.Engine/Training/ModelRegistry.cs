using Aisle.Engine.Catalog;
using Aisle.Learning.Models;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Training;

/// <summary>The published models of a store, and the one that serves.</summary>
public sealed class ModelRegistry
{
    private readonly PublishedVersions<ServingModel> _versions;

    public ModelRegistry(string directory, Catalogue catalogue, ILogger<ModelRegistry> log) =>
        this._versions = new PublishedVersions<ServingModel>(directory, "model", "model", (path, _) => ServingModel.Load(path, catalogue), log);

    /// <summary>The model that serves now; null until the first is published.</summary>
    public ServingModel? Serving => this._versions.Serving;

    /// <summary>Manifests of the versions on disk, newest first; a damaged file is left out and logged.</summary>
    public IReadOnlyList<ModelManifest> Versions() => this._versions.ReadAll((path, _) =>
    {
        using var stream = File.OpenRead(path);
        return ModelFile.ReadManifest(stream);
    });

    /// <summary>Loads what the pointer names if it is not in memory yet. On failure the last good model goes on serving.</summary>
    /// <returns>Whether another model serves now.</returns>
    public bool Refresh() => this._versions.Refresh();

    /// <summary>Makes a version on disk the serving one: a rollback, or its undoing.</summary>
    /// <exception cref="ArgumentException">There is no such version; the message lists those there are.</exception>
    /// <exception cref="InvalidDataException">The file is damaged; what served goes on serving.</exception>
    public ServingModel Activate(int version) => this._versions.Activate(version)!;

    /// <summary>Writes a new version, makes it the serving one and removes the oldest beyond <paramref name="keep"/>.</summary>
    internal ServingModel Publish(ModelManifest manifest, IdMap users, IdMap items, IReadOnlyList<(ModelPart Part, IModel Model)> parts, int keep) => this._versions.Publish(
        (path, version) => ModelFile.Write(path, manifest with { Version = version }, users, items, [.. parts.Select(part => (part.Part, (Action<Stream>)part.Model.Save))]), keep);
}
