using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Api;

/// <summary>Pipelines, rules, rows of a page and their reasons, over HTTP.</summary>
public sealed class MerchandisingApiTests : IAsyncLifetime
{
    private readonly RunningServer _server = new();

    public async ValueTask InitializeAsync()
    {
        await this._server.InitializeAsync();
        var items = Enumerable.Range(0, 12).Select(i => new { id = $"p{i}", title = $"Product {i}", price = i + 1, brand = i % 2 == 0 ? "even" : "odd", category = new[] { "All" } });
        await this._server.Admin.PostAsJsonAsync("/api/v1/items/batch", items).JsonAsync();
    }

    public ValueTask DisposeAsync() => this._server.DisposeAsync();

    private HttpClient Admin => this._server.Admin;

    [Fact]
    public async Task Rules_ArePreviewedPublishedAndUndone()
    {
        const string draft = "rules: [{name: odd out, do: hide, where: item.brand == \"odd\"}]";
        (await this.Admin.GetAsync("/api/v1/rules").JsonAsync()).GetProperty("version").GetInt32().ShouldBe(0);

        var preview = await this.Admin.PostAsJsonAsync("/api/v1/preview", new { rules = draft, request = new { scenario = "best-sellers", count = 12 } }).JsonAsync();
        Ids(preview.GetProperty("before")).Count.ShouldBe(12);
        Ids(preview.GetProperty("after")).Count.ShouldBe(6);
        (await this.AskAsync()).Count.ShouldBe(12);

        (await this.Admin.PutAsync("/api/v1/rules", new { document = draft, note = "try", after = 0 }).JsonAsync()).GetProperty("version").GetInt32().ShouldBe(1);
        (await this.AskAsync()).ShouldBe(["p0", "p2", "p4", "p6", "p8", "p10"], ignoreOrder: true);
        (await this.Admin.PutAsync("/api/v1/rules", new { document = "rules: []", after = 0 })).StatusCode.ShouldBe(HttpStatusCode.Conflict);

        await this.Admin.PutAsync("/api/v1/rules", new { document = "rules: []", after = 1 }).JsonAsync();
        (await this.Admin.PostAsync(new Uri("/api/v1/rules/versions/1/restore", UriKind.Relative), null).JsonAsync()).GetProperty("version").GetInt32().ShouldBe(3);
        (await this.AskAsync()).Count.ShouldBe(6);
        (await this.Admin.GetAsync("/api/v1/rules/versions").JsonAsync()).EnumerateArray().Select(version => version.GetProperty("version").GetInt32()).ShouldBe([3, 2, 1]);
        (await this.Admin.PostAsync(new Uri("/api/v1/rules/versions/9/restore", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Pipelines_AWrongDocument_IsRefusedWithItsPlace_AndNothingChanges()
    {
        using var answer = await this.Admin.PutAsync("/api/v1/pipelines", new { document = "pipelines:\n  x:\n    sources: [persnal]\n" });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        problem.GetProperty("detail").GetString()!.ShouldContain("did you mean personal?");
        problem.GetProperty("line").GetInt32().ShouldBe(3);
        (await this.Admin.PostAsJsonAsync("/api/v1/pipelines/check", new { document = "pipelines: {x: {sources: [trending]}}" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await this.Admin.GetAsync("/api/v1/pipelines").JsonAsync()).GetProperty("version").GetInt32().ShouldBe(0);
        (await this.Admin.PutAsync("/api/v1/pipelines", new { note = "empty" }).ProblemAsync("document")).ShouldContain("missing");
        (await this.Admin.GetStringAsync("/api/v1/pipelines/default")).ShouldContain("recommended-for-you:");
    }

    [Fact]
    public async Task Pipelines_InTheShadow_AreJudgedByWhatWasServed()
    {
        const string document = "pipelines: {dear: {sources: [catalogue], boost: 'item.price'}, cheap: {sources: [catalogue], explore: {share: 0.25, below: 1000000}, shadow: dear}}";
        await this.Admin.PutAsync("/api/v1/pipelines", new { document, after = 0 }).JsonAsync();
        (await this.Admin.GetAsync("/api/v1/pipelines/shadow").ProblemAsync("pipeline")).ShouldContain("missing");
        (await this.Admin.GetAsync("/api/v1/pipelines/shadow?pipeline=cheep").ProblemAsync("pipeline")).ShouldContain("did you mean cheap?");
        (await this.Admin.GetAsync("/api/v1/pipelines/shadow?pipeline=dear").ProblemAsync("pipeline")).ShouldContain("shadow: NAME");
        using var shop = await this._server.WithRoleAsync("shop");
        (await shop.GetAsync("/api/v1/pipelines/shadow?pipeline=cheap")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await this.Admin.GetAsync("/api/v1/pipelines/shadow?pipeline=cheap").JsonAsync()).GetProperty("problem").GetString()!.ShouldContain("it takes 200");

        // So many lists a second are logged; ask until there are enough.
        for (var asked = 0; asked < 3000 && this._server.Engine.Served.Latest(300).Count < 220; asked++)
        {
            var list = await shop.PostAsJsonAsync("/api/v1/recommendations", new { scenario = "cheap", user = $"user-{asked % 40}", count = 4 }).JsonAsync();
            var id = list.GetProperty("recommendation_id").GetString();
            await shop.PostAsJsonAsync("/api/v1/events/batch", Ids(list).Select(item => new { type = "impression", user = $"user-{asked % 40}", item, recommendation_id = id })).JsonAsync();
            if (asked % 20 == 19) await this._server.Engine.TendAsync(CancellationToken.None);
        }

        var report = await this.Admin.GetAsync("/api/v1/pipelines/shadow?pipeline=cheap").JsonAsync();

        report.GetProperty("shadow").GetString().ShouldBe("dear");
        report.GetProperty("lists").GetInt32().ShouldBeGreaterThanOrEqualTo(200);
        var rewards = report.GetProperty("rewards").EnumerateArray().ToList();
        rewards.Select(reward => reward.GetProperty("reward").GetString()).ShouldBe(["click", "cart", "purchase", "revenue"]);
        rewards[0].GetProperty("served").GetProperty("value").GetDouble().ShouldBe(0);
        rewards[0].GetProperty("supported").GetDouble().ShouldBe(1);
        rewards[0].GetProperty("verdict").GetString()!.ShouldContain("does not tell yet");
    }

    [Fact]
    public async Task Rows_OfAPageAndOfTheCallersOwn_RepeatNothing()
    {
        var shop = await this._server.WithRoleAsync("shop");
        var page = await shop.PostAsJsonAsync("/api/v1/recommendations/rows", new { page = "home" }).JsonAsync();
        var own = await shop.PostAsJsonAsync("/api/v1/recommendations/rows", new { rows = new object[] { new { scenario = "best-sellers", count = 3 }, new { scenario = "new-arrivals", count = 3 } } }).JsonAsync();

        page.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("placement").GetString()).ShouldBe(["home/recommended-for-you", "home/trending", "home/new-arrivals", "home/best-sellers"]);
        page.GetProperty("rows").EnumerateArray().SelectMany(Ids).ShouldBeUnique();
        own.GetProperty("rows").EnumerateArray().SelectMany(Ids).ToList().ShouldSatisfyAllConditions(ids => ids.Count.ShouldBe(6), ids => ids.ShouldBeUnique());
        (await shop.PostAsJsonAsync("/api/v1/recommendations/rows", new { page = "nowhere" }).ProblemAsync("page")).ShouldContain("home");
        (await shop.PostAsJsonAsync("/api/v1/recommendations/rows", new { user = "ann" }).ProblemAsync("rows")).ShouldContain("either page");
        (await shop.PostAsJsonAsync("/api/v1/recommendations/rows", new { rows = new object[] { new { scenario = "similar" } } }).ProblemAsync("items")).ShouldContain("similar");
    }

    [Fact]
    public async Task Exposure_IsReportedByGroup_AndAShareTellsItsCostInThePreview()
    {
        foreach (var item in new[] { "p0", "p0", "p2", "p1" })
            await this.Admin.PostAsJsonAsync("/api/v1/events", new { type = "impression", user = "ann", item }).JsonAsync();

        var report = await this.Admin.GetAsync("/api/v1/exposure?by=brand&days=7").JsonAsync();

        var groups = report.GetProperty("groups").EnumerateArray().ToList();
        groups.Select(group => (group.GetProperty("group").GetString(), group.GetProperty("impressions").GetInt32(), group.GetProperty("items").GetInt32())).ShouldBe([("even", 3, 6), ("odd", 1, 6)]);
        groups[0].GetProperty("proportion").GetDouble().ShouldBe(1.5);
        report.GetProperty("group_gini").GetDouble().ShouldBe(0.25, 1e-9);
        (await this.Admin.GetAsync("/api/v1/exposure?by=colour").ProblemAsync("by")).ShouldContain("seller");
        (await this.Admin.GetAsync("/api/v1/exposure?days=4000").ProblemAsync("days")).ShouldContain("90");
        var shop = await this._server.WithRoleAsync("shop");
        (await shop.GetAsync(new Uri("/api/v1/exposure", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        var preview = await this.Admin.PostAsJsonAsync("/api/v1/preview", new
        {
            pipelines = "pipelines: {best-sellers: {sources: [new-arrivals], exposure: [{name: odd, at-least: 1, where: 'item.brand == \"odd\"'}]}}", request = new { scenario = "best-sellers", count = 5 },
        }).JsonAsync();
        var exposure = preview.GetProperty("after").GetProperty("exposure");
        exposure.GetProperty("groups")[0].GetProperty("after").GetDouble().ShouldBe(1);
        exposure.GetProperty("score_given_up").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        preview.GetProperty("before").TryGetProperty("exposure", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Continues_AndExplain_AreAnswered()
    {
        var first = await this.Admin.PostAsJsonAsync("/api/v1/recommendations", new { scenario = "best-sellers", count = 4, explain = true }).JsonAsync();
        var second = await this.Admin.PostAsJsonAsync("/api/v1/recommendations", new { scenario = "best-sellers", count = 4, continues = first.GetProperty("recommendation_id").GetString() }).JsonAsync();

        Ids(first).Concat(Ids(second)).ShouldBeUnique();
        first.GetProperty("items")[0].GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("stage").GetString()).ShouldBe(["source", "pool", "place"]);
        second.GetProperty("items")[0].TryGetProperty("steps", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task WhyMissing_SaysTheStage_ToAdminsAlone()
    {
        var question = new { item = "p1", request = new { scenario = "best-sellers", filter = "item.brand == 'even'" } };

        var answer = await this.Admin.PostAsJsonAsync("/api/v1/recommendations/why-missing", question).JsonAsync();

        answer.GetProperty("stage").GetString().ShouldBe("request-filter");
        answer.GetProperty("text").GetString()!.ShouldContain("filter");
        (await (await this._server.WithRoleAsync("shop")).PostAsJsonAsync("/api/v1/recommendations/why-missing", question)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await (await this._server.WithRoleAsync("shop")).PutAsync("/api/v1/rules", new { document = "rules: []" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await this.Admin.PostAsJsonAsync("/api/v1/recommendations/why-missing", new { request = new { scenario = "best-sellers" } }).ProblemAsync("item")).ShouldContain("missing");
    }

    [Fact]
    public async Task Experiments_ArePublished_AndTheirResultsFollowTheEvents()
    {
        await this.Admin.PutAsync("/api/v1/pipelines", new { document = "pipelines: {even: {sources: [best-sellers], filter: item.brand == \"even\"}}" }).JsonAsync();
        await this.Admin.PutAsync("/api/v1/experiments", new { document = "experiments: {evens: {variants: {control: {}, even: {pipeline: even}}, scenarios: [best-sellers]}}" }).JsonAsync();
        for (var number = 0; number < 20; number++)
        {
            var list = await this.Admin.GetAsync($"/api/v1/recommendations/best-sellers?count=12&user=v{number}").JsonAsync();
            Ids(list).Count.ShouldBe(list.GetProperty("scenario").GetString() == "even" ? 6 : 12);
            await this.Admin.PostAsJsonAsync("/api/v1/events", new { type = "impression", user = $"v{number}", item = "p0", recommendation_id = list.GetProperty("recommendation_id").GetString(), placement = "row" }).JsonAsync();
        }

        var results = await this.Admin.GetAsync("/api/v1/experiments/evens/results").JsonAsync();

        results.GetProperty("variants").EnumerateArray().Sum(variant => variant.GetProperty("shoppers").GetInt32()).ShouldBe(20);
        results.GetProperty("metrics").EnumerateArray().Select(metric => metric.GetProperty("metric").GetString()).ShouldBe(["conversion", "revenue"]);
        results.GetProperty("active").GetBoolean().ShouldBeTrue();
        (await this.Admin.GetAsync("/api/v1/experiments/nothing/results")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await this.Admin.PutAsync("/api/v1/experiments", new { document = "experiments: {x: {variants: {a: {}, b: {pipeline: none}}}}" }).ProblemAsync("document")).ShouldContain("there is no pipeline none");
        var feedback = await this.Admin.GetAsync("/api/v1/feedback").JsonAsync();
        feedback.EnumerateArray().Single().GetProperty("impressions").GetInt32().ShouldBe(20);
        (await this.Admin.GetAsync("/api/v1/alerts").JsonAsync()).GetArrayLength().ShouldBe(0);
        (await this.Admin.GetAsync("/api/v1/feedback?by=week").ProblemAsync("by")).ShouldContain("day");
    }

    [Fact]
    public async Task RankingSettings_ArePublished_AndRankersListedAndRolledBack()
    {
        var published = await this.Admin.PutAsync("/api/v1/ranking", new { document = "gains: {margin: 0.5}\nmargin: net\nexchange: {share: 0.1}", after = 0 }).JsonAsync();

        published.GetProperty("version").GetInt32().ShouldBe(1);
        this._server.Engine.Ranking.Current.Gains.Margin.ShouldBe(0.5);
        (await this.Admin.PutAsync("/api/v1/ranking", new { document = "gains: {margin: 1}" }).ProblemAsync("document")).ShouldContain("add margin");
        (await this.Admin.GetAsync("/api/v1/rankers").JsonAsync()).GetArrayLength().ShouldBe(0);
        (await this.Admin.PostAsync(new Uri("/api/v1/rankers/3/activate", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await this.Admin.PostAsync(new Uri("/api/v1/rankers/0/activate", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await this._server.WithRoleAsync("shop")).GetAsync("/api/v1/rankers")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static List<string> Ids(JsonElement list) => [.. list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];

    private async Task<List<string>> AskAsync() => Ids(await this.Admin.GetAsync("/api/v1/recommendations/best-sellers?count=12").JsonAsync());
}
