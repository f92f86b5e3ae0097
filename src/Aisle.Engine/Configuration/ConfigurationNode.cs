using System.Globalization;
using Aisle.Engine.Expressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Aisle.Engine.Configuration;

/// <summary>A place in a document of settings. Each way of reading it refuses what does not fit, naming the place and what is allowed.</summary>
internal sealed class ConfigurationNode
{
    private const int MaxLength = 256 << 10;
    private const int MaxDepth = 20;

    private readonly YamlNode _node;

    private ConfigurationNode(YamlNode node, string path)
    {
        this._node = node;
        this.Path = path;
    }

    /// <summary>Where it stands, e.g. <c>pipelines.similar.sources[2]</c>.</summary>
    public string Path { get; }

    /// <summary>Reads a document: one mapping, at most 256 KiB, without anchors.</summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static ConfigurationNode Parse(string text)
    {
        if (text.Length > MaxLength) throw new ConfigurationException($"The document has {text.Length} characters; at most {MaxLength} are allowed.", 1, 1);
        try
        {
            RefuseTricks(text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1) throw new ConfigurationException("There are several documents; remove the lines of ---.", 1, 1);
            return new ConfigurationNode(stream.Documents.Count == 0 ? new YamlMappingNode() : stream.Documents[0].RootNode, "");
        }
        catch (YamlException wrong)
        {
            throw new ConfigurationException($"This is not YAML: {wrong.Message.TrimEnd('.')}.", wrong.Start.Line, wrong.Start.Column, wrong);
        }
    }

    /// <summary>The settings under names, any of them absent.</summary>
    /// <param name="allowed">Names that may stand here.</param>
    public ConfigurationMap Map(params string[] allowed)
    {
        var map = this.AnyMap();
        foreach (var (name, value) in map.Entries)
        {
            if (allowed.Contains(name)) continue;
            var meant = Suggestions.Nearest(name, allowed) is { } near ? $"; did you mean {near}?" : ".";
            throw value.Wrong($"There is no setting {Suggestions.Shown(name)}{(this.Path.Length > 0 ? $" in {this.Path}" : "")}{meant} Allowed are {string.Join(", ", allowed)}.", atKey: name);
        }

        return map;
    }

    /// <summary>Settings under names of the author's own choice.</summary>
    public ConfigurationMap AnyMap()
    {
        if (this.IsEmpty) return new ConfigurationMap(this, new Dictionary<string, ConfigurationNode>());
        if (this._node is not YamlMappingNode mapping) throw this.Wrong($"{this.Name} must hold names with values.");
        var entries = new Dictionary<string, ConfigurationNode>();
        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            var node = new ConfigurationNode(value, this.Path.Length == 0 ? name : $"{this.Path}.{name}");
            if (name.Length == 0) throw new ConfigurationException($"A name in {this.Name} is empty.", key.Start.Line, key.Start.Column);
            entries[name] = node;
        }

