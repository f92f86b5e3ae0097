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

    internal static readonly string[] UserNames = ["user", "userid", "uid", "customer", "customerid", "reviewerid", "shopper", "shopperid"];
    internal static readonly string[] ItemNames = ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "asin", "sku"];
    private static readonly string[] RatingNames = ["rating", "ratings", "score", "stars", "overall", "value", "weight"];
    private static readonly string[] TimeNames = ["time", "timestamp", "date", "datetime", "unixtime", "unixreviewtime"];

    private readonly DelimitedRows _rows;
    private readonly int _user;
    private readonly int _item;
    private readonly int _rating;
    private readonly int _time;

    public RatingsTable(NamedText text)
    {
        this._rows = new DelimitedRows(text, "the ratings format", Layout);
        var names = this._rows.Header.Select(DelimitedRows.Plain).ToList();
        if (names.Skip(2).Any(IsNumber))
            throw new FormatException($"{text.Name}, line 1: '{DelimitedRows.Shown(string.Join(',', this._rows.Header))}' holds values; the ratings format begins with a header such as {Layout}.");
        (this._user, this._item) = (names.FindIndex(UserNames.Contains), names.FindIndex(ItemNames.Contains));
        this._rating = names.FindIndex(RatingNames.Contains);
        this._time = names.FindIndex(TimeNames.Contains);
        if (this._user >= 0 && this._item >= 0) return;
        (this._user, this._item, this._rating, this._time) = (0, 1, names.Count > 2 ? 2 : -1, names.Count > 3 ? 3 : -1);
    }

    public bool HasRatings => this._rating >= 0;

    public bool HasTimes => this._time >= 0;

    public string User => this._rows.Fields[this._user];

    public string Item => this._rows.Fields[this._item];

    /// <summary>1 where there is no column of ratings.</summary>
    public float Rating { get; private set; } = 1;

    public long Time { get; private set; }

    /// <summary>Reads the next line; false at the end.</summary>
    /// <exception cref="FormatException">A line does not have the layout; the message names it.</exception>
    public bool Next()
    {
        if (!this._rows.Next()) return false;
        if (this.User.Length == 0 || this.Item.Length == 0) throw this.Wrong("a user and an item need an id");
        if (this.HasRatings) this.Rating = this.ReadRating(this._rows.Fields[this._rating]);
        if (this.HasTimes) this.Time = this.ReadTime(this._rows.Fields[this._time]);
        return true;
    }

    private float ReadRating(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rating) && rating is > 0 and <= LargestRating
            ? rating
            : throw this.Wrong($"'{DelimitedRows.Shown(text)}' is not a rating above 0 and at most {LargestRating}; shift a scale that reaches below, and leave out what is no rating");

    private long ReadTime(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e15)
            return (long)(Math.Abs(number) < FirstMilliseconds ? number : number / 1000);
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)) return moment.ToUnixTimeSeconds();
        throw this.Wrong($"'{DelimitedRows.Shown(text)}' is not a time in Unix seconds, Unix milliseconds or ISO 8601");
    }

    private FormatException Wrong(string what) => this._rows.Wrong(what);

    private static bool IsNumber(string name) => name.Length == 0;
}
