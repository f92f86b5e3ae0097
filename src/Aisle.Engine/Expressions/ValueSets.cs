namespace Aisle.Engine.Expressions;

/// <summary>A list of texts to look up in, whatever their case. Short lists are gone through, long ones hashed.</summary>
internal sealed class TextSet
{
    private const int Hashed = 6;

    private readonly string[] _values;
    private readonly HashSet<string>? _index;

    public TextSet(IEnumerable<string> values)
    {
        this._values = [.. values.Distinct(StringComparer.OrdinalIgnoreCase)];
        if (this._values.Length > Hashed) this._index = new HashSet<string>(this._values, StringComparer.OrdinalIgnoreCase);
    }

    public int Count => this._values.Length;

    public IReadOnlyList<string> Values => this._values;

    public bool Contains(string? value)
    {
        if (value is null) return false;
        if (this._index is { } index) return index.Contains(value);
        foreach (var own in this._values)
            if (string.Equals(own, value, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    public bool ContainsAny(IReadOnlyList<string>? values)
    {
        for (var i = 0; i < (values?.Count ?? 0); i++)
            if (this.Contains(values![i])) return true;
        return false;
    }

    public bool ContainsAll(IReadOnlyList<string>? values)
    {
        for (var i = 0; i < (values?.Count ?? 0); i++)
            if (!this.Contains(values![i])) return false;
        return true;
    }

    /// <summary>Whether a list holds each of these values.</summary>
    public bool IsWithin(IReadOnlyList<string>? list)
    {
        // Values differ: more of them than the list has cannot all be in it, and an item's list is short.
        if (this._values.Length > (list?.Count ?? 0)) return false;
        foreach (var own in this._values)
            if (!Holds(list, own)) return false;
        return true;
    }

    public static bool Holds(IReadOnlyList<string>? list, string value)
    {
        for (var i = 0; i < (list?.Count ?? 0); i++)
            if (string.Equals(list![i], value, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}

/// <summary>A list of numbers to look up in; without unknown ones.</summary>
internal sealed class NumberSet(IEnumerable<double> values)
{
    private readonly HashSet<double> _values = [.. values.Where(value => !double.IsNaN(value))];

    public int Count => this._values.Count;

    public bool Contains(double value) => this._values.Contains(value);

    public bool Overlaps(NumberSet other) => this._values.Overlaps(other._values);

    public bool IsWithin(NumberSet other) => this._values.IsSubsetOf(other._values);
}
