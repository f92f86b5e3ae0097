using Aisle.Engine;
using Aisle.Engine.Access;

namespace Aisle.Server;

/// <summary>The first key of a store: made once, and written to a file that only its owner may read, never to a log.</summary>
internal static class AdminKey
{
    public const string FileName = "admin-key.txt";

    /// <returns>The file, if the key was made now.</returns>
    public static async Task<string?> EnsureAsync(EngineServices engine, CancellationToken cancellation)
    {
        if (engine.Keys.List().Any(key => key.Role == ApiRole.Admin)) return null;
        var path = Path.Combine(engine.Directory, FileName);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new StreamWriter(path, options);
        var (_, text) = await engine.Keys.IssueAsync("first admin key", ApiRole.Admin, cancellation);
        await file.WriteLineAsync(text);
        return path;
    }
}
