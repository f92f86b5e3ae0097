namespace Aisle.Learning.Data;

/// <summary>
/// Categorical attributes of rows (items or users): each row holds a set of values, each value belongs to one field, e.g. field
/// "brand", value 17. Values are numbered through all fields.
/// </summary>
public sealed class Attributes
{
    private readonly int[] _rowStarts;
    private readonly int[] _values;
    private readonly int[] _fieldOfValue;

    private Attributes(string[] fields, int[] fieldOfValue, int[] rowStarts, int[] values)
    {
        this.Fields = fields;
        this._fieldOfValue = fieldOfValue;
        this._rowStarts = rowStarts;
        this._values = values;
    }

    public IReadOnlyList<string> Fields { get; }

    public int Rows => this._rowStarts.Length - 1;

    /// <summary>Distinct values of all fields together.</summary>
    public int Values => this._fieldOfValue.Length;

    /// <summary>Values of one row, ascending and distinct.</summary>
    public ReadOnlySpan<int> ValuesOf(int row) => this._values.AsSpan(this._rowStarts[row], this._rowStarts[row + 1] - this._rowStarts[row]);

    public int FieldOf(int value) => this._fieldOfValue[value];

    /// <summary>Builds the rows from words; equal words of one field are one value.</summary>
    /// <param name="rows">For each row its (field, word) pairs; empty words and repeats are left out.</param>
    public static Attributes From(IEnumerable<IEnumerable<(string Field, string Word)>> rows)
    {
        List<string> fields = [];
        Dictionary<string, int> fieldNumbers = [];
        Dictionary<(int Field, string Word), int> valueNumbers = [];
        List<int> fieldOfValue = [], starts = [0], values = [];
        foreach (var row in rows)
        {
            var rowValues = new SortedSet<int>();
            foreach (var (field, word) in row)
            {
                if (string.IsNullOrWhiteSpace(word)) continue;
                if (!fieldNumbers.TryGetValue(field, out var fieldNumber))
                {
                    fieldNumbers[field] = fieldNumber = fields.Count;
                    fields.Add(field);
                }

                if (!valueNumbers.TryGetValue((fieldNumber, word), out var value))
                {
                    valueNumbers[(fieldNumber, word)] = value = fieldOfValue.Count;
                    fieldOfValue.Add(fieldNumber);
                }

                rowValues.Add(value);
            }

            values.AddRange(rowValues);
            starts.Add(values.Count);
        }

        return new Attributes([.. fields], [.. fieldOfValue], [.. starts], [.. values]);
    }
}