        return new ConfigurationMap(this, entries);
    }

    /// <summary>A list; one value alone is a list of it.</summary>
    public IReadOnlyList<ConfigurationNode> List(int most)
    {
        if (this.IsEmpty) return [];
        if (this._node is not YamlSequenceNode sequence) return [this];
        if (sequence.Children.Count > most) throw this.Wrong($"{this.Name} has {sequence.Children.Count} entries; at most {most} are allowed.");
        return [.. sequence.Children.Select((child, place) => new ConfigurationNode(child, $"{this.Path}[{place + 1}]"))];
    }

    public IReadOnlyList<string> Texts(int most, int maxLength) => [.. this.List(most).Select(entry => entry.Text(maxLength))];

    /// <summary>Where a list ends in the text; null where this is none.</summary>
    /// <param name="text">The document that this is a place of.</param>
    /// <returns>Whether it is written in brackets, the index of the closing one, the column of its entries, and their number.</returns>
    public (bool IsFlow, int Index, int Column, int Count)? ListEnd(string text)
    {
        if (this._node is not YamlSequenceNode list) return null;
        var isFlow = list.Style == SequenceStyle.Flow;
        return (isFlow, isFlow ? ClosingBracket(text, list.Start.Index) : text.Length, (int)list.Start.Column, list.Children.Count);
    }

    // A node of the document knows where it begins, not where it ends; the events of the parser know.
    private static int ClosingBracket(string text, long start)
    {
        var parser = new YamlDotNet.Core.Parser(new StringReader(text));
        var open = 0;
        while (parser.MoveNext())
        {
            if (parser.Current is SequenceStart && (open > 0 || parser.Current.Start.Index == start)) open++;
            if (parser.Current is SequenceEnd && open > 0 && --open == 0) return (int)parser.Current.Start.Index;
        }

        return text.Length;
    }

    public bool IsMap => this._node is YamlMappingNode;

    public string Text(int maxLength)
    {
        if (this._node is not YamlScalarNode { Value: { } text }) throw this.Wrong($"{this.Name} must be text.");
        if (text.Length == 0 || text.Length > maxLength) throw this.Wrong($"{this.Name} must have 1 to {maxLength} characters; it has {text.Length}.");
        return text;
    }

    public double Number(double least, double most)
    {
        if (this._node is YamlScalarNode { Value: { } text } && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        throw this.Wrong(string.Create(CultureInfo.InvariantCulture, $"{this.Name} must be a number from {least} to {most}."));
    }

    public int Whole(int least, int most)
    {
        if (this._node is YamlScalarNode { Value: { } text } && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        throw this.Wrong($"{this.Name} must be a whole number from {least} to {most}.");
    }

    public bool Flag() => this._node is YamlScalarNode { Value: "true" or "false" } scalar ? scalar.Value == "true" : throw this.Wrong($"{this.Name} must be true or false.");

    /// <summary>A date, or a date with a time; without a zone, in UTC.</summary>
    public DateTimeOffset Time()
    {
        if (this._node is YamlScalarNode { Value: { } text }
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return time;
        throw this.Wrong($"{this.Name} must be a date or a time such as 2026-11-27 or 2026-11-27T08:00Z.");
    }

    public T OneOf<T>(IReadOnlyDictionary<string, T> words, string what)
    {
        var word = this.Text(100);
        if (words.TryGetValue(word, out var value)) return value;
        var meant = Suggestions.Nearest(word, words.Keys) is { } near ? $"; did you mean {near}?" : ".";
        throw this.Wrong($"{this.Name}: there is no {what} {Suggestions.Shown(word)}{meant} Allowed are {string.Join(", ", words.Keys)}.");
    }

    public Expression Expression(ExpressionCache expressions, ExpressionType type)
    {
        try
        {
            return expressions.Compile(this.Text(ExpressionLimits.MaxLength), type);
        }
        catch (ExpressionException wrong)
        {
            throw this.Wrong($"{this.Name}: {wrong.Message}", inner: wrong);
        }
    }

    /// <param name="atKey">The name whose value this is, where the name is what is wrong.</param>
    public ConfigurationException Wrong(string problem, string? atKey = null, Exception? inner = null)
    {
        var column = this._node.Start.Column - (atKey is null || this._node.Start.Column <= atKey.Length + 2 ? 0 : atKey.Length + 2);
        return new ConfigurationException(problem, Math.Max(1, this._node.Start.Line), Math.Max(1, column), inner);
    }

    private string Name => this.Path.Length == 0 ? "The document" : this.Path;

    private bool IsEmpty => this._node is YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Plain or ScalarStyle.Any };

    /// <summary>What makes a short text a large or an endless one: anchors, and nesting without end.</summary>
    private static void RefuseTricks(string text)
    {
        var parser = new YamlDotNet.Core.Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            var part = parser.Current!;
            depth += part.NestingIncrease;
            if (depth > MaxDepth) throw new ConfigurationException($"The document is nested deeper than {MaxDepth} levels.", part.Start.Line, part.Start.Column);
            if (part is AnchorAlias || part is NodeEvent { Anchor.IsEmpty: false })
                throw new ConfigurationException("Anchors (& and *) are not allowed; write the setting out, or use like.", part.Start.Line, part.Start.Column);
        }
    }
}

/// <summary>Settings under their names.</summary>
internal sealed class ConfigurationMap(ConfigurationNode node, IReadOnlyDictionary<string, ConfigurationNode> entries)
{
    public IEnumerable<(string Name, ConfigurationNode Value)> Entries => entries.Select(entry => (entry.Key, entry.Value));

    public ConfigurationNode Node => node;

    /// <summary>Null where the name is absent.</summary>
    public ConfigurationNode? this[string name] => entries.GetValueOrDefault(name);

    public ConfigurationNode Required(string name) =>
        this[name] ?? throw node.Wrong($"{(node.Path.Length == 0 ? name : $"{node.Path}.{name}")} is missing.");
}
