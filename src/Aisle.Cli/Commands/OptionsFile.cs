using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aisle.Cli.Commands;

/// <summary>A model and its options in a file: <c>{ "model": "als", "options": { "factors": 64 } }</c>; what else stands there is for people.</summary>
internal sealed record OptionsFile(string Model, JsonObject Options)
{
    public static OptionsFile Read(string path)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllText(path)) is JsonObject file
                && file["model"] is JsonValue model && model.TryGetValue<string>(out var name)
                && file["options"] is JsonObject options)
            {
                return new OptionsFile(name, options.DeepClone().AsObject());
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new WrongCallException($"--options: cannot read '{path}' ({failure.Message.TrimEnd('.')}).", failure);
        }

        throw new WrongCallException($"--options: '{path}' must hold an object such as {{ \"model\": \"als\", \"options\": {{ \"factors\": 64 }} }}; aisle tune writes one.");
    }
}
