using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Api;

/// <summary>A shop's whole way through the API: catalogue, events, training, recommendations, rollback.</summary>
public sealed class ShopApiTests : IAsyncLifetime
{
    private readonly RunningServer _server = new();

    public ValueTask InitializeAsync() => this._server.InitializeAsync();

    public ValueTask DisposeAsync() => this._server.DisposeAsync();

    [Fact]
    public async Task Items_PutPatchedListedAndDeleted()
    {
        var admin = this._server.Admin;
        await admin.PutAsync("/api/v1/items/mug", new { title = "Mug", price = 5, stock = 3, category = new[] { "Kitchen", "Mugs" }, tags = new[] { "gift" }, translations = new { zh = new { title = "马克杯" } } }).JsonAsync();

        var patched = await admin.PatchAsJsonAsync("/api/v1/items/mug", new { stock = 0 }).JsonAsync();

        patched.GetProperty("stock").GetInt32().ShouldBe(0);
        patched.GetProperty("title").GetString().ShouldBe("Mug");
        (await admin.GetAsync("/api/v1/items/mug").JsonAsync()).GetProperty("translations").GetProperty("zh").GetProperty("title").GetString().ShouldBe("马克杯");
        (await admin.PostTextAsync("/api/v1/items/batch", """[{"id":"a","title":"A"},{"id":"b","title":""}]""").ProblemAsync("[1].title")).ShouldContain("1 to 512");
        (await admin.GetAsync("/api/v1/items?count=1").JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await admin.DeleteAsync("/api/v1/items/mug")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await admin.GetAsync("/api/v1/items/mug")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Users_PutAndPaged()
    {
        foreach (var id in new[] { "ann", "bob", "eve" }) await this._server.Admin.PutAsync($"/api/v1/users/{id}", new { attributes = new { country = "FR" } }).JsonAsync();

        var page = await this._server.Admin.GetAsync("/api/v1/users?count=2").JsonAsync();
        var rest = await this._server.Admin.GetAsync($"/api/v1/users?count=2&after={page.GetProperty("next").GetString()}").JsonAsync();

        page.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray()).Select(user => user.GetProperty("id").GetString()).ShouldBe(["ann", "bob", "eve"]);
        (await this._server.Admin.GetAsync("/api/v1/users/ann").JsonAsync()).GetProperty("attributes").GetProperty("country").GetString().ShouldBe("FR");
    }

    [Fact]
    public async Task EventsToModelToLists_OverHttpAlone()
    {
        await this.FillAsync();
        (await this._server.Anonymous.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        (await this._server.Admin.PostAsync(new Uri("/api/v1/training-runs", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var run = await this.EndOfRunAsync();

        run.GetProperty("state").GetString().ShouldBe("published");
        (await this._server.Anonymous.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var model = await this._server.Admin.GetAsync("/api/v1/models/serving").JsonAsync();
        model.GetProperty("version").GetInt32().ShouldBe(1);
        await this.FirstClickChangesTheListAsync();
        (await this._server.Admin.PostAsync(new Uri("/api/v1/models/9/activate", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task TrainingRun_NamedModels_AreTriedBesideTheBaselines()
    {
        await this.FillAsync();

        (await this._server.Admin.PostTextAsync("/api/v1/training-runs", """{"models":["item-transition"],"also":["behaviour-transformer"]}""")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var run = await this.EndOfRunAsync();

        run.GetProperty("state").GetString().ShouldBe("published");
        run.GetProperty("report").GetProperty("validation").EnumerateArray().Select(score => score.GetProperty("model").GetString()!.Split(' ')[0]).Distinct()
            .ShouldBe(["item-transition", "behaviour-transformer", "itemknn", "popularity", "ensemble"], ignoreOrder: true);
        (await this._server.Admin.PostTextAsync("/api/v1/training-runs", """{"also":["no-such"]}""").ProblemAsync("also")).ShouldContain("'no-such'");
        (await this._server.Admin.PostTextAsync("/api/v1/training-runs", """{"model":["als"]}""").ProblemAsync("model")).ShouldContain("models");
    }

    [Theory]
    [InlineData("""{"scenario":"similar"}""", "items")]
    [InlineData("""{"scenario":"best-sellers","count":500}""", "count")]
    [InlineData("""{"scenario":"best"}""", "scenario")]
    [InlineData("""{"scenario":"trending","min_price":9,"max_price":3}""", "min_price")]
    [InlineData("""{"scenario":"trending","filter":"item.price + 1"}""", "filter")]
    [InlineData("""{"scenario":"trending","boost":"item.price > 1"}""", "boost")]
    [InlineData("""{"scenario":"trending","filter":3}""", "filter")]
    [InlineData("""{"scenario":"trending","context":{"a":null}}""", "context")]
    public async Task Recommendations_NotValid_NameTheField(string json, string field) =>
        (await this._server.Admin.PostTextAsync("/api/v1/recommendations", json).ProblemAsync(field)).ShouldNotBeEmpty();

    [Fact]
    public async Task Recommendations_WithFilterAndBoost_KeepAndOrderItems()
    {
        await this._server.Admin.PostAsJsonAsync(
            "/api/v1/items/batch", Enumerable.Range(0, 6).Select(i => new { id = $"cup-{i}", title = $"Cup {i}", price = i, brand = i % 2 == 0 ? "Even" : "Odd" })).JsonAsync();
        await this._server.Admin.PostAsJsonAsync("/api/v1/events", new { type = "view", user = "ann", item = "cup-2" }).JsonAsync();

        var posted = await this._server.Admin.PostAsJsonAsync("/api/v1/recommendations", new
        {
            scenario = "best-sellers", user = "ann", filter = "item.brand == 'even' && item.price >= number(request.context.least) && !viewed(item, days: 1)",
            context = new { least = "1" },
        }).JsonAsync();
        var got = await this._server.Admin.GetAsync(
            $"/api/v1/recommendations/new-arrivals?filter={Uri.EscapeDataString("item.brand == \"Odd\"")}&boost={Uri.EscapeDataString("item.price == 3 ? 2 : 1")}").JsonAsync();

        posted.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).ShouldBe(["cup-4"]);
        got.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).ShouldBe(["cup-1", "cup-3", "cup-5"], ignoreOrder: true);
    }

    [Fact]
    public async Task Recommendations_WrongExpression_AnswerWithLineColumnAndWhatIsAllowed()
    {
        using var answer = await this._server.Admin.PostAsJsonAsync(
            "/api/v1/recommendations", new { scenario = "best-sellers", filter = "item.stock > 0\n  && item.prise < 3" });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        problem.GetProperty("field").GetString().ShouldBe("filter");
        problem.GetProperty("line").GetInt32().ShouldBe(2);
        problem.GetProperty("column").GetInt32().ShouldBe(6);
        problem.GetProperty("length").GetInt32().ShouldBe(10);
        problem.GetProperty("excerpt").GetString().ShouldBe("  && item.prise < 3\n     ^^^^^^^^^^");
        problem.GetProperty("errors").GetProperty("filter")[0].GetString()!.ShouldContain("did you mean item.price? item has id, title");
    }

    [Fact]
    public async Task TrainingRun_OnAnEmptyStore_FailsWithTheNextStep()
    {
        await this._server.Admin.PostAsync(new Uri("/api/v1/training-runs", UriKind.Relative), null);

        var run = await this.EndOfRunAsync();

        run.GetProperty("state").GetString().ShouldBe("failed");
        run.GetProperty("error").GetString()!.ShouldContain("/api/v1/events");
    }

    private async Task FirstClickChangesTheListAsync()
    {
        using var shop = await this._server.WithRoleAsync("shop");
        var before = await shop.GetAsync("/api/v1/recommendations/recommended-for-you?user=new-here").JsonAsync();
        var clock = Stopwatch.StartNew();
        await shop.PostAsJsonAsync("/api/v1/events", new { type = "view", user = "new-here", item = "tea-1" }).JsonAsync();
        var after = await shop.PostAsJsonAsync("/api/v1/recommendations", new { scenario = "recommended-for-you", user = "new-here", count = 3, language = "zh" }).JsonAsync();

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        before.GetProperty("items")[0].GetProperty("source").GetString().ShouldNotBe("personal");
        var first = after.GetProperty("items")[0];
        first.GetProperty("source").GetString().ShouldBe("personal");
        first.GetProperty("id").GetString()!.ShouldStartWith("tea-");
        first.GetProperty("reason").GetProperty("item").GetString().ShouldBe("tea-1");
        first.GetProperty("reason").GetProperty("text").GetString()!.ShouldContain("感兴趣");
    }

    private async Task FillAsync()
    {
        var tastes = new[] { "tea", "tool" };
        await this._server.Admin.PostAsJsonAsync(
            "/api/v1/items/batch", tastes.SelectMany(taste => Enumerable.Range(0, 8).Select(i => new { id = $"{taste}-{i}", title = $"{taste} {i}" }))).JsonAsync();
        var random = new Random(3);
        var events = Enumerable.Range(0, 600).Select(i => new
        {
            type = "view", user = $"u{i % 40}", item = $"{tastes[i % 40 / 20]}-{random.Next(8)}", time = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000 + (i * 3600L)),
        });
        (await this._server.Admin.PostAsJsonAsync("/api/v1/events/batch", events).JsonAsync()).GetProperty("accepted").GetInt32().ShouldBe(600);
    }

    /// <summary>The run goes on in the background; asked until it has ended, for at most a minute.</summary>
    private async Task<JsonElement> EndOfRunAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var runs = await this._server.Admin.GetAsync("/api/v1/training-runs").JsonAsync();
            if (runs.GetArrayLength() > 0 && runs[0].GetProperty("state").GetString() != "running") return runs[0];
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
