using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Aisle.Learning.Models;

/// <summary>A model within a model. In JSON: its name, or { "model": name, "options": { … } }.</summary>
/// <param name="Model">Name of the family, e.g. <c>als</c>.</param>
/// <param name="Options">The family's options as a JSON object; null for its defaults.</param>
[JsonConverter(typeof(HybridMemberJson))]
public sealed record HybridMember(string Model, JsonElement? Options = null)
{
    /// <summary>A trainer of this member; its seed is the owner's unless its options say otherwise.</summary>
    /// <param name="refused">Families that may not stand within the owner: hybrids nest only so deep.</param>
    internal ITrainer CreateTrainer(string owner, int seed, params ReadOnlySpan<string> refused)
    {
        if (refused.Contains(this.Model)) throw new ArgumentException($"{owner}: {this.Model} cannot be a member of {owner}; name the models themselves.");
        try
        {
            var options = this.Options is { } given ? JsonObject.Create(given)! : [];
            if (Trainers.Find(this.Model).OptionNames.Contains("seed")) options.TryAdd("seed", seed);
            return Trainers.Create(this.Model, options.ToJsonString());
        }
        catch (ArgumentException failure)
        {
            throw new ArgumentException($"{owner}: member {this.Model}: {failure.Message}", failure);
        }
    }

    internal static void Save(IModel member, ModelWriter writer, Stream stream)
    {
        writer.WriteText(member.Name);
        member.Save(stream);
    }

    /// <summary>Reads what <see cref="Save"/> wrote: a model of the shape that the owner has.</summary>
    internal static IModel Load(ModelReader reader, Stream stream, int users, int items, params ReadOnlySpan<string> refused)
    {
        var name = reader.ReadText("the name of a member", 64);
        if (refused.Contains(name) || !Trainers.All.Any(family => family.Name == name)) throw reader.Broken($"it names a member '{name}', which cannot be one");
        IModel model;
        try
        {
            model = Trainers.Load(name, stream);
        }
        catch (InvalidDataException failure)
        {
            throw reader.Broken($"its member {name}: {failure.Message.TrimEnd('.')}");
        }

        return model.Users == users && model.Items == items
            ? model
            : throw reader.Broken($"its member {name} has {model.Users} users and {model.Items} items where {users} and {items} belong");
    }
}

/// <summary>Reads a member from its name alone or from an object, and writes the shorter of the two.</summary>
internal sealed class HybridMemberJson : JsonConverter<HybridMember>
{
    public override HybridMember Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var given = document.RootElement;
        if (given.ValueKind == JsonValueKind.String) return new HybridMember(given.GetString()!);
        if (given.ValueKind != JsonValueKind.Object || !given.TryGetProperty("model", out var model) || model.ValueKind != JsonValueKind.String) throw new JsonException();
        var hasOptions = given.TryGetProperty("options", out var settings);
        if ((hasOptions && settings.ValueKind != JsonValueKind.Object) || given.EnumerateObject().Count() != (hasOptions ? 2 : 1)) throw new JsonException();
        return new HybridMember(model.GetString()!, hasOptions ? settings.Clone() : null);
    }

    public override void Write(Utf8JsonWriter writer, HybridMember value, JsonSerializerOptions options)
    {
        if (value.Options is not { } settings)
        {
            writer.WriteStringValue(value.Model);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("model", value.Model);
        writer.WritePropertyName("options");
        settings.WriteTo(writer);
        writer.WriteEndObject();
    }
}
