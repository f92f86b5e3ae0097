namespace Aisle.Engine.Tests;

/// <summary>Published data sets that may lie in a folder <c>shared/data</c> beside the repository; never part of it.</summary>
internal static class SharedData
{
    /// <summary>Full path of a file or folder, or null where this machine lacks it.</summary>
    public static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", name);
            if (Path.Exists(path)) return path;
        }

        return null;
    }
}
