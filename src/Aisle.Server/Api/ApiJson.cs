using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aisle.Server.Api;

/// <summary>How the API reads and writes JSON: snake_case names, kebab-case words for closed sets, unknown fields refused by name.</summary>
internal static class ApiJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.MaxDepth = 16;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
    }
}

/// <summary>A time as ISO 8601 text or as Unix milliseconds.</summary>
internal sealed class EventTimeConverter : JsonConverter<DateTimeOffset?>
{
    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number when reader.TryGetInt64(out var milliseconds) && Math.Abs(milliseconds) < 100_000_000_000_000:
                return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            case JsonTokenType.String when reader.TryGetDateTimeOffset(out var time):
                return time.ToUniversalTime();
            default:
                throw new JsonException("A time is ISO 8601 text such as \"2026-05-01T09:30:00Z\", or Unix milliseconds.");
        }
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
    {
        if (value is { } time) writer.WriteStringValue(time.UtcDateTime);
        else writer.WriteNullValue();
    }
}
