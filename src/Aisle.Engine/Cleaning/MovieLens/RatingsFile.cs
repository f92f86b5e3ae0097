namespace Aisle.Engine.Cleaning.MovieLens;

/// <summary>The layouts of MovieLens' ratings, told apart by the first line: 100k has tabs, 1M and 10M have ::, later sets are CSV with a header.</summary>
internal static class RatingsFile
{
    public const int User = 0, Item = 1, Rating = 2, Time = 3;

    public static IReadOnlyList<FileField> Fields { get; } =
    [
        new("user", Required: true, "user_id", "userId"),
        new("item", Required: true, "item_id", "movieId", "movie"),
        new("rating", Required: true),
        new("timestamp", Required: true, "time"),
    ];

    public static CsvShape ShapeOf(SourceFile file) => MovieLensShape.Of(file, Fields);
}

/// <summary>What the first line of a MovieLens file tells of its layout.</summary>
internal static class MovieLensShape
{
    public static CsvShape Of(SourceFile file, IReadOnlyList<FileField> fields)
    {
        var separator = file.FirstLine.Contains("::", StringComparison.Ordinal) ? "::"
            : file.FirstLine.Contains('\t', StringComparison.Ordinal) ? "\t"
            : file.FirstLine.Count(letter => letter == '|') >= 5 ? "|"
            : ",";
        var hasHeader = file.FirstLine.Length > 0 && !char.IsAsciiDigit(file.FirstLine[0]);
        return new CsvShape(fields) { Separator = separator, HasHeader = hasHeader, Quoted = separator == "," };
    }
}
