namespace Aisle.Engine.Cleaning.MovieLens;

/// <summary>Finds the files of a MovieLens set, in any of its editions, packed or not.</summary>
internal static class MovieLensFiles
{
    private static readonly string[] RatingNames = ["u.data", "ratings.dat", "ratings.csv"];
    private static readonly string[] ItemNames = ["u.item", "movies.dat", "movies.csv", "items.csv"];

    /// <summary>The file to read: the one named, or the ratings in the folder named (for the format that may name a folder).</summary>
    /// <exception cref="ImportException">The folder holds no ratings.</exception>
    public static string Ratings(ImportRequest request)
    {
        if (request.Format != "movielens" || !Directory.Exists(request.Path)) return request.Path;
        return Find(request.Path, RatingNames)
            ?? throw new ImportException($"The folder {request.Path} holds no ratings. Expected is one of {string.Join(", ", RatingNames)}, gzipped or not.");
    }

    /// <summary>The films beside a ratings file; null where there are none.</summary>
    public static string? ItemsBeside(string ratings) => Find(Path.GetDirectoryName(Path.GetFullPath(ratings))!, ItemNames);

    public static bool AreItems(string path) => ItemNames.Contains(Unpacked(Path.GetFileName(path)), StringComparer.OrdinalIgnoreCase);

    private static string Unpacked(string name) => name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;

    private static string? Find(string folder, string[] names) =>
        names.SelectMany(name => (string[])[name, $"{name}.gz"]).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
