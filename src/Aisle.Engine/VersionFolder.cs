using System.Globalization;

namespace Aisle.Engine;

/// <summary>Published files of one kind: a file a version, and a pointer to the one that serves.</summary>
internal sealed class VersionFolder
{
    private readonly string _directory;
    private readonly string _extension;

    /// <param name="extension">Of the files, without the dot; others in the folder are left alone.</param>
    public VersionFolder(string directory, string extension)
    {
        this._directory = directory;
        this._extension = extension;
        Directory.CreateDirectory(directory);
    }

    /// <summary>The versions on disk, oldest first.</summary>
    public IReadOnlyList<int> Versions() =>
    [
        .. Directory.EnumerateFiles(this._directory, $"*.{this._extension}")
            .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Where(version => version > 0)
            .Order(),
    ];

    /// <summary>The number of the next version.</summary>
    public int Next() => this.Versions() is [.., var last] ? last + 1 : 1;

    public string PathOf(int version) => Path.Combine(this._directory, $"{version:D6}.{this._extension}");

    /// <summary>What the pointer names; null where there is none.</summary>
    public int? Serving()
    {
        var path = Path.Combine(this._directory, "serving");
        return File.Exists(path) && int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
    }

    public void Serve(int version)
    {
        var path = Path.Combine(this._directory, "serving");
        File.WriteAllText(path + ".writing", version.ToString(CultureInfo.InvariantCulture));
        File.Move(path + ".writing", path, overwrite: true);
    }

    /// <summary>Writes the file of a version whole, or not at all.</summary>
    public void Write(int version, Action<string> write)
    {
        var temporary = Path.Combine(this._directory, $".{version}.writing");
        write(temporary);
        File.Move(temporary, this.PathOf(version));
    }

    /// <summary>Removes the oldest versions beyond so many.</summary>
    public void Keep(int count)
    {
        foreach (var old in this.Versions().SkipLast(count)) File.Delete(this.PathOf(old));
    }
}
