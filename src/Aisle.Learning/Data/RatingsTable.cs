using System.Globalization;

namespace Aisle.Learning.Data;

/// <summary>
/// Reads the lines of a table of ratings. The header's first separator (tab, semicolon or comma) divides; quotes hold separators inside
/// an id. Columns are found by name (user, item, rating, time and their usual forms), or stand in that order. Times are Unix seconds,
/// milliseconds (from 10¹¹ on) or ISO 8601.
/// </summary>
internal sealed class RatingsTable
{
    private const string Layout = "user,item,rating[,time]";
    private const double FirstMilliseconds = 1e11;
    private const float LargestRating = 1e6f;

    private static readonly string[] UserNames = ["user", "userid", "uid", "customer", "customerid", "reviewerid", "shopper", "shopperid"];
    private static readonly string[] ItemNames = ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "asin", "sku"];
    private static readonly string[] RatingNames = ["rating", "ratings", "score", "stars", "overall", "value", "weight"];
    private static readonly string[] TimeNames = ["time", "timestamp", "date", "datetime", "unixtime", "unixreviewtime"];

    private readonly NamedText _text;
    private readonly char _separator;
    private readonly List<string> _fields = [];
    private readonly int _columns;
    private readonly int _user;
    private readonly int _item;
    private readonly int _rating;
    private readonly int _time;
    private int _number = 1;

    public RatingsTable(NamedText text)
    {
        this._text = text;
        var header = text.Reader.ReadLine() ?? throw new FormatException($"{text.Name} is empty; the ratings format begins with a header such as {Layout}.");
        header = header.TrimStart('\uFEFF');
        this._separator = header.Contains('\t', StringComparison.Ordinal) ? '\t' : header.Contains(';', StringComparison.Ordinal) ? ';' : ',';
        this.Split(header);
        var names = this._fields.ConvertAll(Name);
        this._columns = names.Count;
        if (names.Count < 2) throw new FormatException($"{text.Name}, line 1: '{Shown(header)}' is not a header with at least two columns, such as {Layout}.");
        if (names.Skip(2).Any(IsNumber)) throw new FormatException($"{text.Name}, line 1: '{Shown(header)}' holds values; the ratings format begins with a header such as {Layout}.");
        (this._user, this._item) = (names.FindIndex(UserNames.Contains), names.FindIndex(ItemNames.Contains));
        this._rating = names.FindIndex(RatingNames.Contains);
        this._time = names.FindIndex(TimeNames.Contains);
        if (this._user >= 0 && this._item >= 0) return;
        (this._user, this._item, this._rating, this._time) = (0, 1, names.Count > 2 ? 2 : -1, names.Count > 3 ? 3 : -1);
    }

    public bool HasRatings => this._rating >= 0;

    public bool HasTimes => this._time >= 0;

    public string User => this._fields[this._user];

    public string Item => this._fields[this._item];

    /// <summary>1 where there is no column of ratings.</summary>
    public float Rating { get; private set; } = 1;

    public long Time { get; private set; }

    /// <summary>Reads the next line; false at the end.</summary>
    /// <exception cref="FormatException">A line does not have the layout; the message names it.</exception>
    public bool Next()
    {
        string? line;
        do
        {
            line = this._text.Reader.ReadLine();
            this._number++;
            if (line is null) return false;
        }
        while (line.Length == 0);

        this.Split(line);
        if (this._fields.Count != this._columns)
            throw this.Wrong($"there are {this._fields.Count} columns, but {this._columns} in the header");
        if (this.User.Length == 0 || this.Item.Length == 0) throw this.Wrong("a user and an item need an id");
        if (this.HasRatings) this.Rating = this.ReadRating(this._fields[this._rating]);
        if (this.HasTimes) this.Time = this.ReadTime(this._fields[this._time]);
        return true;
    }

    private float ReadRating(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rating) && rating is > 0 and <= LargestRating
            ? rating
            : throw this.Wrong($"'{Shown(text)}' is not a rating above 0 and at most {LargestRating}; shift a scale that reaches below, and leave out what is no rating");

    private long ReadTime(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e15)
            return (long)(Math.Abs(number) < FirstMilliseconds ? number : number / 1000);
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)) return moment.ToUnixTimeSeconds();
        throw this.Wrong($"'{Shown(text)}' is not a time in Unix seconds, Unix milliseconds or ISO 8601");
    }

    private void Split(string line)
    {
        this._fields.Clear();
        var at = 0;
        while (true)
        {
            if (at < line.Length && line[at] == '"')
            {
                at = this.Quoted(line, at);
            }
            else
            {
                var end = line.IndexOf(this._separator, at);
                if (end < 0) end = line.Length;
                this._fields.Add(line[at..end].Trim());
                at = end;
            }

            if (at >= line.Length) return;
            at++;
        }
    }

    /// <returns>The place after the field: a separator or the end of the line.</returns>
    private int Quoted(string line, int at)
    {
        var end = at + 1;
        while (true)
        {
            end = line.IndexOf('"', end);
            if (end < 0) throw this.Wrong("a quote is not closed on its line");
            if (end + 1 >= line.Length || line[end + 1] != '"') break;
            end += 2;
        }

        this._fields.Add(line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
        return end + 1 >= line.Length || line[end + 1] == this._separator ? end + 1 : throw this.Wrong("text follows a closed quote");
    }

    private FormatException Wrong(string what) => new($"{this._text.Name}, line {this._number}: {what}. A line of the ratings format is: {Layout}.");

    private static string Name(string header) => new([.. header.Where(char.IsLetter).Select(char.ToLowerInvariant)]);

    private static bool IsNumber(string name) => name.Length == 0;

    private static string Shown(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}
