using System.Text.Json;

namespace Aisle.Engine.Cleaning.EventFiles;

/// <summary>JSON Lines: one JSON object, an event as the API takes it, in each line. Empty lines are passed over, unknown names too.</summary>
internal sealed class JsonRows : IRows
{
    private const int MostNames = 1000;

    private static readonly RowProblem NotJson = new("not-json", "", "The line is not one complete JSON object.");

    private readonly ImportRun _run;
    private readonly LineReader _lines;
    private readonly byte[][] _values = [.. EventFields.All.Select(_ => new byte[64])];
    private readonly int[] _lengths = new int[EventFields.All.Count];
    private readonly Dictionary<string, int> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly Utf8Pool _names = new(MostNames);

    public JsonRows(ImportRun run, SourceFile file)
    {
        if (file.Encoding is not null) throw new ImportException($"{file.Name} is not valid UTF-8, which JSON must be. Export it in UTF-8.");
        this._run = run;
        this._lines = new LineReader(file);
        for (var i = 0; i < EventFields.All.Count; i++)
        {
            var field = EventFields.All[i];
            if (run.Columns.Values.Contains(field.Name, StringComparer.OrdinalIgnoreCase)) continue;
            foreach (var name in field.Aliases.Append(field.Name)) this._fields[name] = i;
        }

        foreach (var (name, field) in run.Columns) this._fields[name] = ColumnLayout.IndexOf(EventFields.All, field);
    }

    public long Line => this._lines.Number;

    public ReadOnlySpan<byte> Raw => this._lines.Line;

    public RowProblem? Problem { get; private set; }

    public double Fraction => this._lines.Fraction;

    public ReadOnlySpan<byte> this[int field] => this._values[field].AsSpan(0, this._lengths[field]);

    public bool Read()
    {
        do
        {
            this._run.Cancellation.ThrowIfCancellationRequested();
            if (!this._lines.Read()) return false;
        }
        while (this._lines.Line.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0);

        Array.Clear(this._lengths);
        this.Problem = this.ParseLine();
        return true;
    }

    public void Dispose() => this._lines.Dispose();

    private RowProblem? ParseLine()
    {
        try
        {
            var json = new Utf8JsonReader(this._lines.Line, new JsonReaderOptions { MaxDepth = 16 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return NotJson;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.ValueIsEscaped ? json.GetString()! : this._names.Get(json.ValueSpan);
                json.Read();
                if (!this._fields.TryGetValue(name, out var field)) json.Skip();
                else if (!this.Take(field, ref json)) return RowProblem.Bad(EventFields.All[field].Name, "text or a number");
            }

            return json.Read() ? NotJson : null;
        }
        catch (JsonException)
        {
            return NotJson;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: valid by JSON's grammar, but no text.
            return NotJson;
        }
    }

    private bool Take(int field, ref Utf8JsonReader json)
    {
        this._lengths[field] = 0;
        if (json.TokenType == JsonTokenType.Null) return true;
        if (json.TokenType is not (JsonTokenType.String or JsonTokenType.Number)) return false;
        if (this._values[field].Length < json.ValueSpan.Length) this._values[field] = new byte[json.ValueSpan.Length];
        if (json.TokenType == JsonTokenType.String) this._lengths[field] = json.CopyString(this._values[field]);
        else json.ValueSpan.CopyTo(this._values[field].AsSpan(0, this._lengths[field] = json.ValueSpan.Length));
        return true;
    }
}
