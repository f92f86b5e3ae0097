using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Learning.Models;

namespace Aisle.Cli.Commands;

/// <summary>Turns <c>--set key=value</c> into trainers: <c>als.factors=64</c> is for one model, <c>factors=64</c> for those that have it.</summary>
internal static class ModelSettings
{
    /// <param name="files">Files of options as <c>aisle tune</c> writes them; their models join those named.</param>
    public static IReadOnlyList<ITrainer> Trainers(IReadOnlyList<string> models, IReadOnlyList<string> settings, int? seed, IReadOnlyList<string>? files = null) =>
        [.. Given(models, settings, seed, files).Select(given => Create(Find(given.Key), given.Value))];

    /// <summary>By model the options that were given and no others: what is left out takes the default of its use.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Checked(IReadOnlyList<string> models, IReadOnlyList<string> settings, int? seed, IReadOnlyList<string>? files)
    {
        var given = Given(models, settings, seed, files);
        foreach (var (model, options) in given) Create(Find(model), options);
        return given.ToDictionary(model => model.Key, model => JsonElement.Parse(model.Value.ToJsonString()));
    }

    private static Dictionary<string, JsonObject> Given(IReadOnlyList<string> models, IReadOnlyList<string> settings, int? seed, IReadOnlyList<string>? files)
    {
        var fromFiles = (files ?? []).Select(OptionsFile.Read).ToDictionary(file => file.Model, file => file.Options);
        var families = models.Concat(fromFiles.Keys).Distinct().Select(Find).ToArray();
        if (families.Length == 0) throw new WrongCallException($"--model: name at least one model, or give --options. The models are: {string.Join(", ", Learning.Models.Trainers.All.Select(family => family.Name))}.");
        var options = families.ToDictionary(family => family.Name, family => fromFiles.GetValueOrDefault(family.Name) ?? []);
        foreach (var family in families)
        {
            if (seed is not null && family.OptionNames.Contains("seed")) options[family.Name]["seed"] = seed;
        }

        foreach (var setting in settings) Apply(setting, families, options);
        return options;
    }

    private static TrainerFamily Find(string name)
    {
        try
        {
            return Learning.Models.Trainers.Find(name);
        }
        catch (ArgumentException failure)
        {
            throw new WrongCallException(failure.Message, failure);
        }
    }

    private static ITrainer Create(TrainerFamily family, JsonObject options)
    {
        try
        {
            return family.Create(options.ToJsonString());
        }
        catch (ArgumentException failure)
        {
            throw new WrongCallException(failure.Message, failure);
        }
    }

    private static void Apply(string setting, TrainerFamily[] families, Dictionary<string, JsonObject> options)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1) throw new WrongCallException($"--set takes key=value, for example factors=64 or als.factors=64, not '{setting}'.");
        var key = setting[..equals];
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        var option = key[(dot + 1)..];
        var meant = dot < 0
            ? families.Where(family => family.OptionNames.Contains(option)).ToArray()
            : families.Where(family => family.Name == key[..dot]).ToArray();
        if (meant.Length == 0)
        {
            throw new WrongCallException(dot < 0
                ? $"No model of this call has an option '{option}'. {Allowed(families)}"
                : $"--set {setting}: '{key[..dot]}' is not a model of this call, which are: {string.Join(", ", families.Select(family => family.Name))}.");
        }

        foreach (var family in meant) options[family.Name][option] = Value(setting[(equals + 1)..]);
    }

    private static string Allowed(TrainerFamily[] families) =>
        string.Join(" ", families.Select(family => $"Options of {family.Name}: {string.Join(", ", family.OptionNames)}."));

    /// <summary>A number, true/false, list or object stays what it is; everything else is text.</summary>
    private static JsonNode Value(string text)
    {
        // JSON wants a digit before the point; people leave it out.
        if (text.StartsWith('.') && double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)) return JsonValue.Create(number);
        try
        {
            if (JsonNode.Parse(text) is { } value && value.GetValueKind() is not JsonValueKind.String) return value;
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }

        return JsonValue.Create(text);
    }
}
