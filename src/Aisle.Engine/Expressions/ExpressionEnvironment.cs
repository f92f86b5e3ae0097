namespace Aisle.Engine.Expressions;

/// <summary>A name that expressions may read.</summary>
public sealed class ExpressionField
{
    private ExpressionField(string name, ExpressionType type, bool dependsOnItem, string summary)
    {
        this.Name = name;
        this.Type = type;
        this.DependsOnItem = dependsOnItem;
        this.Summary = summary;
    }

    /// <summary>In full, e.g. <c>item.price</c>; that of a group ends with <c>.*</c>.</summary>
    public string Name { get; }

    public ExpressionType Type { get; }

    public bool DependsOnItem { get; }

    /// <summary>What it is, for people.</summary>
    public string Summary { get; }

    internal NumberCode? Number { get; private init; }

    internal BooleanCode? Boolean { get; private init; }

    internal TextCode? Text { get; private init; }

    internal TextsCode? Texts { get; private init; }

    /// <summary>Of a group: the value of a member.</summary>
    internal Func<Frame, string, string?>? Member { get; private init; }

    /// <summary>Units that searching in it costs.</summary>
    internal int Cost { get; private init; } = 1;

    internal static ExpressionField OfNumber(string name, bool item, string summary, NumberCode read) => new(name, ExpressionType.Number, item, summary) { Number = read };

    internal static ExpressionField OfTime(string name, bool item, string summary, Func<Frame, DateTimeOffset?> read) =>
        new(name, ExpressionType.Time, item, summary) { Number = frame => read(frame) is { } time ? Days.Of(time) : double.NaN };

    internal static ExpressionField OfBoolean(string name, bool item, string summary, BooleanCode read) => new(name, ExpressionType.Boolean, item, summary) { Boolean = read };

    internal static ExpressionField OfText(string name, bool item, string summary, TextCode read, int cost = 1) =>
        new(name, ExpressionType.Text, item, summary) { Text = read, Cost = cost };

    internal static ExpressionField OfTexts(string name, bool item, string summary, TextsCode read, int cost = 1) =>
        new(name, ExpressionType.Texts, item, summary) { Texts = read, Cost = cost };

    /// <param name="prefix">Without the dot.</param>
    internal static ExpressionField OfGroup(string prefix, bool item, string summary, Func<Frame, string, string?> read) =>
        new(prefix + ".*", ExpressionType.Text, item, summary) { Member = read };
}

/// <summary>The names that expressions of one kind may use: fields, and groups of texts with any member (<c>item.attributes.colour</c>).</summary>
public sealed class ExpressionEnvironment
{
    private readonly Dictionary<string, ExpressionField> _fields;

    internal ExpressionEnvironment(IReadOnlyList<ExpressionField> fields)
    {
        this.Fields = fields;
        this._fields = fields.ToDictionary(field => field.Name);
    }

    public IReadOnlyList<ExpressionField> Fields { get; }

    /// <summary>The functions, the same in every environment.</summary>
    public static IReadOnlyList<ExpressionFunction> Functions => ExpressionFunctions.All;

    /// <summary>This environment with more fields, e.g. what only a rule of a certain place knows.</summary>
    internal ExpressionEnvironment With(params ExpressionField[] fields) => new([.. this.Fields, .. fields]);

    internal ExpressionField? Find(string name) => this._fields.GetValueOrDefault(name);

    internal ExpressionField? FindGroup(string prefix) => this._fields.GetValueOrDefault(prefix + ".*");

    /// <summary>Why there is no such name: what was meant perhaps, and what there is.</summary>
    internal string Explain(IReadOnlyList<string> path)
    {
        var name = string.Join('.', path);
        if (this.FindGroup(name) is not null) return $"{name} needs the name of one: {name}.colour, or {name}[\"any name\"].";
        for (var length = path.Count - 1; length > 0; length--)
        {
            var owner = string.Join('.', path.Take(length));
            if (this.Find(owner) is { } field) return $"{owner} is {field.Type.Words()} and has no {path[length]}.";
        }

        if (ExpressionFunctions.Find(name) is { } function) return $"{name} is a function; write {function.Signature}.";
        var sameEnding = this.Fields.FirstOrDefault(field => field.Name.EndsWith("." + path[^1], StringComparison.OrdinalIgnoreCase))?.Name;
        var meant = Suggestions.Nearest(name, this.Fields.Select(field => field.Name)) ?? sameEnding;
        var hint = meant is null ? "" : $"; did you mean {meant}?";
        var siblings = this.Fields.Where(field => field.Name.StartsWith(path[0] + ".", StringComparison.Ordinal)).Select(field => field.Name[(path[0].Length + 1)..]).ToList();
        var allowed = siblings.Count > 0
            ? $"{path[0]} has {string.Join(", ", siblings)}"
            : $"Names begin with {string.Join(", ", this.Fields.Select(field => field.Name.Split('.')[0]).Distinct())}; texts stand in quotes";
        return $"There is no {Suggestions.Shown(name)}{(hint.Length > 0 ? hint : ".")} {allowed}.";
    }
}

/// <summary>Moments as days since 1970, so that differences are days.</summary>
internal static class Days
{
    private const double Milliseconds = 86_400_000;

    public static double Of(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / Milliseconds;

    /// <summary>The date and time of day, in UTC; null for unknown and for what lies outside the calendar.</summary>
    public static DateTime? DateOf(double days) =>
        Math.Abs(days) < 700_000 ? DateTime.UnixEpoch.AddMilliseconds(Math.Round(days * Milliseconds)) : null;
}
