using Aisle.Engine.Catalog;

namespace Aisle.Engine.Cleaning.MovieLens;

/// <summary>The films of a MovieLens set: u.item (100k: a flag a genre), movies.dat (1M: genres joined by |) or CSV with a header.</summary>
internal sealed class FilmsFile(SourceFile file)
{
    private const int Id = 0, Title = 1, Genres = 2, Year = 3;
    private const int FlagsStart = 5;

    private static readonly string[] FlaggedGenres =
    [
        "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir",
        "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
    ];

    private static readonly FileField[] WithHeader =
        [new("item", Required: true, "item_id", "movieId", "id"), new("title", Required: true), new("genres", Required: false, "genre"), new("year")];

    private static readonly FileField[] Joined = [new("item"), new("title"), new("genres")];

    private static readonly FileField[] Flagged =
        [new("item"), new("title"), new("release"), new("video"), new("url"), .. FlaggedGenres.Select(genre => new FileField(genre))];

    /// <summary>Films row by row; a row that cannot be read comes with its problem instead.</summary>
    public IEnumerable<(CsvTable Table, Item? Film, RowProblem? Problem)> Read(ImportRun run)
    {
        var shape = MovieLensShape.Of(file, WithHeader) with { TakesMap = false };
        if (!shape.HasHeader) shape = shape with { Fields = shape.Separator == "|" ? Flagged : Joined };
        using var table = new CsvTable(run, file, shape);
        while (table.Read())
        {
            var problem = table.Problem ?? Check(table);
            yield return (table, problem is null ? FilmOf(table, shape) : null, problem);
        }
    }

    private static RowProblem? Check(CsvTable table) =>
        table[Id].IsEmpty ? RowProblem.Missing("item")
        : table[Id].Length > ItemId.MaxLength ? RowProblem.Bad("item", $"at most {ItemId.MaxLength} characters")
        : table[Title].IsEmpty ? RowProblem.Missing("title")
        : table[Title].Length > Item.MaxTitleLength ? RowProblem.Bad("title", $"at most {Item.MaxTitleLength} characters")
        : null;

    private static Item FilmOf(CsvTable table, CsvShape shape)
    {
        var genres = shape.Fields == Flagged ? FlagsOf(table) : Split(table.Text(Genres));
        var year = shape.HasHeader && table.Text(Year) is { Length: 4 } given && given.All(char.IsAsciiDigit) ? given : YearIn(table.Text(Title)!);
        return new Item
        {
            Id = new ItemId(table.Text(Id)!),
            Title = table.Text(Title)!,
            Category = genres.Length > 0 ? [genres[0]] : [],
            Tags = genres,
            Attributes = year is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["year"] = year },
        };
    }

    /// <summary>Genres joined by | (1M and later) or by spaces (100k as CSV).</summary>
    private static string[] Split(string? genres) =>
        genres is null or "(no genres listed)" ? []
        : genres.Split(genres.Contains('|', StringComparison.Ordinal) ? '|' : ' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string[] FlagsOf(CsvTable table) =>
        [.. FlaggedGenres.Where((_, genre) => table[FlagsStart + genre].SequenceEqual("1"u8))];

    private static string? YearIn(string title) =>
        title.Length > 6 && title[^1] == ')' && title[^6] == '(' && title.AsSpan(title.Length - 5, 4).IndexOfAnyExceptInRange('0', '9') < 0
            ? title[^5..^1]
            : null;
}
