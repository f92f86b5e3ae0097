using System.Text.Json;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Hosts.Tests.Cli;

public sealed class SimulateCommandTests(SimulateCommandTests.DemoServer shop) : IClassFixture<SimulateCommandTests.DemoServer>
{
    /// <summary>A server with the demo shop's products and some of its shoppers; nothing is trained.</summary>
    public sealed class DemoServer : IAsyncLifetime
    {
        private readonly RunningServer _server = new();

        internal RunningServer Server => this._server;

        public string Address => this._server.Anonymous.BaseAddress!.ToString();

        public string Key => this._server.Admin.DefaultRequestHeaders.Authorization!.Parameter!;

        public async ValueTask InitializeAsync()
        {
            await this._server.InitializeAsync();
            var demo = DemoData.Create(1, TimeProvider.System.GetUtcNow().AddDays(-3), shoppers: 30);
            await this._server.Engine.Catalogue.UpsertAsync(demo.Items, TestContext.Current.CancellationToken);
            await this._server.Engine.Events.AppendAsync([.. demo.Events()], TestContext.Current.CancellationToken);
        }

        public ValueTask DisposeAsync() => this._server.DisposeAsync();
    }

    [Fact]
    public async Task Simulate_AgainstALiveServer_StoresWhatHappenedAndComparesTheArms()
    {
        var (exitCode, output, error) = await AisleProcess.RunAsync(
            "simulate", "--server", shop.Address, "--key", shop.Key, "--sessions", "80", "--days", "5", "--arms", "default,best-sellers,random,ideal,none", "--json");

        exitCode.ShouldBe(0, error);
        error.ShouldContain("100 % (shopping)");
        (output + error).ShouldNotContain(shop.Key);
        var json = JsonDocument.Parse(output).RootElement;
        json.GetProperty("baseline").GetString().ShouldBe("best-sellers");
        var arms = json.GetProperty("arms").EnumerateArray().ToList();
        arms.Select(arm => arm.GetProperty("arm").GetString()).ShouldBe(["default", "best-sellers", "random", "ideal", "none"]);
        arms.Sum(arm => arm.GetProperty("sessions").GetInt64()).ShouldBeInRange(60, 110);
        arms[0].GetProperty("impressions").GetInt64().ShouldBeGreaterThan(0);
        arms[0].GetProperty("metrics").GetProperty("click_through").TryGetProperty("lift", out _).ShouldBeTrue();
        arms[1].GetProperty("metrics").GetProperty("click_through").TryGetProperty("lift", out _).ShouldBeFalse();
        // By how much depends on the day: the demo shop ends today, and some sixteen visits an arm are few.
        foreach (var other in arms[..3]) Attraction(arms[3]).ShouldBeGreaterThan(1.2 * Attraction(other));
        arms[4].GetProperty("impressions").GetInt64().ShouldBe(0);
        this.StoredImpressionsOf(arms).ShouldBe(arms.Sum(arm => arm.GetProperty("impressions").GetInt64()));

        static double Attraction(JsonElement arm) => arm.GetProperty("metrics").GetProperty("true_attraction").GetProperty("value").GetDouble();
    }

    [Theory]
    [InlineData(2, "A key is needed", "--key", "")]
    [InlineData(2, "takes an address", "--server", "localhost")]
    [InlineData(2, "allowed are 10 to", "--sessions", "1")]
    [InlineData(2, "named twice", "--arms", "none,none")]
    [InlineData(2, "--minutes takes", "--minutes", "0")]
    [InlineData(1, "does not know this key", "--key", "wrong")]
    [InlineData(1, "does not answer", "--server", "http://127.0.0.1:9")]
    [InlineData(1, "no-such-pipeline", "--arms", "no-such-pipeline")]
    public async Task Simulate_ThatCannotRun_SaysWhyInALine(int expected, string part, string option, string value)
    {
        List<string> call = ["simulate", "--server", shop.Address, "--key", shop.Key, "--sessions", "20"];
        var place = call.IndexOf(option);
        if (place >= 0) call[place + 1] = value;
        else call.AddRange([option, value]);

        var (exitCode, output, error) = await AisleProcess.RunAsync([.. call]);

        exitCode.ShouldBe(expected, error);
        output.ShouldBeEmpty();
        error.ShouldContain(part);
        error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Simulate_WithAKeyThatMayNotReadShoppers_SaysWhichRoleIsNeeded()
    {
        using var client = await shop.Server.WithRoleAsync("shop");

        var (exitCode, _, error) = await AisleProcess.RunAsync(
            "simulate", "--server", shop.Address, "--key", client.DefaultRequestHeaders.Authorization!.Parameter!, "--sessions", "20");

        exitCode.ShouldBe(1);
        error.ShouldContain("role admin");
    }

    [Fact]
    public async Task Simulate_InAnotherShop_IsRefused()
    {
        var other = new RunningServer();
        await other.InitializeAsync();
        try
        {
            var (exitCode, _, error) = await AisleProcess.RunAsync(
                "simulate", "--server", other.Anonymous.BaseAddress!.ToString(), "--key", other.Admin.DefaultRequestHeaders.Authorization!.Parameter!);

            exitCode.ShouldBe(1);
            error.ShouldContain("is not the demo shop");
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    private long StoredImpressionsOf(List<JsonElement> arms)
    {
        // Shoppers of the demo shop that the simulation may have sent; each has few events of it.
        var most = arms.Sum(arm => arm.GetProperty("sessions").GetInt64()) * 500;
        return Enumerable.Range(1, 5000)
            .SelectMany(number => shop.Server.Engine.Events.LatestOf(new UserId($"shopper-{number:0000}"), (int)most))
            .Count(stored => stored.Event.Type == EventType.Impression && stored.Event.Placement!.StartsWith("simulation/", StringComparison.Ordinal));
    }
}
