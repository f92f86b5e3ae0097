using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine;

/// <summary>
/// What is published in one folder: a file a version, and a pointer to the one that serves. That one is kept in memory and swapped whole, so that a request
/// sees one version from beginning to end. A file that cannot be read is refused, and what served goes on serving.
/// </summary>
/// <typeparam name="T">A version in memory.</typeparam>
internal sealed class PublishedVersions<T>
    where T : class
{
    /// <summary>In the place of a version: nothing serves.</summary>
    public const int None = 0;

    private readonly string _directory;
    private readonly string _extension;
    private readonly string _kind;
    private readonly Func<string, int, T> _load;
    private readonly ILogger _log;
    private readonly string? _none;
    private readonly Lock _lock = new();
    private volatile Loaded? _serving;
    private string? _refused;

    /// <param name="extension">Of the files, without the dot; others in the folder are left alone.</param>
    /// <param name="kind">What a version is, for messages.</param>
    /// <param name="load">From the file of a version; throws <see cref="InvalidDataException"/> with the reason.</param>
    /// <param name="none">What serves while <see cref="None"/> is chosen; null where one of the versions must.</param>
    public PublishedVersions(string directory, string extension, string kind, Func<string, int, T> load, ILogger log, string? none = null)
    {
        this._directory = directory;
        this._extension = extension;
        this._kind = kind;
        this._load = load;
        this._log = log;
        this._none = none;
        Directory.CreateDirectory(directory);
    }

    /// <summary>Null until the first is published, and while none was chosen.</summary>
    public T? Serving => this._serving?.Value;

    /// <summary>Something of each version on disk, newest first; a damaged file is left out and logged.</summary>
    public List<TRead> ReadAll<TRead>(Func<string, int, TRead> read)
    {
        var all = new List<TRead>();
        foreach (var version in this.Versions().Reverse())
        {
            try
            {
                all.Add(read(this.PathOf(version), version));
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                this._log.LogWarning("The {Kind} {Version} cannot be read: {Reason}", this._kind, version, failure.Message);
            }
        }

        return all;
    }

    /// <summary>Loads what the pointer names if it is not in memory yet.</summary>
    /// <returns>Whether another version serves now.</returns>
    public bool Refresh()
    {
        lock (this._lock)
        {
            if (this.Pointer() is not { } version || version == (this._serving?.Version ?? None)) return false;
            var key = $"{version}@{File.GetLastWriteTimeUtc(this.PathOf(version)).Ticks}";
            if (key == this._refused) return false;
            try
            {
                this._serving = this.Load(version);
                this._refused = null;
                this._log.LogInformation("The {Kind} {Version} serves", this._kind, version);
                return true;
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                this._refused = key;
                this._log.LogError("The {Kind} {Version} is refused, {Current} goes on serving: {Reason}", this._kind, version, this._serving?.Version.ToString(CultureInfo.InvariantCulture) ?? this._none ?? "nothing", failure.Message);
                return false;
            }
        }
    }

    /// <summary>Makes a version on disk the serving one, or where that is allowed <see cref="None"/>: a rollback, or its undoing.</summary>
    /// <exception cref="ArgumentException">There is no such version; the message lists those there are.</exception>
    /// <exception cref="InvalidDataException">The file cannot be taken; what served goes on serving.</exception>
    public T? Activate(int version)
    {
        lock (this._lock)
        {
            var versions = this.Versions();
            if (!versions.Contains(version) && (version != None || this._none is null))
                throw new ArgumentException($"There is no {this._kind} version {version}. On disk: {(versions.Count == 0 ? "none" : string.Join(", ", versions))}{(this._none is null ? "" : $"; {None} is {this._none}")}.");
            var loaded = this.Load(version);
            this.Point(version);
            this._serving = loaded;
            return loaded?.Value;
        }
    }

    /// <summary>Writes a new version, makes it the serving one and removes the oldest beyond <paramref name="keep"/>.</summary>
    /// <param name="write">Writes the file of a version to a path.</param>
    public T Publish(Action<string, int> write, int keep)
    {
        lock (this._lock)
        {
            var version = this.Versions() is [.., var last] ? last + 1 : 1;
            var temporary = Path.Combine(this._directory, $".{version}.writing");
            write(temporary, version);
            File.Move(temporary, this.PathOf(version));
            var published = this.Activate(version)!;
            foreach (var old in this.Versions().SkipLast(keep)) File.Delete(this.PathOf(old));
            return published;
        }
    }

    private Loaded? Load(int version) => version == None ? null : new Loaded(version, this._load(this.PathOf(version), version));

    /// <summary>Oldest first.</summary>
    private IReadOnlyList<int> Versions() =>
    [
        .. Directory.EnumerateFiles(this._directory, $"*.{this._extension}")
            .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Where(version => version > 0)
            .Order(),
    ];

    private string PathOf(int version) => Path.Combine(this._directory, $"{version:D6}.{this._extension}");

    private int? Pointer()
    {
        var path = Path.Combine(this._directory, "serving");
        return File.Exists(path) && int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
    }

    private void Point(int version)
    {
        var path = Path.Combine(this._directory, "serving");
        File.WriteAllText(path + ".writing", version.ToString(CultureInfo.InvariantCulture));
        File.Move(path + ".writing", path, overwrite: true);
    }

    private sealed record Loaded(int Version, T Value);
}
