using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Engine.Events;

namespace Aisle.Engine.Simulation;

/// <summary>What kept a simulation from running, with the next step.</summary>
public sealed class SimulationException(string message, Exception? inner = null) : Exception(message, inner);

/// <param name="Id">The shop's id of the product.</param>
internal sealed record ShopItem(string Id, string Title, DateTimeOffset? AvailableFrom);

/// <summary>The calls of the REST API that shoppers' pages make. Each shopper waits for their page, so calls are made one after another on the caller's thread.</summary>
internal sealed class ShopClient : IDisposable
{
    private const int PageSize = 200;
    private const int BatchSize = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;

    public ShopClient(Uri server, string key)
    {
        this._http = new HttpClient { BaseAddress = server, Timeout = Patience };
        this._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public void Dispose() => this._http.Dispose();

    public List<ShopItem> Items(int most, CancellationToken cancellation)
    {
        var items = new List<ShopItem>();
        string? after = null;
        do
        {
            using var page = this.Get($"api/v1/items?count={PageSize}" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)), cancellation);
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
                items.Add(new ShopItem(Text(item, "id"), Text(item, "title"), item.TryGetProperty("available_from", out var from) ? from.GetDateTimeOffset() : null));
            after = page.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null && items.Count <= most);
        return items;
    }

    /// <summary>A shopper's latest events, newest first: kind, product, pieces and time.</summary>
    public List<(string Type, string Item, double Quantity, DateTimeOffset Time)> Past(string user, CancellationToken cancellation)
    {
        using var answer = this.Get($"api/v1/users/{Uri.EscapeDataString(user)}/events?count={PageSize}", cancellation);
        return [.. answer.RootElement.EnumerateArray().Where(happened => happened.TryGetProperty("item", out _)).Select(happened => (
            Text(happened, "type"), Text(happened, "item"), happened.TryGetProperty("quantity", out var quantity) ? quantity.GetDouble() : 1, happened.GetProperty("time").GetDateTimeOffset()))];
    }

    /// <summary>A list with its id.</summary>
    public (string? Recommendation, List<string> Items) Recommend(string scenario, string user, string? item, int count, string placement, CancellationToken cancellation)
    {
        var question = new JsonObject { ["scenario"] = scenario, ["user"] = user, ["count"] = count, ["placement"] = placement };
        if (item is not null) question["items"] = new JsonArray(item);
        using var answer = this.Post("api/v1/recommendations", question, cancellation);
        return (Text(answer.RootElement, "recommendation_id"), [.. answer.RootElement.GetProperty("items").EnumerateArray().Select(found => Text(found, "id"))]);
    }

    public void Send(List<Event> events, CancellationToken cancellation)
    {
        foreach (var batch in events.Chunk(BatchSize))
        {
            using var receipt = this.Post("api/v1/events/batch", new JsonArray([.. batch.Select(ToJson)]), cancellation);
        }
    }

    private static JsonNode ToJson(Event happened)
    {
        var json = new JsonObject
        {
            ["id"] = happened.Id.ToString(),
            ["type"] = EventTypeNames.Of(happened.Type),
            ["user"] = happened.User?.Value,
            ["time"] = happened.Time.ToUnixTimeMilliseconds(),
            ["session"] = happened.Session,
        };
        if (happened.Item is { } item) json["item"] = item.Value;
        if (happened.Quantity != 1) json["quantity"] = happened.Quantity;
        if (happened.Price is { } price) json["price"] = price;
        if (happened.Basket is not null) json["basket"] = happened.Basket;
        if (happened.Placement is not null) json["placement"] = happened.Placement;
        if (happened.RecommendationId is not null) json["recommendation_id"] = happened.RecommendationId;
        if (happened.Text is not null) json["text"] = happened.Text;
        return json;
    }

    private JsonDocument Get(string path, CancellationToken cancellation) => this.Ask(new HttpRequestMessage(HttpMethod.Get, path), cancellation);

    private JsonDocument Post(string path, JsonNode body, CancellationToken cancellation) => this.Ask(
        new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        },
        cancellation);

    private JsonDocument Ask(HttpRequestMessage question, CancellationToken cancellation)
    {
        using (question)
        {
            try
            {
                using var answer = this._http.Send(question, cancellation);
                using var body = answer.Content.ReadAsStream(cancellation);
                return answer.IsSuccessStatusCode ? JsonDocument.Parse(body) : throw this.Refused(question, answer.StatusCode, body);
            }
            catch (JsonException cause)
            {
                throw new SimulationException($"{this._http.BaseAddress} answers, but not as Aisle does ({question.RequestUri}). Give the address that ./run prints.", cause);
            }
            catch (Exception cause) when (cause is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new SimulationException($"The server {this._http.BaseAddress} does not answer: {cause.Message} Start one with ./run, or name another with --server.", cause);
            }
        }
    }

    private SimulationException Refused(HttpRequestMessage question, HttpStatusCode status, Stream body)
    {
        if (status is HttpStatusCode.Unauthorized)
            return new SimulationException($"The server {this._http.BaseAddress} does not know this key. The first key of a server is in admin-key.txt in its store's folder.");
        if (status is HttpStatusCode.Forbidden)
            return new SimulationException($"The key may not do {question.Method} {question.RequestUri}: a simulation reads what shoppers did, which needs a key with the role admin.");
        using var reader = new StreamReader(body);
        var text = reader.ReadToEnd();
        return new SimulationException($"The server refused {question.Method} {question.RequestUri} with {(int)status}: {text[..Math.Min(text.Length, 1000)]}");
    }

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.GetString() is { } text ? text : throw new JsonException($"The answer has no {name}.");
}
