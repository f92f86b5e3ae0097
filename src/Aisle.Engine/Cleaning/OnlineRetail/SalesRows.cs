using System.Globalization;
using System.Text;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>
/// Reads the rows of a UCI "Online Retail" file (Chen 2012) or of its successor "Online Retail II", whose headers differ. The members tell of the
/// current row.
/// </summary>
internal sealed class SalesRows : IDisposable
{
    private const int InvoiceField = 0, CodeField = 1, TitleField = 2, QuantityField = 3, TimeField = 4, PriceField = 5, CustomerField = 6, CountryField = 7;

    /// <summary>"orsl" for online retail sales line: the kind of content that the ids are made of.</summary>
    private const ulong HashKind = 0x6F72736C;

    private static readonly RowProblem BadTime = RowProblem.Bad("InvoiceDate", "a time like 2010-12-01 08:26:00 or 12/1/2010 8:26 (month first)");

    private readonly CsvTable _table;
    private readonly SalesBooks _books;
    private readonly DateTimeOffset _now;
    private readonly string _name;
    private readonly byte[] _timeText = new byte[32];
    private int _timeLength = -1;
    private DateTimeOffset _time;

    public SalesRows(ImportRun run, SourceFile file, SalesBooks books)
    {
        this._table = new CsvTable(run, file, new CsvShape(Fields));
        this._books = books;
        this._now = run.Now;
        this._name = file.Name;
    }

    public static IReadOnlyList<FileField> Fields { get; } =
    [
        new("InvoiceNo", Required: true, "Invoice"),
        new("StockCode", Required: true),
        new("Description", Required: true),
        new("Quantity", Required: true),
        new("InvoiceDate", Required: true),
        new("UnitPrice", Required: true, "Price"),
        new("CustomerID", Required: true),
        new("Country"),
    ];

    public long Line => this._table.Line;

    public ReadOnlySpan<byte> Raw => this._table.Raw;

    public double Fraction => this._table.Fraction;

    /// <summary>Why the row cannot be read, or null; where there is a problem, the members below are not all set.</summary>
    public RowProblem? Problem { get; private set; }

    public string Invoice { get; private set; } = "";

    /// <summary>The invoice takes back an earlier one.</summary>
    public bool IsCancellation => this.Invoice[0] is 'C' or 'c';

    public Product Product { get; private set; } = null!;

    public double Quantity { get; private set; }

