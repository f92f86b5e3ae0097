using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Api;

/// <summary>Short forms of what every API test does.</summary>
internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> request, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await request;
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(expected, text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The problem's sentence for a field; fails unless the answer is problem details that name it.</summary>
    public static async Task<string> ProblemAsync(this Task<HttpResponseMessage> request, string field)
    {
        using var response = await request;
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var errors = JsonDocument.Parse(text).RootElement.GetProperty("errors");
        errors.TryGetProperty(field, out var found).ShouldBeTrue($"no error for {field} in {text}");
        return found[0].GetString()!;
    }

    public static Task<HttpResponseMessage> PostTextAsync(this HttpClient client, string address, string json) =>
        client.PostAsync(new Uri(address, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"));

    public static Task<HttpResponseMessage> PutAsync(this HttpClient client, string address, object body) =>
        client.PutAsJsonAsync(address, body);

    /// <summary>Sends the body once the server asks for it: one that refuses it by its length may close the connection while a sender is still writing.</summary>
    public static async Task<HttpResponseMessage> PostWhenWelcomeAsync(this HttpClient client, string address, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, UriKind.Relative)) { Content = body, Headers = { ExpectContinue = true } };
        return await client.SendAsync(request);
    }
}
