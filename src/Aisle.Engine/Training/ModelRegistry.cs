using System.Globalization;
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
    private const string PointerName = "serving";

    private readonly string _directory;
    private readonly Catalogue _catalogue;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private volatile ServingModel? _serving;
    private string? _refused;

    public ModelRegistry(string directory, Catalogue catalogue, ILogger<ModelRegistry> log)
    {
        this._directory = directory;
        this._catalogue = catalogue;
        this._log = log;
        Directory.CreateDirectory(directory);
    }

    /// <summary>The model that serves now; null until the first is published.</summary>
    public ServingModel? Serving => this._serving;

    /// <summary>Manifests of the versions on disk, newest first; a damaged file is left out and logged.</summary>
    public IReadOnlyList<ModelManifest> Versions()
    {
        var manifests = new List<ModelManifest>();
        foreach (var version in this.VersionNumbers().OrderDescending())
        {
            try
            {
                using var stream = File.OpenRead(this.PathOf(version));
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
            var pointer = this.ReadPointer();
            if (pointer is not { } version || version == this._serving?.Manifest.Version) return false;
            var key = $"{version}@{File.GetLastWriteTimeUtc(this.PathOf(version)).Ticks}";
            if (key == this._refused) return false;
            try
            {
                this._serving = ServingModel.Load(this.PathOf(version), this._catalogue);
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
            var versions = this.VersionNumbers().Order().ToList();
            if (!versions.Contains(version))
                throw new ArgumentException($"There is no model version {version}. On disk: {(versions.Count == 0 ? "none" : string.Join(", ", versions))}.");
            var model = ServingModel.Load(this.PathOf(version), this._catalogue);
            this.WritePointer(version);
            return this._serving = model;
        }
    }

    /// <summary>Writes a new version, makes it the serving one and removes the oldest beyond <paramref name="keep"/>.</summary>
    internal ServingModel Publish(ModelManifest manifest, IdMap users, IdMap items, IReadOnlyList<(ModelPart Part, IModel Model)> parts, int keep)
    {
        lock (this._lock)
        {
            var version = this.VersionNumbers().DefaultIfEmpty(0).Max() + 1;
            var temporary = Path.Combine(this._directory, $".{version}.writing");
            ModelFile.Write(temporary, manifest with { Version = version }, users, items, [.. parts.Select(part => (part.Part, (Action<Stream>)part.Model.Save))]);
            File.Move(temporary, this.PathOf(version));
            var model = this.Activate(version);
            foreach (var old in this.VersionNumbers().OrderDescending().Skip(keep)) File.Delete(this.PathOf(old));
            return model;
        }
    }

    private IEnumerable<int> VersionNumbers() =>
        Directory.EnumerateFiles(this._directory, "*.model")
            .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Where(version => version > 0);

    private string PathOf(int version) => Path.Combine(this._directory, $"{version:D6}.model");

    private int? ReadPointer()
    {
        var path = Path.Combine(this._directory, PointerName);
        return File.Exists(path) && int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
    }

    private void WritePointer(int version)
    {
        var path = Path.Combine(this._directory, PointerName);
        File.WriteAllText(path + ".writing", version.ToString(CultureInfo.InvariantCulture));
        File.Move(path + ".writing", path, overwrite: true);
    }
}
