using System.IO.Compression;

namespace Aisle.Cli.Commands;

/// <summary>A folder that holds a data set: which of its files are what, told from their names and, where those do not say, from their first lines.</summary>
/// <param name="Name">Name of the folder, which is the data set's.</param>
/// <param name="Protocol">How it is divided, for people.</param>
/// <param name="Arguments">What <c>aisle evaluate</c> is told about the data.</param>
internal sealed record BenchmarkFolder(string Name, string Protocol, IReadOnlyList<string> Arguments)
{
    private const int LinesLookedAt = 1000;

    /// <param name="format">The format to read; null to tell it from the files.</param>
    /// <param name="split">How to divide a file that is not divided; null for the latest part, or a random one where there are no times.</param>
    /// <param name="items">File that tells of the items; null for the folder's own, where it has one.</param>
    /// <param name="users">The same of the users.</param>
    public static BenchmarkFolder Recognise(string folder, string? format, string? split, string? items = null, string? users = null)
    {
        var data = Divided(folder, format, split);
        items ??= Find(folder, "items.csv", "items.csv.gz", "items.json", "item_attributes.json");
        users ??= data.Arguments.Contains("session") ? null : Find(folder, "users.csv", "users.csv.gz", "users.json");
        return data with { Arguments = [.. data.Arguments, .. items is null ? Array.Empty<string>() : ["--items", items], .. users is null ? Array.Empty<string>() : ["--users", users]] };
    }

    private static BenchmarkFolder Divided(string folder, string? format, string? split)
    {
        if (!Directory.Exists(folder)) throw new WrongCallException($"There is no folder '{folder}'.");
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var (train, test) = (Find(folder, "train.txt"), Find(folder, "test.txt"));
        if (format is null or "lightgcn" or "session" && train is not null && test is not null)
        {
            format ??= IsByUser(train) ? "lightgcn" : "session";
            var valid = Find(folder, "valid.txt");
            return new BenchmarkFolder(name, $"the published split ({format})", [.. Files(format, train, test), .. valid is null ? Array.Empty<string>() : ["--valid", valid]]);
        }

        if (format is null or "sequence" && Find(folder, "sequences.txt") is { } sequences)
            return new BenchmarkFolder(name, "the last item of each user, the model fitted on the items before it (sequence)", ["--train", sequences, "--format", "sequence", "--refit"]);
        if (format is null or "ratings" && Find(folder, "ratings.csv", "ratings.csv.gz", "ratings.tsv", "ratings.tsv.gz") is { } ratings)
        {
            split ??= HasTimes(ratings) ? "time" : "ratio";
            return new BenchmarkFolder(name, $"ratings divided by {split}", ["--train", ratings, "--format", "ratings", "--split", split]);
        }

        if (format is null or "ncf" && FindEnding(folder, "train.rating") is { } rated && FindEnding(folder, "test.rating") is { } testRated)
        {
            var negatives = FindEnding(folder, "test.negative");
            return new BenchmarkFolder(name, "leave-one-out (ncf)", [.. Files("ncf", rated, testRated), .. negatives is null ? Array.Empty<string>() : ["--negatives", negatives]]);
        }

        throw new WrongCallException($"'{folder}' holds no data set{(format is null ? "" : $" of the {format} format")}. Known are train.txt with test.txt, sequences.txt, ratings.csv[.gz], and *train.rating with *test.rating.");
    }

    private static string[] Files(string format, string train, string test) => ["--train", train, "--test", test, "--format", format];

    private static string? Find(string folder, params string[] names) => names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static string? FindEnding(string folder, string end) => Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).FirstOrDefault(file => file.EndsWith(end, StringComparison.Ordinal));

    /// <summary>A line per user begins with the user's number, which ascends; a line per session begins with any item.</summary>
    private static bool IsByUser(string train)
    {
        var before = -1L;
        foreach (var line in File.ReadLines(train).Take(LinesLookedAt))
        {
            if (!long.TryParse(line.Split((char[])[' ', '\t'], 2)[0], out var first)) continue;
            if (first <= before) return false;
            before = first;
        }

        return true;
    }

    private static bool HasTimes(string ratings)
    {
        using var file = File.OpenRead(ratings);
        using var reader = new StreamReader(ratings.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        var header = reader.ReadLine() ?? "";
        return header.Contains("time", StringComparison.OrdinalIgnoreCase) || header.Contains("date", StringComparison.OrdinalIgnoreCase);
    }
}
