namespace Aisle.Learning.Data;

/// <summary>
/// Reads a table of text with a header, row by row. The header's separator (tab, else semicolon, else comma) divides; quotes hold separators
/// inside a field, and a doubled quote within them is one. Empty lines do not count.
/// </summary>
internal sealed class DelimitedRows
{
    /// <summary>A longer row is no row: a quote was opened and never closed.</summary>
    private const int LongestRow = 1 << 20;

    private readonly NamedText _text;
    private readonly string _table;
    private readonly string _layout;
    private readonly bool _linesInQuotes;
    private readonly char _separator;
    private readonly List<string> _fields = [];
    private int _linesRead;

    /// <param name="table">What the table is called in errors: <c>the ratings format</c>.</param>
    /// <param name="layout">What a row is: <c>user,item,rating</c>.</param>
    /// <param name="linesInQuotes">Whether a quoted field may go on over several lines.</param>
    public DelimitedRows(NamedText text, string table, string layout, bool linesInQuotes = false)
    {
        (this._text, this._table, this._layout, this._linesInQuotes) = (text, table, layout, linesInQuotes);
        var header = this.ReadLine() ?? throw new FormatException($"{text.Name} is empty; {table} begins with a header such as {layout}.");
        header = header.TrimStart('\uFEFF');
        this.Line = 1;
        this._separator = header.Contains('\t', StringComparison.Ordinal) ? '\t' : header.Contains(';', StringComparison.Ordinal) ? ';' : ',';
        this.Split(header);
        this.Header = [.. this._fields];
        if (this.Header.Count < 2) throw new FormatException($"{text.Name}, line 1: '{Shown(header)}' is not a header with at least two columns, such as {layout}.");
    }

    public IReadOnlyList<string> Header { get; }

    /// <summary>Number of the line on which the row begins, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>As many as the header has; they hold until the next row is read.</summary>
    public IReadOnlyList<string> Fields => this._fields;

    /// <summary>Reads the next row; false at the end.</summary>
    /// <exception cref="FormatException">A row does not have the layout; the message names it.</exception>
    public bool Next()
    {
        string? line;
        do
        {
            line = this.ReadLine();
            this.Line = this._linesRead;
            if (line is null) return false;
        }
        while (line.Length == 0);

        this.Split(line);
        return this._fields.Count == this.Header.Count
            ? true
            : throw this.Wrong($"there are {this._fields.Count} columns, but {this.Header.Count} in the header");
    }

    /// <summary>An error in the row that was read last.</summary>
    public FormatException Wrong(string what) => new($"{this._text.Name}, line {this.Line}: {what}. A line of {this._table} is: {this._layout}.");

    public static string Shown(string text) => text.Length <= 40 ? text : $"{text[..40]}…";

    /// <summary>Letters of a column's name, small: what names are compared by.</summary>
    public static string Plain(string header) => new([.. header.Where(char.IsLetter).Select(char.ToLowerInvariant)]);

    private string? ReadLine()
    {
        this._linesRead++;
        return this._text.Reader.ReadLine();
    }

    private void Split(string line)
    {
        this._fields.Clear();
        var at = 0;
        while (true)
        {
            if (at < line.Length && line[at] == '"')
            {
                at = this.Quoted(ref line, at);
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

    /// <param name="line">Grows by the lines that the field goes on over.</param>
    /// <returns>The place after the field: a separator or the end of the line.</returns>
    private int Quoted(ref string line, int at)
    {
        var end = at + 1;
        while (true)
        {
            end = line.IndexOf('"', end);
            if (end < 0)
            {
                end = line.Length;
                line = this.Longer(line);
            }
            else
            {
                if (end + 1 >= line.Length || line[end + 1] != '"') break;
                end += 2;
            }
        }

        this._fields.Add(line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
        return end + 1 >= line.Length || line[end + 1] == this._separator ? end + 1 : throw this.Wrong("text follows a closed quote");
    }

    private string Longer(string line)
    {
        if (!this._linesInQuotes) throw this.Wrong("a quote is not closed on its line");
        var more = line.Length <= LongestRow ? this.ReadLine() : null;
        return more is null ? throw this.Wrong("a quote is opened and not closed") : $"{line}\n{more}";
    }
}
