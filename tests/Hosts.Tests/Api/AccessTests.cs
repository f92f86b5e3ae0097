using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aisle.Engine.Shop;

namespace Aisle.Hosts.Tests.Api;

public sealed class AccessTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly object View = new { type = "view", user = "u", item = "i" };

    [Theory]
    [InlineData("POST", "/api/v1/events")]
    [InlineData("GET", "/api/v1/items")]
    [InlineData("PUT", "/api/v1/items/x")]
    [InlineData("GET", "/api/v1/users")]
    [InlineData("GET", "/api/v1/recommendations/best-sellers")]
    [InlineData("GET", "/api/v1/models")]
    [InlineData("POST", "/api/v1/training-runs")]
    [InlineData("GET", "/api/v1/keys")]
    public async Task AnyCall_WithoutAKey_IsRefusedWithTheNextStep(string method, string address)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = method == "GET" ? null : JsonContent.Create(View) };
        using var response = await server.Anonymous.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await response.Content.ReadAsStringAsync()).ShouldContain("admin-key.txt");
    }

    [Theory]
    [InlineData("tracker", "POST", "/api/v1/events", HttpStatusCode.OK)]
    [InlineData("tracker", "GET", "/api/v1/recommendations/best-sellers", HttpStatusCode.Forbidden)]
    [InlineData("tracker", "GET", "/api/v1/items", HttpStatusCode.Forbidden)]
    [InlineData("tracker", "GET", "/api/v1/users/u/events", HttpStatusCode.Forbidden)]
    [InlineData("tracker", "GET", "/api/v1/keys", HttpStatusCode.Forbidden)]
    [InlineData("shop", "POST", "/api/v1/events", HttpStatusCode.OK)]
    [InlineData("shop", "GET", "/api/v1/recommendations/best-sellers", HttpStatusCode.OK)]
    [InlineData("shop", "GET", "/api/v1/items", HttpStatusCode.OK)]
    [InlineData("shop", "PUT", "/api/v1/items/x", HttpStatusCode.Forbidden)]
    [InlineData("shop", "GET", "/api/v1/models", HttpStatusCode.Forbidden)]
    [InlineData("shop", "GET", "/api/v1/users", HttpStatusCode.Forbidden)]
    [InlineData("admin", "GET", "/api/v1/keys", HttpStatusCode.OK)]
    public async Task Call_WithARole_MayDoWhatTheTableSays(string role, string method, string address, HttpStatusCode expected)
    {
        using var client = await server.WithRoleAsync(role);
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = method == "GET" ? null : JsonContent.Create(View) };

        using var response = await client.SendAsync(request);

        response.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task Key_Revoked_WorksNoMore()
    {
        var made = await server.Admin.PostAsJsonAsync("/api/v1/keys", new { name = "short-lived", role = "shop" }).JsonAsync(HttpStatusCode.Created);
        using var client = server.WithKey(made.GetProperty("key").GetString()!);
        (await client.GetAsync("/api/v1/items")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await server.Admin.DeleteAsync($"/api/v1/keys/{made.GetProperty("id").GetString()}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await client.GetAsync("/api/v1/items")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Keys_Listed_ShowNoSecrets()
    {
        var made = await server.Admin.PostAsJsonAsync("/api/v1/keys", new { name = "listed", role = "tracker" }).JsonAsync(HttpStatusCode.Created);

        var listed = await (await server.Admin.GetAsync("/api/v1/keys")).Content.ReadAsStringAsync();

        listed.ShouldContain("listed");
        listed.ShouldNotContain(made.GetProperty("key").GetString()!.Split('_', 3)[2], Case.Sensitive);
        listed.ShouldNotContain("hash");
    }

    [Fact]
    public void AdminKeyFile_IsForItsOwnerAlone()
    {
        if (OperatingSystem.IsWindows()) return;
        File.GetUnixFileMode(Path.Combine(server.Store, "admin-key.txt")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Console_OfAShopThatIsNoDemo_AsksForTheKey()
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = server.Anonymous.BaseAddress };

        using var response = await client.GetAsync("/console");

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.ToString().ShouldContain("/console/sign-in");
    }

    [Fact]
    public async Task Console_SignedInWithTheAdminKey_Opens_AndNotWithATrackerKey()
    {
        var admin = (await File.ReadAllTextAsync(Path.Combine(server.Store, "admin-key.txt"))).Trim();
        var tracker = (await server.Admin.PostAsJsonAsync("/api/v1/keys", new { name = "page", role = "tracker" }).JsonAsync(HttpStatusCode.Created)).GetProperty("key").GetString()!;

        (await this.SignInAsync(tracker)).ShouldContain("not a valid admin key");
        (await this.SignInAsync(admin)).ShouldContain("Overview");
    }

    [Fact]
    public async Task Console_TermsOfDelivery_AreSet_AndNonsenseIsRefusedInWords()
    {
        using var client = new HttpClient { BaseAddress = server.Anonymous.BaseAddress };
        var admin = (await File.ReadAllTextAsync(Path.Combine(server.Store, "admin-key.txt"))).Trim();
        await SendAsync("/console/sign-in", "/console/sign-in", ("key", admin), ("returnUrl", "/console"));

        (await SendAsync("/console", "/console/delivery", ("price", "3.5"), ("free-from", "80"))).ShouldContain("value=\"80\"");
        server.Engine.Delivery.Terms.ShouldBe(new DeliveryTerms(3.5, 80));
        (await SendAsync("/console", "/console/delivery", ("price", "-1"), ("free-from", "<b>"))).ShouldContain("Both must be numbers from 0");
        server.Engine.Delivery.Terms.ShouldBe(new DeliveryTerms(3.5, 80));
        await SendAsync("/console", "/console/delivery", ("price", "0"), ("free-from", ""));
        server.Engine.Delivery.Terms.ShouldBe(new DeliveryTerms(0, null));

        async Task<string> SendAsync(string page, string address, params (string Name, string Value)[] fields)
        {
            var token = (await client.GetStringAsync(page)).Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
            using var form = new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", token)).ToDictionary(field => field.Item1, field => field.Item2));
            using var answer = await client.PostAsync(new Uri(address, UriKind.Relative), form);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task OpenApi_DescribesEveryResource()
    {
        var document = await server.Anonymous.GetFromJsonAsync<JsonElement>("/openapi/v1.json");

        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        foreach (var resource in new[] { "events", "events/batch", "items/{id}", "users/{id}", "recommendations/{scenario}", "models", "training-runs", "keys" })
            paths.ShouldContain($"/api/v1/{resource}");
        (await server.Anonymous.GetStringAsync("/swagger/index.html")).ShouldContain("swagger");
    }

    private async Task<string> SignInAsync(string key)
    {
        using var client = new HttpClient { BaseAddress = server.Anonymous.BaseAddress };
        var page = await client.GetStringAsync("/console/sign-in");
        var token = page.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["key"] = key, ["returnUrl"] = "/console" });
        using var answer = await client.PostAsync(new Uri("/console/sign-in", UriKind.Relative), form);
        return await answer.Content.ReadAsStringAsync();
    }
}
