using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning.MovieLens;

/// <summary>
/// Ratings of a MovieLens set as rating events; the films that lie beside them as the catalogue. Given the films' file alone, only the catalogue.
/// </summary>
internal sealed class MovieLensFormat(SourceFile file) : IImportFormat
{
    private const int RowsBetweenReports = 8192;

    /// <summary>"mlrt": the kind of content that the ids are made of.</summary>
    private const ulong HashKind = 0x6D6C7274;

    private readonly bool _filmsOnly = MovieLensFiles.AreItems(file.Path);
    private readonly HashSet<string> _items = [];
    private readonly HashSet<string> _users = [];
    private SourceFile? _films;

    public void Survey(ImportRun run)
    {
        this._films = this._filmsOnly ? file
            : MovieLensFiles.ItemsBeside(file.Path) is { } path ? SourceFile.Inspect(path, _ => { }, run.Cancellation)
            : null;
        if (this._films is not null) SurveyFilms(run, this._films);
        if (this._filmsOnly) return;

        var audit = new RowAudit(file.Name);
        var reader = new RatingRow(run.Now);
        foreach (var table in this.Ratings(run)) audit.Add(table.Line, reader.Read(table, out _));
        audit.Finish(file);
    }

    public IEnumerable<Event> Clean(ImportRun run)
    {
        if (this._filmsOnly) yield break;
        var reader = new RatingRow(run.Now);
        foreach (var table in this.Ratings(run))
        {
            run.Tally.RowsRead++;
            if (reader.Read(table, out var rating) is { } problem)
            {
                run.Reject(table.Line, problem, table.Raw);
                continue;
            }

            this._users.Add(rating!.User!.Value.Value);
            this._items.Add(rating.Item!.Value.Value);
            yield return rating;
        }

        run.Tally.Users = this._users.Count;
        run.Tally.Items = this._items.Count;
    }

    public IEnumerable<Item> Items(ImportRun run)
    {
        if (this._films is null) yield break;
        foreach (var (table, film, problem) in new FilmsFile(this._films).Read(run))
        {
            if (this._filmsOnly) run.Tally.RowsRead++;
            else run.Tally.Found("film_rows");
            if (film is not null)
            {
                this._items.Add(film.Id.Value);
                yield return film;
            }
            else if (this._filmsOnly)
            {
                run.Reject(table.Line, problem!, table.Raw);
            }
            else
            {
                run.Tally.Found($"film_rows_rejected_{problem!.Reason}");
            }
        }

        run.Tally.Items = this._items.Count;
    }

    public IEnumerable<User> Users(ImportRun run) => [];

    private static void SurveyFilms(ImportRun run, SourceFile films)
    {
        var audit = new RowAudit(films.Name);
        foreach (var (table, _, problem) in new FilmsFile(films).Read(run)) audit.Add(table.Line, problem);
        audit.Finish(films);
    }

    private IEnumerable<CsvTable> Ratings(ImportRun run)
    {
        using var table = new CsvTable(run, file, MovieLensShape.Of(file, RatingsFile.Fields));
        for (var rows = 0; table.Read(); rows++)
        {
            if (rows % RowsBetweenReports == 0) run.At(table.Fraction);
            yield return table;
        }
    }

    private sealed class RatingRow(DateTimeOffset now)
    {
        private readonly Utf8Pool _users = new(int.MaxValue);
        private readonly Utf8Pool _items = new(int.MaxValue);

        public RowProblem? Read(CsvTable table, out Event? rating)
        {
            rating = null;
            if (table.Problem is { } malformed) return malformed;
            if (table[RatingsFile.User].IsEmpty) return RowProblem.Missing("user");
            if (table[RatingsFile.Item].IsEmpty) return RowProblem.Missing("item");
            if (table[RatingsFile.User].Length > UserId.MaxLength) return RowProblem.Bad("user", $"at most {UserId.MaxLength} characters");
            if (table[RatingsFile.Item].Length > ItemId.MaxLength) return RowProblem.Bad("item", $"at most {ItemId.MaxLength} characters");
            if (!FieldValues.TryNumber(table[RatingsFile.Rating], out var stars)) return RowProblem.Bad("rating", "a number");
            if (!FieldValues.TryTime(table[RatingsFile.Time], out var time)) return RowProblem.Bad("timestamp", "Unix time in seconds");

            var hash = new ContentHash(HashKind);
            hash.Add(table[RatingsFile.User]);
            hash.Add(table[RatingsFile.Item]);
            hash.Add(stars);
            rating = new Event
            {
                Id = EventId.FromContent(time, hash.ToUInt128()),
                Type = EventType.Rating,
                User = new UserId(this._users.Get(table[RatingsFile.User])),
                Item = new ItemId(this._items.Get(table[RatingsFile.Item])),
                Time = time,
                Value = stars,
            };
            return EventRules.Check(rating, now) is { } broken ? new RowProblem($"bad-{broken.Field}", broken.Field, broken.Message) : null;
        }
    }
}
