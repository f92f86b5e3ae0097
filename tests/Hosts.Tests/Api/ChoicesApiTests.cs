using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Api;

/// <summary>Rank and reward over HTTP.</summary>
public sealed class ChoicesApiTests : IAsyncLifetime
{
    private const string Document =
        """
        choices:
          banner: {policy: {prior_failures: 9}, learns: at-reward, most_actions: 3}
          layout: {policy: {belief: linear}, features: {price: number, device: {of: context, values: [phone, desk]}}}
        """;

    private readonly RunningServer _server = new();
    private HttpClient _shop = null!;

    private static object Banners => new[] { new { id = "a" }, new { id = "b" }, new { id = "c" } };

    public async ValueTask InitializeAsync()
    {
        await this._server.InitializeAsync();
        this._shop = await this._server.WithRoleAsync("shop");
        await this._server.Admin.PutAsync("/api/v1/choices", new { document = Document }).JsonAsync();
    }

    public async ValueTask DisposeAsync()
    {
        this._shop.Dispose();
        await this._server.DisposeAsync();
    }

    [Fact]
    public async Task RankAndReward_AreIdempotent_AndShowInTheState()
    {
        var first = await this.RankAsync("banner", new { actions = Banners, count = 2, decision_id = "cart-7", user = "ann" }).JsonAsync();
        var again = await this.RankAsync("banner", new { actions = Banners, count = 2, decision_id = "cart-7", user = "ann" }).JsonAsync();
        var top = first.GetProperty("actions")[0].GetProperty("id").GetString();

        again.GetRawText().ShouldBe(first.GetRawText());
        first.GetProperty("actions").GetArrayLength().ShouldBe(2);
        first.GetProperty("actions")[0].GetProperty("propensity").GetDouble().ShouldBe(1 / 3.0, 1e-6);
        (await this.RankAsync("banner", new { actions = new[] { new { id = "z" } }, decision_id = "cart-7" })).StatusCode.ShouldBe(HttpStatusCode.Conflict);

        (await this.RewardAsync("banner", new { decision_id = "cart-7", reward = 1 }).JsonAsync()).GetProperty("recorded").GetBoolean().ShouldBeTrue();
        var second = await this.RewardAsync("banner", new { decision_id = "cart-7", reward = 0.5, action = top }).JsonAsync();
        second.GetProperty("outcome").GetString().ShouldBe("already-rewarded");
        second.GetProperty("reward").GetDouble().ShouldBe(1);
        await this.RewardAsync("banner", new { decision_id = "cart-7", reward = 0, action = first.GetProperty("actions")[1].GetProperty("id").GetString() }).JsonAsync();

        var state = await this._server.Admin.GetAsync("/api/v1/choices/banner").JsonAsync();
        state.GetProperty("decisions").GetInt32().ShouldBe(1);
        state.GetProperty("mean_reward").GetDouble().ShouldBe(1);
        state.GetProperty("actions").EnumerateArray().Single(action => action.GetProperty("id").GetString() == top).GetProperty("expected").GetDouble().ShouldBe(2 / 11.0, 1e-9);
        (await this.RewardAsync("banner", new { decision_id = "never", reward = 1 })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Roles_ShopKeysAsk_AdminsManage_TrackersDoNeither()
    {
        var tracker = await this._server.WithRoleAsync("tracker");

        (await tracker.PostAsJsonAsync("/api/v1/choices/banner/rank", new { actions = Banners })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await tracker.PostAsJsonAsync("/api/v1/choices/banner/reward", new { decision_id = "x", reward = 1 })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await this.RankAsync("banner", new { actions = Banners })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await this._shop.GetAsync("/api/v1/choices/banner")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await this._shop.GetAsync("/api/v1/choices")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await this._shop.PutAsync("/api/v1/choices", new { document = "choices: {}" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await this._shop.PostAsJsonAsync("/api/v1/choices/banner/evaluate", new { })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await this._server.Anonymous.PostAsJsonAsync("/api/v1/choices/banner/rank", new { actions = Banners })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("banner", """{}""", "actions")]
    [InlineData("banner", """{"actions": []}""", "actions")]
    [InlineData("banner", """{"actions": [{}]}""", "actions[0].id")]
    [InlineData("banner", """{"actions": [{"id": "a"}, {"id": "a"}]}""", "actions[1].id")]
    [InlineData("banner", """{"actions": [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d"}]}""", "actions")]
    [InlineData("banner", """{"actions": [{"id": "a"}], "count": 0}""", "count")]
    [InlineData("banner", """{"actions": [{"id": "a"}], "decision_id": ""}""", "decision_id")]
    [InlineData("banner", """{"actions": [{"id": "a"}], "user": ""}""", "user")]
    [InlineData("banner", """{"actions": [{"id": "a", "features": {"price": 1}}]}""", "actions[0].features.price")]
    [InlineData("layout", """{"actions": [{"id": "a", "features": {"price": 1e300}}]}""", "actions[0].features")]
    [InlineData("layout", """{"actions": [{"id": "a", "features": {"price": "NaN"}}]}""", "actions[0].features.price")]
    [InlineData("layout", """{"actions": [{"id": "a", "features": {"price": [1]}}]}""", "actions[0].features")]
    [InlineData("layout", """{"actions": [{"id": "a"}], "context": {"price": 1}}""", "context.price")]
    [InlineData("layout", """{"actions": [{"id": "a"}], "context": {"device": 1}}""", "context.device")]
    public async Task Rank_OfWhatIsNotAllowed_IsRefusedByName(string choice, string body, string field) =>
        (await this._shop.PostTextAsync($"/api/v1/choices/{choice}/rank", body).ProblemAsync(field)).ShouldNotBeEmpty();

    [Theory]
    [InlineData("""{"decision_id": "x"}""", "reward")]
    [InlineData("""{"reward": 1}""", "decision_id")]
    [InlineData("""{"decision_id": "x", "reward": 1.5}""", "reward")]
    [InlineData("""{"decision_id": "x", "reward": "NaN"}""", "reward")]
    public async Task Reward_OfWhatIsNotAllowed_IsRefusedByName(string body, string field) =>
        (await this._shop.PostTextAsync("/api/v1/choices/banner/reward", body).ProblemAsync(field)).ShouldNotBeEmpty();

    [Theory]
    [InlineData("choices: {versions: {}}", "versions")]
    [InlineData("choices: {x: {mode: lerning}}", "did you mean learning?")]
    [InlineData("choices: {x: {policy: {belief: linear, rule: softmax, exploration: 2}}}", "exploration must be a number from 0 to 1")]
    [InlineData("choices: {x: {features: {a: {buckets: 200}, b: {buckets: 200}}}}", "at most 256")]
    [InlineData("choices: {x: {features: {a: number}, crosses: [[a, b]]}}", "there is no feature b")]
    [InlineData("choices: {x: {default_reward: 2}}", "default_reward must lie between 0 and 1")]
    [InlineData("choices: {x: {feedback: cascade, default_reward: 0.5}}", "cascade")]
    public async Task Document_ThatIsWrong_IsRefusedWithTheReason(string document, string reason) =>
        (await this._server.Admin.PutAsync("/api/v1/choices", new { document }).ProblemAsync("document")).ShouldContain(reason);

    [Fact]
    public async Task Evaluate_JudgesBaselinesAndPolicies_AndNamesTheProblem()
    {
        var early = await this.EvaluateAsync(new { baseline = "uniform" });
        early.GetProperty("problem").GetString()!.ShouldContain("mode learning");
        // Ids of our own: the draws follow from them, and so do the figures below.
        for (var visit = 0; visit < 160; visit++)
        {
            var decision = await this.RankAsync("banner", new { actions = Banners, decision_id = $"visit-{visit}" }).JsonAsync();
            var isBest = decision.GetProperty("actions")[0].GetProperty("id").GetString() == "a";
            await this.RewardAsync("banner", new { decision_id = decision.GetProperty("decision_id").GetString(), reward = isBest ? 1 : 0 }).JsonAsync();
        }

        var first = await this.EvaluateAsync(new { baseline = "first" });
        first.GetProperty("candidate").GetProperty("doubly_robust").GetProperty("value").GetDouble().ShouldBe(1, 0.1);
        first.GetProperty("decisions").GetInt32().ShouldBe(128);
        (await this.EvaluateAsync(new { policy = new { rule = "greedy", exploration = 0.2 } })).GetProperty("candidate").GetProperty("effective_size").GetDouble().ShouldBeGreaterThan(50);
        (await this._server.Admin.PostAsJsonAsync("/api/v1/choices/banner/evaluate", new { policy = new { rule = "boldest" } }).ProblemAsync("policy")).ShouldContain("greedy");
        (await this._server.Admin.PostAsJsonAsync("/api/v1/choices/banner/evaluate", new { baseline = "best" }).ProblemAsync("baseline")).ShouldContain("uniform");
        (await this._server.Admin.PostAsJsonAsync("/api/v1/choices/nowhere/evaluate", new { })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private Task<HttpResponseMessage> RankAsync(string choice, object body) => this._shop.PostAsJsonAsync($"/api/v1/choices/{choice}/rank", body);

    private Task<HttpResponseMessage> RewardAsync(string choice, object body) => this._shop.PostAsJsonAsync($"/api/v1/choices/{choice}/reward", body);

    private Task<JsonElement> EvaluateAsync(object body) => this._server.Admin.PostAsJsonAsync("/api/v1/choices/banner/evaluate", body).JsonAsync();
}