    public double Price { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset Time => this._time;

    /// <summary>Null for a sale without a customer.</summary>
    public Customer? Customer { get; private set; }

    public string? Country { get; private set; }

    public ReadOnlySpan<byte> Code => this._table[CodeField];

    public ReadOnlySpan<byte> Title => this._table[TitleField];

    public bool HasSpacesAroundTitle => this._table.Untrimmed(TitleField).Length != this.Title.Length;

    public bool Read()
    {
        if (!this._table.Read()) return false;
        this.Problem = this._table.Problem ?? this.ReadIds() ?? this.ReadNumbers() ?? this.ReadTime();
        if (this.Problem is null) this.Country = this._books.CountryOf(this._table[CountryField]);
        return true;
    }

    /// <summary>What the row says, without title and country: a shop corrects those later, and an overlapping export then still has the same ids.</summary>
    public UInt128 Content()
    {
        var hash = new ContentHash(HashKind);
        hash.Add(this._table[InvoiceField]);
        Span<byte> code = stackalloc byte[ItemId.MaxLength];
        hash.Add(StockCodes.Normalise(this.Code, code));
        hash.Add(this.Quantity);
        hash.Add((ulong)this._time.ToUnixTimeMilliseconds());
        hash.Add(this.Price);
        hash.Add(PlainCustomer(this._table[CustomerField]));
        return hash.ToUInt128();
    }

    /// <summary>Title and country, which tell rows of the same content apart within one file.</summary>
    public UInt128 Wording()
    {
        var hash = new ContentHash(HashKind + 1);
        hash.Add(this._table.Untrimmed(TitleField));
        hash.Add(this._table.Untrimmed(CodeField));
        hash.Add(this._table.Untrimmed(CountryField));
        return hash.ToUInt128();
    }

    public void Dispose() => this._table.Dispose();

    /// <summary>Spreadsheets write a column of numbers with gaps as 17850.0.</summary>
    private static ReadOnlySpan<byte> PlainCustomer(ReadOnlySpan<byte> text) => text.EndsWith(".0"u8) ? text[..^2] : text;

    private RowProblem? ReadIds()
    {
        var invoice = this._table[InvoiceField];
        var code = this._table[CodeField];
        var customer = PlainCustomer(this._table[CustomerField]);
        if (invoice.IsEmpty) return RowProblem.Missing("InvoiceNo");
        if (code.IsEmpty) return RowProblem.Missing("StockCode");
        if (invoice.Length > EventRules.MaxContextLength) return RowProblem.Bad("InvoiceNo", $"at most {EventRules.MaxContextLength} characters");
        if (code.Length > ItemId.MaxLength) return RowProblem.Bad("StockCode", $"at most {ItemId.MaxLength} characters");
        if (customer.Length > UserId.MaxLength) return RowProblem.Bad("CustomerID", $"at most {UserId.MaxLength} characters");

        // The rows of an invoice stand together, so most rows need no new string.
        if (!Ascii.Equals(invoice, this.Invoice)) this.Invoice = Encoding.UTF8.GetString(invoice);
        this.Product = this._books.ProductOf(code);
        this.Customer = customer.IsEmpty ? null : this._books.CustomerOf(customer);
        return null;
    }

    private RowProblem? ReadNumbers()
    {
        if (!FieldValues.TryNumber(this._table[QuantityField], out var quantity) || Math.Abs(quantity) > EventRules.MaxQuantity)
            return RowProblem.Bad("Quantity", $"a number from −{EventRules.MaxQuantity:0} to {EventRules.MaxQuantity:0}, with a point for decimals");
        if (!FieldValues.TryNumber(this._table[PriceField], out var price) || Math.Abs(price) > EventRules.MaxPrice)
            return RowProblem.Bad("UnitPrice", $"a number of at most {EventRules.MaxPrice:0}, with a point for decimals");
        this.Quantity = quantity;
        this.Price = price;
        return null;
    }

    private RowProblem? ReadTime()
    {
        var text = this._table[TimeField];
        if (this._timeLength == text.Length && text.SequenceEqual(this._timeText.AsSpan(0, this._timeLength))) return null;
        if (text.Length > this._timeText.Length) return BadTime;
        if (!TryLocalTime(text, out var local))
        {
            // With the day first, the rows of a month's first twelve days would be read, wrongly.
            if (text.IndexOf((byte)'/') == 2 && FieldValues.TryNumber(text[..2], out var first) && first > 12)
            {
                throw new ImportException(
                    $"{this._name}, line {this.Line}, column InvoiceDate: the day stands before the month. Allowed are 2010-12-01 08:26:00 and 12/1/2010 8:26, month first. Export the dates that way; nothing was stored.");
            }

            return BadTime;
        }

        var time = UkTime.ToUtc(local);
        if (time < EventRules.Earliest || time > this._now + EventRules.MaxAhead)
            return RowProblem.Bad("InvoiceDate", $"between {EventRules.Earliest:yyyy-MM-dd} and now");
        text.CopyTo(this._timeText);
        this._timeLength = text.Length;
        this._time = time;
        return null;
    }

    private static bool TryLocalTime(ReadOnlySpan<byte> text, out DateTime local)
    {
        Span<char> chars = stackalloc char[32];
        local = default;
        if (!Ascii.IsValid(text)) return false;
        return DateTime.TryParseExact(
            chars[..Encoding.ASCII.GetChars(text, chars)], TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out local);
    }

    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "M/d/yyyy H:mm", "M/d/yyyy H:mm:ss"];
}
