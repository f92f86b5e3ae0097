using System.Text.Json;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Aisle.Server.Api;

/// <summary>Reads a JSON body and turns what is wrong with it into a problem that names the field and what is allowed.</summary>
internal static class ApiBody
{
    /// <returns>The body, or null and the problem to answer with.</returns>
    public static async Task<(T? Body, IResult? Problem)> ReadAsync<T>(HttpRequest request, CancellationToken cancellation)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, Results.Problem(
                "Send the body as JSON, with the header Content-Type: application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not JSON."));
        }

        try
        {
            var body = await request.ReadFromJsonAsync<T>(cancellation);
            return body is null ? (null, ApiProblems.Field("$", "The body is null; send a JSON object or array.")) : (body, null);
        }
        catch (JsonException failure)
        {
            var options = request.HttpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            return (null, ApiProblems.Field(FieldOf(failure), Describe<T>(failure, options)));
        }
    }

    // The serializer's path reads $, $.field or $[3].field.
    private static string FieldOf(JsonException failure) =>
        failure.Path is not { Length: > 1 } path ? "$" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path[1..];

    private static string Describe<T>(JsonException failure, JsonSerializerOptions options)
    {
        var position = failure.LineNumber is { } line ? $" (line {line + 1}, byte {failure.BytePositionInLine + 1})" : "";
        var name = FieldOf(failure).Split('.')[^1];
        var element = typeof(T).GetElementType() ?? typeof(T);
        var fields = options.GetTypeInfo(element).Properties;
        if (fields.FirstOrDefault(field => field.Name == name.Split('[')[0]) is { } known)
            return $"{name} must be {Allowed(known.PropertyType)}{position}.";
        return failure.InnerException is null && name != "$" && !name.StartsWith('[')
            ? $"There is no field {name}; the fields are {string.Join(", ", fields.Select(field => field.Name))}."
            : $"The body is not valid JSON of the expected form{position}. /swagger shows the form.";
    }

    private static string Allowed(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName));
        if (type == typeof(string)) return "text";
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(int)) return "a whole number";
        if (type == typeof(double)) return "a number";
        if (type == typeof(DateTimeOffset)) return "a time: ISO 8601 text such as \"2026-05-01T09:30:00Z\", or Unix milliseconds where events are concerned";
        return typeof(IEnumerable<string>).IsAssignableFrom(type) ? "a list of texts" : "an object of the form that /swagger shows";
    }
}
