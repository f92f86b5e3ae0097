using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aisle.Engine;
using Aisle.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Aisle.Hosts.Tests;

/// <summary>The real server on a port of its own, over a store in a folder of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    /// <summary>How long a sender who asks first waits for the answer; busy machines are slow.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;
    private WebApplication? _app;

    public HttpClient Admin { get; private set; } = null!;

    public HttpClient Anonymous { get; private set; } = null!;

    public string Store => Path.Combine(this._folder, "store");

    internal EngineServices Engine => this._app!.Services.GetRequiredService<EngineServices>();

    public async ValueTask InitializeAsync()
    {
        this._app = await AisleServer.CreateAsync(
            ["--urls", "http://127.0.0.1:0", "--store", this.Store, "--demo", "false", "--Logging:LogLevel:Default", "Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning"], TimeProvider.System);
        await this._app.StartAsync();
        this.Anonymous = new HttpClient { BaseAddress = new Uri(this._app.Urls.Single()) };
        this.Admin = this.WithKey((await File.ReadAllTextAsync(Path.Combine(this.Store, "admin-key.txt"))).Trim());
    }

    public async ValueTask DisposeAsync()
    {
        this.Admin?.Dispose();
        this.Anonymous?.Dispose();
        if (this._app is not null)
        {
            await this._app.StopAsync();
            await this._app.DisposeAsync();
        }

        Directory.Delete(this._folder, recursive: true);
    }

    public HttpClient WithKey(string key) => new(new SocketsHttpHandler { Expect100ContinueTimeout = Patience })
    {
        BaseAddress = this.Anonymous.BaseAddress,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };

    /// <summary>A client with a fresh key of a role.</summary>
    public async Task<HttpClient> WithRoleAsync(string role)
    {
        var made = await this.Admin.PostAsJsonAsync("/api/v1/keys", new { name = $"for a {role}", role });
        made.EnsureSuccessStatusCode();
        return this.WithKey((await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!);
    }
}
