using Aisle.Engine.Catalog;
using Aisle.Learning.Models;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Training;

/// <summary>
/// The published models of a store: a file a version, and a pointer to the one that serves. The serving model is kept in memory and
/// swapped whole, so that a request sees one version from beginning to end.
/// </summary>
public sealed class ModelRegistry
{
    private readonly VersionFolder _files;
    private readonly Catalogue _catalogue;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private volatile ServingModel? _serving;
    private string? _refused;

    public ModelRegistry(string directory, Catalogue catalogue, ILogger<ModelRegistry> log)
    {
        this._files = new VersionFolder(directory, "model");
        this._catalogue = catalogue;
        this._log = log;
    }

    /// <summary>The model that serves now; null until the first is published.</summary>
    public ServingModel? Serving => this._serving;

    /// <summary>Manifests of the versions on disk, newest first; a damaged file is left out and logged.</summary>
    public IReadOnlyList<ModelManifest> Versions()
    {
        var manifests = new List<ModelManifest>();
        foreach (var version in this._files.Versions().Reverse())
        {
            try
            {
                using var stream = File.OpenRead(this._files.PathOf(version));
                manifests.Add(ModelFile.ReadManifest(stream));
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                this._log.LogWarning("Model {Version} cannot be read: {Reason}", version, failure.Message);
            }
        }

        return manifests;
    }

    /// <summary>Loads what the pointer names if it is not in memory yet. On failure the last good model goes on serving.</summary>
    /// <returns>Whether another model serves now.</returns>
    public bool Refresh()
    {
        lock (this._lock)
        {
            var pointer = this._files.Serving();
            if (pointer is not { } version || version == this._serving?.Manifest.Version) return false;
            var key = $"{version}@{File.GetLastWriteTimeUtc(this._files.PathOf(version)).Ticks}";
            if (key == this._refused) return false;
            try
            {
                this._serving = ServingModel.Load(this._files.PathOf(version), this._catalogue);
                this._refused = null;
                this._log.LogInformation("Model {Version} serves", version);
                return true;
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                this._refused = key;
                this._log.LogError("Model {Version} is refused, {Current} goes on serving: {Reason}", version, this._serving?.Manifest.Version, failure.Message);
                return false;
            }
        }
    }

    /// <summary>Makes a version on disk the serving one: a rollback, or its undoing.</summary>
    /// <exception cref="ArgumentException">There is no such version; the message lists those there are.</exception>
    /// <exception cref="InvalidDataException">The file is damaged; what served goes on serving.</exception>
    public ServingModel Activate(int version)
    {
        lock (this._lock)
        {
            var versions = this._files.Versions();
            if (!versions.Contains(version))
                throw new ArgumentException($"There is no model version {version}. On disk: {(versions.Count == 0 ? "none" : string.Join(", ", versions))}.");
            var model = ServingModel.Load(this._files.PathOf(version), this._catalogue);
            this._files.Serve(version);
            return this._serving = model;
        }
    }

    /// <summary>Writes a new version, makes it the serving one and removes the oldest beyond <paramref name="keep"/>.</summary>
    internal ServingModel Publish(ModelManifest manifest, IdMap users, IdMap items, IReadOnlyList<(ModelPart Part, IModel Model)> parts, int keep)
    {
        lock (this._lock)
        {
            var version = this._files.Next();
            this._files.Write(
                version, path => ModelFile.Write(path, manifest with { Version = version }, users, items, [.. parts.Select(part => (part.Part, (Action<Stream>)part.Model.Save))]));
            var model = this.Activate(version);
            this._files.Keep(keep);
            return model;
        }
    }
}
