using System.Text.Encodings.Web;
using System.Text.Json;
using Aisle.Engine.Configuration;

namespace Aisle.Engine.Recommending.Rules;

/// <summary>Changes a document of rules as its author wrote it: comments, order and layout stay.</summary>
public static class RuleDocument
{
    // Every JSON value is a YAML value too.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds a rule at the end.</summary>
    /// <param name="document">Null or empty for none yet.</param>
    /// <param name="settings">The rule's settings by their names; texts, numbers and lists of texts.</param>
    /// <exception cref="ConfigurationException">The document cannot be read.</exception>
    public static string Append(string? document, IReadOnlyDictionary<string, object> settings)
    {
        var rule = "{" + string.Join(", ", settings.Select(setting => $"{setting.Key}: {JsonSerializer.Serialize(setting.Value, Json)}")) + "}";
        if (string.IsNullOrWhiteSpace(document)) return $"rules:\n  - {rule}\n";
        var list = ConfigurationNode.Parse(document).Map("rules")["rules"];
        if (list?.ListEnd(document) is not { } end) return $"{document.TrimEnd()}{(list is null ? "\nrules:" : "")}\n  - {rule}\n";
        if (end.IsFlow) return document.Insert(end.Index, end.Count == 0 ? rule : $", {rule}");
        return $"{document.TrimEnd()}\n{new string(' ', end.Column - 1)}- {rule}\n";
    }
}
