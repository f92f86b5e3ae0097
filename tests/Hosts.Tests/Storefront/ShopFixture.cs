using Aisle.Engine;
using Aisle.Engine.Catalog;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Profiles;
using Aisle.Engine.Shop;

namespace Aisle.Hosts.Tests.Storefront;

/// <summary>The server over a small demo shop: all products, few shoppers, no model. Shared: each test comes with a visitor of its own.</summary>
public sealed class ShopFixture : IAsyncLifetime
{
    public static readonly Item Hostile = new()
    {
        Id = new ItemId("odd/<b>&\"'"),
        Title = "<script>alert('title')</script>",
        Description = "</main><img src=x onerror=alert(1)>",
        Brand = "\"><b>brand",
        Category = ["<i>Odd", "Things & more"],
        Price = 3,
        Image = "javascript:alert(1)",
    };

    private readonly RunningServer _server = new();

    internal EngineServices Engine => this._server.Engine;

    public async ValueTask InitializeAsync()
    {
        await this._server.InitializeAsync();
        var demo = DemoData.Create(3, TimeProvider.System.GetUtcNow(), shoppers: 40);
        await this.Engine.Settings.SetAsync(ShopKind.Setting, ShopKind.Demo, CancellationToken.None);
        // Otherwise the next round of the server's upkeep would tell of the demo shop's delivery, some moments from now.
        this.Engine.Delivery.Refresh();
        await this.Engine.Catalogue.UpsertAsync([.. demo.Items, Hostile], CancellationToken.None);
        await this.Engine.Users.UpsertAsync(demo.Shoppers, CancellationToken.None);
        // Shoppers of an API's caller, whose ids come before those of the demo shop's own.
        await this.Engine.Users.UpsertAsync([.. Enumerable.Range(0, 60).Select(number => new User { Id = new UserId($"another-{number}") })], CancellationToken.None);
        foreach (var batch in demo.Events().Chunk(1000)) await this.Engine.Intake.AcceptAsync(batch, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => this._server.DisposeAsync();

    /// <summary>A browser without scripts and without a past.</summary>
    public PlainBrowser Open() => new(this._server.Anonymous.BaseAddress!);

    /// <summary>Something that can be bought.</summary>
    public Item OnSale(int number) => this.Engine.Catalogue.Items
        .Where(item => item.Stock > 0 && item.AvailableFrom < TimeProvider.System.GetUtcNow()).ElementAt(number);
}

[CollectionDefinition(Name)]
public sealed class ShopCollection : ICollectionFixture<ShopFixture>
{
    public const string Name = "storefront";
}
