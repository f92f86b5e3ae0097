using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aisle.Learning.Tuning;

/// <summary>One option to be searched over: a range of numbers, even or even in the logarithm, or a few values. Points are numbers from 0 to 1.</summary>
public sealed record SearchDimension
{
    private const int Digits = 4;

    private SearchDimension(string name) => this.Name = name;

    /// <summary>The option's name in the JSON.</summary>
    public string Name { get; }

    public double Low { get; private init; }

    public double High { get; private init; }

    /// <summary>Even in the logarithm: 0.01 to 0.1 is as wide as 0.1 to 1.</summary>
    public bool IsLogarithmic { get; private init; }

    public bool IsWhole { get; private init; }

    /// <summary>The values to choose from; null for a range.</summary>
    public IReadOnlyList<JsonNode>? Choices { get; private init; }

    public static SearchDimension Number(string name, double low, double high, bool log = false) => Checked(new SearchDimension(name) { Low = low, High = high, IsLogarithmic = log });

    public static SearchDimension Whole(string name, int low, int high, bool log = false) => Checked(new SearchDimension(name) { Low = low, High = high, IsLogarithmic = log, IsWhole = true });

    public static SearchDimension OneOf(string name, params IReadOnlyList<JsonNode> choices) =>
        choices.Count > 1 ? new SearchDimension(name) { Choices = choices } : throw new ArgumentException($"{name}: give at least two values to choose from.");

    /// <summary>Reads <c>key=lo..hi</c>, <c>key=lo..hi:log</c> or <c>key=a|b|c</c>. A range is of whole numbers where both ends are written so.</summary>
    /// <exception cref="ArgumentException">The text is no dimension; the message shows what is.</exception>
    public static SearchDimension Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1) throw Wrong(text);
        var (name, values) = (text[..equals], text[(equals + 1)..]);
        var dots = values.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0) return OneOf(name, [.. values.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(Value)]);
        var log = values.EndsWith(":log", StringComparison.Ordinal);
        var (first, last) = (values[..dots], values[(dots + 2)..(log ? values.Length - 4 : values.Length)]);
        if (int.TryParse(first, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var from) && int.TryParse(last, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var to))
            return Whole(name, from, to, log);
        return double.TryParse(first, NumberStyles.Float, CultureInfo.InvariantCulture, out var low) && double.TryParse(last, NumberStyles.Float, CultureInfo.InvariantCulture, out var high)
            ? Number(name, low, high, log)
            : throw Wrong(text);
    }

    /// <summary>The option's value at a point in [0, 1].</summary>
    public JsonNode ValueAt(double point)
    {
        if (this.Choices is not null) return this.Choices[Math.Min((int)(point * this.Choices.Count), this.Choices.Count - 1)].DeepClone();
        var value = this.IsLogarithmic
            ? this.Low * Math.Pow(this.High / this.Low, point)
            : this.Low + (point * (this.High - this.Low));
        if (this.IsWhole) return JsonValue.Create((int)Math.Clamp(Math.Round(value), this.Low, this.High));
        return JsonValue.Create(Math.Clamp(Rounded(value), this.Low, this.High));
    }

    /// <summary>The point of a value; the nearest end where the value lies outside, the middle where it is no value of this dimension.</summary>
    public double PointOf(JsonNode? value)
    {
        if (this.Choices is not null)
        {
            var place = this.Choices.ToList().FindIndex(choice => JsonNode.DeepEquals(choice, value));
            return place < 0 ? 0.5 : (place + 0.5) / this.Choices.Count;
        }

        if (value is not JsonValue number || number.GetValueKind() != JsonValueKind.Number) return 0.5;
        var given = Math.Clamp(number.Deserialize(TuningJson.Default.Double), this.Low, this.High);
        return this.IsLogarithmic ? Math.Log(given / this.Low) / Math.Log(this.High / this.Low) : (given - this.Low) / (this.High - this.Low);
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => this.Choices is not null
        ? $"{this.Name}={string.Join('|', this.Choices.Select(choice => choice.GetValueKind() == JsonValueKind.String ? choice.GetValue<string>() : choice.ToJsonString()))}"
        : $"{this.Name}={this.End(this.Low)}..{this.End(this.High)}{(this.IsLogarithmic ? ":log" : "")}";

    private string End(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return this.IsWhole || text.Contains('.', StringComparison.Ordinal) || text.Contains('E', StringComparison.Ordinal) ? text : $"{text}.0";
    }

    private static SearchDimension Checked(SearchDimension dimension) =>
        double.IsFinite(dimension.Low) && double.IsFinite(dimension.High) && dimension.Low < dimension.High && (!dimension.IsLogarithmic || dimension.Low > 0)
            ? dimension
            : throw new ArgumentException($"{dimension.Name}: a range goes from a smaller to a larger number{(dimension.IsLogarithmic ? ", both above 0 where it is logarithmic" : "")}.");

    /// <summary>Four digits say all that a search knows, and are read more easily.</summary>
    private static double Rounded(double value)
    {
        if (value == 0) return 0;
        var digits = Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return digits is >= 0 and <= 15 ? Math.Round(value, digits) : value;
    }

    private static JsonNode Value(string word)
    {
        if (bool.TryParse(word, out var truth)) return JsonValue.Create(truth);
        if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return JsonValue.Create(whole);
        return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(word);
    }

    private static ArgumentException Wrong(string text) =>
        new($"'{text}' is nothing to search over. Write key=16..256, key=0.001..0.1:log (even in the logarithm) or key=a|b|c.");
}
