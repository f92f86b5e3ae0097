using System.Net;
using System.Net.Http.Json;
using System.Text;

namespace Aisle.Hosts.Tests.Api;

public sealed class EventsApiTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task PostEvent_WithAnId_StoresItOnce()
    {
        var body = new { id = "order-1-line-1", type = "purchase", user = "api-u1", item = "i1", quantity = 2, price = 3.5, basket = "order-1", time = "2026-05-01T10:00:00Z" };

        var first = await server.Admin.PostAsJsonAsync("/api/v1/events", body).JsonAsync();
        var retry = await server.Admin.PostAsJsonAsync("/api/v1/events", body).JsonAsync();

        first.GetProperty("accepted").GetInt32().ShouldBe(1);
        retry.GetProperty("accepted").GetInt32().ShouldBe(0);
        retry.GetProperty("duplicates").GetInt32().ShouldBe(1);
        var stored = (await server.Admin.GetAsync("/api/v1/users/api-u1/events").JsonAsync())[0];
        stored.GetProperty("quantity").GetDouble().ShouldBe(2);
        stored.GetProperty("price").GetDouble().ShouldBe(3.5);
        stored.GetProperty("basket").GetString().ShouldBe("order-1");
        stored.GetProperty("time").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 5, 1, 10, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("""{"user":"u","item":"i"}""", "type", "type is missing")]
    [InlineData("""{"type":"buy","user":"u","item":"i"}""", "type", "one of view, cart")]
    [InlineData("""{"type":"view","item":"i"}""", "user", "user or a basket")]
    [InlineData("""{"type":"view","user":"u"}""", "item", "needs an item")]
    [InlineData("""{"type":"view","user":"u","item":"i","quantity":0}""", "quantity", "above 0")]
    [InlineData("""{"type":"view","user":"u","item":"i","quantity":"two"}""", "quantity", "must be a number")]
    [InlineData("""{"type":"view","user":"u","item":"i","time":"yesterday"}""", "time", "ISO 8601")]
    [InlineData("""{"type":"view","user":"u","item":"i","time":99999999999999}""", "time", "future")]
    [InlineData("""{"type":"view","user":"u","item":"i","colour":"red"}""", "colour", "The fields are id, type")]
    [InlineData("""{"type":"view","user":"u\u0000","item":"i"}""", "user", "control")]
    [InlineData("""{"type":"view","user":"u","item":"i" """, "$", "not valid JSON")]
    [InlineData("""null""", "$", "null")]
    public async Task PostEvent_NotValid_NamesTheFieldAndWhatIsAllowed(string json, string field, string sentence) =>
        (await server.Admin.PostTextAsync("/api/v1/events", json).ProblemAsync(field)).ShouldContain(sentence, Case.Insensitive);

    [Fact]
    public async Task PostBatch_OneNotValid_StoresNothingAndNamesItsPlace()
    {
        var before = server.Engine.Events.LastSequence();

        var sentence = await server.Admin.PostTextAsync(
            "/api/v1/events/batch", """[{"type":"view","user":"u","item":"i"},{"type":"view","user":"u"}]""").ProblemAsync("[1].item");

        sentence.ShouldContain("needs an item");
        server.Engine.Events.LastSequence().ShouldBe(before);
    }

    [Fact]
    public async Task PostBatch_TooLong_IsRefused()
    {
        var batch = Enumerable.Range(0, 1001).Select(i => new { type = "view", user = "u", item = $"i{i}" });

        (await server.Admin.PostAsJsonAsync("/api/v1/events/batch", batch).ProblemAsync("$")).ShouldContain("at most 1000");
    }

    [Fact]
    public async Task PostBatch_TooLarge_IsRefusedBeforeItIsRead()
    {
        using var body = new StringContent($"[{new string(' ', 3 << 20)}]", Encoding.UTF8, "application/json");

        using var response = await server.Admin.PostWhenWelcomeAsync("/api/v1/events/batch", body);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadAsStringAsync()).ShouldContain("smaller batches");
    }

    [Fact]
    public async Task PostEvent_NotJson_IsRefused()
    {
        using var response = await server.Admin.PostAsync(new Uri("/api/v1/events", UriKind.Relative), new StringContent("type=view"));

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task PostEvent_FromAnotherOrigin_IsAllowedToTrackers()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/v1/events/batch");
        preflight.Headers.Add("Origin", "https://shop.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");

        using var response = await server.Anonymous.SendAsync(preflight);

        response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }
}
