using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Api;

/// <summary>Carts over HTTP.</summary>
public sealed class CartsApiTests : IAsyncLifetime
{
    private readonly RunningServer _server = new();

    public async ValueTask InitializeAsync()
    {
        await this._server.InitializeAsync();
        var items = Enumerable.Range(0, 12).Select(i => new
        {
            id = $"p{i}", title = $"Product {i}", price = i + 1, stock = i == 2 ? 1 : 50, category = new[] { "All", i % 2 == 0 ? "Even" : "Odd" }, translations = new { zh = new { title = $"商品{i}" } },
        });
        await this._server.Admin.PostAsJsonAsync("/api/v1/items/batch", items).JsonAsync();
    }

    public ValueTask DisposeAsync() => this._server.DisposeAsync();

    private HttpClient Admin => this._server.Admin;

    [Fact]
    public async Task Assess_ACartThatIsTold_AnswersLinesListsAndLevers()
    {
        var shop = await this._server.WithRoleAsync("shop");
        var answer = await shop.PostAsJsonAsync("/api/v1/carts/assess", new
        {
            lines = new object[] { new { item = "p2" }, new { item = "p4", quantity = 2 } }, free_delivery_from = 20, count = 3, language = "zh",
        }).JsonAsync();

        answer.GetProperty("value").GetDouble().ShouldBe(13);
        answer.GetProperty("free_delivery_gap").GetDouble().ShouldBe(7);
        var lines = answer.GetProperty("lines").EnumerateArray().ToList();
        lines.Select(line => line.GetProperty("item").GetString()).ShouldBe(["p4", "p2"]);
        lines[0].GetProperty("reason").GetString().ShouldBe("price");
        lines[0].GetProperty("title").GetString().ShouldBe("商品4");
        lines[1].GetProperty("left").GetInt32().ShouldBe(1);
        lines[1].GetProperty("parts").GetProperty("scarce").GetDouble().ShouldBe(1);
        var free = answer.GetProperty("free_delivery");
        free.GetProperty("placement").GetString().ShouldBe("cart/free-delivery");
        free.GetProperty("items").EnumerateArray().ShouldAllBe(item => item.GetProperty("price").GetDouble() >= 7);
        answer.GetProperty("goes_with").GetProperty("items").EnumerateArray().ToList().ShouldSatisfyAllConditions(
            found => found.Count.ShouldBe(3), found => found.ShouldAllBe(item => int.Parse(item.GetProperty("id").GetString()!.Substring(1)) % 2 == 1));
        answer.TryGetProperty("abandonment", out _).ShouldBeFalse();
        answer.GetProperty("abandonment_unknown").GetString()!.ShouldContain("user");
        answer.GetProperty("levers").EnumerateArray().Select(lever => lever.GetProperty("kind").GetString()).ShouldBe(["free-delivery", "low-stock"]);
    }

    [Fact]
    public async Task Assess_AShoppersOwnCart_FollowsEvents_AndDeliveryTermsOfTheShop()
    {
        (await this.Admin.GetAsync("/api/v1/delivery").JsonAsync()).TryGetProperty("free_from", out _).ShouldBeFalse();
        (await this.Admin.PutAsync("/api/v1/delivery", new { price = 4.9, free_from = 30 }).JsonAsync()).GetProperty("free_from").GetDouble().ShouldBe(30);
        (await this.Admin.PutAsync("/api/v1/delivery", new { price = -1 }).ProblemAsync("price")).ShouldContain("price must be");
        await this.Admin.PostAsJsonAsync("/api/v1/events", new { type = "cart", user = "ann", item = "p9", price = 10, time = TimeProvider.System.GetUtcNow().AddMinutes(-5) }).JsonAsync();

        var answer = await this.Admin.PostAsJsonAsync("/api/v1/carts/assess", new { user = "ann", placement = "basket" }).JsonAsync();

        answer.GetProperty("lines")[0].GetProperty("item").GetString().ShouldBe("p9");
        answer.GetProperty("free_delivery_gap").GetDouble().ShouldBe(20);
        answer.GetProperty("goes_with").GetProperty("placement").GetString().ShouldBe("basket/goes-with");
        answer.GetProperty("abandonment_unknown").GetString()!.ShouldContain("No model");
        var empty = await this.Admin.PostAsJsonAsync("/api/v1/carts/assess", new { user = "nobody" }).JsonAsync();
        empty.GetProperty("lines").GetArrayLength().ShouldBe(0);
        empty.TryGetProperty("goes_with", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Assess_HostileInput_IsRefusedByName()
    {
        (await this.AskAsync(new { }).ProblemAsync("lines")).ShouldContain("missing");
        (await this.AskAsync(new { lines = new object?[] { null } }).ProblemAsync("lines[0].item")).ShouldContain("characters");
        (await this.AskAsync(new { lines = new object[] { new { item = "p1", quantity = -3 } } }).ProblemAsync("lines[0].quantity")).ShouldContain("-3");
        (await this.AskAsync(new { lines = Enumerable.Range(0, 500).Select(i => new { item = $"x{i}" }) }).ProblemAsync("lines")).ShouldContain("500");
        (await this.AskAsync(new { user = new string('u', 5000) }).ProblemAsync("user")).ShouldContain("at most");
        (await this.AskAsync(new { user = "ann", free_delivery_from = -1 }).ProblemAsync("free_delivery_from")).ShouldContain("0 to");
        (await this.AskAsync(new { user = "ann", count = 1000 }).ProblemAsync("count")).ShouldContain("50");
        (await this.AskAsync(new { user = "ann", placement = "" }).ProblemAsync("placement")).ShouldContain("characters");
        (await this.AskAsync(new { user = "ann", evil = 1 }).ProblemAsync("evil")).ShouldContain("no field evil");
        using var huge = new StringContent("{\"user\": \"" + new string('x', 300_000) + "\"}", Encoding.UTF8, "application/json");
        (await this.Admin.PostWhenWelcomeAsync("/api/v1/carts/assess", huge)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await this.AskAsync(new { lines = new object[] { new { item = "<script>&\u0001", quantity = 1 } } })).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Model_WithoutEnoughCarts_SaysSo_AndRolesAreKept()
    {
        var shop = await this._server.WithRoleAsync("shop");
        (await this.Admin.GetAsync(new Uri("/api/v1/carts/model", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var tooLittle = await this.Admin.PostAsync(new Uri("/api/v1/carts/model/train", UriKind.Relative), null);
        tooLittle.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tooLittle.Content.ReadAsStringAsync()).ShouldContain("needs 200 carts");
        (await this.Admin.PostAsJsonAsync("/api/v1/carts/model/train", new { window_hours = 0.5 }).ProblemAsync("window_hours")).ShouldContain("between 1 and 336");
        (await shop.PostAsJsonAsync("/api/v1/carts/model/train", new { })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await shop.PutAsJsonAsync("/api/v1/delivery", new { price = 1 })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var tracker = await this._server.WithRoleAsync("tracker");
        (await tracker.PostAsJsonAsync("/api/v1/carts/assess", new { user = "ann" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var description = await this._server.Anonymous.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        description.GetProperty("paths").EnumerateObject().Select(path => path.Name).ShouldContain("/api/v1/carts/assess");
    }

    private Task<HttpResponseMessage> AskAsync(object body) => this.Admin.PostAsJsonAsync("/api/v1/carts/assess", body);
}
