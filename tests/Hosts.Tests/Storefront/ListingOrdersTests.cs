using Aisle.Engine;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Tests;
using Aisle.Server.Storefront;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Hosts.Tests.Storefront;

public sealed class ListingOrdersTests : IAsyncLifetime
{
    private static readonly UserId Ann = new("ann");
    private static readonly ItemFilter Mugs = new() { Category = ["Mugs"] };

    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private EngineServices _engine = null!;
    private ListingOrders _orders = null!;

    public async ValueTask InitializeAsync()
    {
        this._engine = EngineServices.Open(this._folder, this._time, NullLoggerFactory.Instance);
        this._orders = new ListingOrders(this._engine.Recommendations);
        await this._engine.Catalogue.UpsertAsync(
            [.. Enumerable.Range(0, 6).Select(i => new Item { Id = new ItemId($"mug-{i}"), Title = $"Mug {i}", Category = ["Mugs"], Price = 5 + i })], CancellationToken.None);
        await this.SellAsync("mug-0");
    }

    public async ValueTask DisposeAsync()
    {
        this._orders.Dispose();
        await this._engine.DisposeAsync();
        Directory.Delete(this._folder, recursive: true);
    }

    [Fact]
    public async Task For_LaterPage_GoesOnFromTheFirst()
    {
        var first = this._orders.For(Ann, Mugs, page: 1);
        await this.SellAsync("mug-5");

        this._orders.For(Ann, Mugs, page: 2).ShouldBeSameAs(first);
    }

    [Fact]
    public async Task For_FirstPageAgain_IsPutInOrderAnew()
    {
        this._orders.For(Ann, Mugs, page: 1).Items[0].ShouldBe(new ItemId("mug-0"));
        await this.SellAsync("mug-5");

        this._orders.For(Ann, Mugs, page: 1).Items[0].ShouldBe(new ItemId("mug-5"));
    }

    [Fact]
    public async Task For_LaterPageOfAnotherShopperOrFilter_HasItsOwnOrder()
    {
        this._orders.For(Ann, Mugs, page: 1);
        await this.SellAsync("mug-5");

        this._orders.For(new UserId("ben"), Mugs, page: 2).Items[0].ShouldBe(new ItemId("mug-5"));
        this._orders.For(Ann, Mugs with { MaxPrice = 8 }, page: 2).Items.Count.ShouldBe(4);
    }

    /// <summary>Twenty orders, long enough ago to be counted.</summary>
    private async Task SellAsync(string item)
    {
        await this._engine.Intake.AcceptAsync(
            [.. Enumerable.Range(0, 20).Select(i => new Event
            {
                Id = EventId.From($"{item}-{i}-{this._time.GetUtcNow():O}"),
                Type = EventType.Purchase,
                User = new UserId($"buyer-{i}"),
                Item = new ItemId(item),
                Time = this._time.GetUtcNow(),
            })],
            CancellationToken.None);
        this._time.Advance(ItemStatistics.RefreshInterval + ItemStatistics.RefreshInterval);
    }
}
