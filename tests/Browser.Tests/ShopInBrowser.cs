using Aisle.Engine;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Shop;
using Aisle.Engine.Training;
using Aisle.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Aisle.Browser.Tests;

/// <summary>The real server over a small, trained demo shop, and a headless Chromium to look at it.</summary>
public sealed class ShopInBrowser : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>Busy machines are slow; a test that passes waits for none of it.</summary>
    private const float PatienceMs = 60_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-browser-").FullName;
    private WebApplication? _app;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public EngineServices Engine => this._app!.Services.GetRequiredService<EngineServices>();

    public string Address => this._app!.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        File.Exists(Chromium).ShouldBeTrue($"The browser tests need {Chromium}: apt-get install chromium fonts-noto-cjk, or run ./test, which does that.");
        this._app = await AisleServer.CreateAsync(
            [
                "--urls", "http://127.0.0.1:0", "--store", Path.Combine(this._folder, "store"), "--demo", "false",
                "--Logging:LogLevel:Default", "Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning",
            ],
            TimeProvider.System);
        await this.FillAsync();
        await this._app.StartAsync();
        this._playwright = await Playwright.CreateAsync();
        this._browser = await this._playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (this._browser is not null) await this._browser.DisposeAsync();
        this._playwright?.Dispose();
        if (this._app is not null)
        {
            await this._app.StopAsync();
            await this._app.DisposeAsync();
        }

        Directory.Delete(this._folder, recursive: true);
    }

    /// <summary>A page of a new visitor; what went wrong in it is in <see cref="BrowserPage.Troubles"/>.</summary>
    public async Task<BrowserPage> OpenAsync(int width = 1280, bool scripts = true, string locale = "en-GB")
    {
        var context = await this._browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = this.Address,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            JavaScriptEnabled = scripts,
            Locale = locale,
        });
        context.SetDefaultTimeout(PatienceMs);
        return new BrowserPage(context, await context.NewPageAsync());
    }

    private async Task FillAsync()
    {
        var demo = DemoData.Create(5, TimeProvider.System.GetUtcNow(), shoppers: 250);
        await this.Engine.Settings.SetAsync(ShopKind.Setting, ShopKind.Demo, CancellationToken.None);
        await this.Engine.Catalogue.UpsertAsync(demo.Items, CancellationToken.None);
        await this.Engine.Users.UpsertAsync(demo.Shoppers, CancellationToken.None);
        foreach (var batch in demo.Events().Chunk(5000)) await this.Engine.Events.AppendAsync(batch, CancellationToken.None);
        this.Engine.CatchUp();

        // An ensemble's members are chosen by the data of the moment: without one, what serves is among the candidates of the next run, which then publishes.
        await this.Engine.Training.RunAsync(new TrainingOptions { Ensemble = false }, "test", null, CancellationToken.None);
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<ShopInBrowser>
{
    public const string Name = "browser";
}

/// <summary>One visitor's page.</summary>
public sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    public BrowserPage(IBrowserContext context, IPage page)
    {
        this._context = context;
        this.Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") this.Troubles.Add(message.Text);
        };
        page.PageError += (_, error) => this.Troubles.Add(error);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400) this.Troubles.Add($"{response.Status} {response.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>Script errors, warnings of the browser (its content security policy among them) and answers that were errors.</summary>
    public List<string> Troubles { get; } = [];

    public Task OfflineAsync(bool offline) => this._context.SetOfflineAsync(offline);

    /// <summary>The visitor's id, as the page tells aisle.js.</summary>
    public async Task<string> VisitorAsync() => (await this.Page.GetAttributeAsync("meta[name=aisle-user]", "content"))!;

    public async Task<IReadOnlyList<string>> ItemsOfAsync(string row) =>
        await this.Page.Locator($"#{row} [data-item]").EvaluateAllAsync<string[]>("links => links.map(link => link.dataset.item)");

    /// <summary>Does something and waits until the server has acknowledged an event that holds all the words.</summary>
    public Task SendingAsync(Func<Task> act, params string[] words) => this.Page.RunAndWaitForResponseAsync(
        act,
        response => response.Ok && response.Url.EndsWith("/api/v1/events/batch", StringComparison.Ordinal)
            && words.All(word => response.Request.PostData?.Contains(word, StringComparison.Ordinal) == true));

    public ValueTask DisposeAsync() => this._context.DisposeAsync();
}
