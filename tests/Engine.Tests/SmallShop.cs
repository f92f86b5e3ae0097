using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Engine.Tests;

/// <summary>
/// A shop whose right answers are known: tea drinkers touch tea, gardeners touch tools, nobody both; tea-0 and tea-1 are always bought
/// together. Its store is a folder of its own.
/// </summary>
internal sealed class SmallShop : IAsyncDisposable
{
    public const int ItemsPerTaste = 12;
    private const int ShoppersPerTaste = 30;

    private readonly TemporaryFolder _folder = new();
    private int _events;

    public SmallShop() => this.Engine = this.Open();

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));

    public EngineServices Engine { get; private set; }

    public string Directory => this._folder.Path;

    public static Item Item(string id, string department, double price = 10, int? stock = null) => new()
    {
        Id = new ItemId(id), Title = $"The {id}", Category = ["Shop", department], Brand = department == "Tea" ? "Leaf" : "Iron", Price = price, Stock = stock,
    };

    public Event Event(EventType type, string? user, string item, double daysAgo = 0, string? basket = null) => new()
    {
        Id = EventId.From($"event-{this._events++}"),
        Type = type,
        User = user is null ? null : new UserId(user),
        Item = new ItemId(item),
        Time = this.Time.GetUtcNow().AddDays(-daysAgo),
        Basket = basket,
        Price = 10,
    };

    public Task AcceptAsync(params Event[] events) => this.Engine.Intake.AcceptAsync(events, CancellationToken.None);

    /// <summary>Catalogue and a hundred days of events.</summary>
    public async Task FillAsync()
    {
        var items = new List<Item>();
        foreach (var department in new[] { "Tea", "Tools" })
            for (var i = 0; i < ItemsPerTaste; i++) items.Add(Item($"{department.ToLowerInvariant()}-{i}", department, price: 5 + i));
        await this.Engine.Catalogue.UpsertAsync(items, CancellationToken.None);

        var random = new Random(7);
        var events = new List<Event>();
        foreach (var taste in new[] { "tea", "tools" })
        {
            for (var shopper = 0; shopper < ShoppersPerTaste; shopper++)
            {
                for (var visit = 0; visit < 8; visit++)
                    events.Add(this.Event(EventType.View, $"{taste}-lover-{shopper}", $"{taste}-{random.Next(ItemsPerTaste)}", daysAgo: random.NextDouble() * 100));
            }
        }

        for (var sale = 0; sale < 10; sale++)
        {
            events.Add(this.Event(EventType.Purchase, null, "tea-0", daysAgo: 50 + sale, basket: $"till-{sale}"));
            events.Add(this.Event(EventType.Purchase, null, "tea-1", daysAgo: 50 + sale, basket: $"till-{sale}"));
        }

        await this.AcceptAsync([.. events.OrderBy(given => given.Time)]);
    }

    /// <summary>Closes the store and opens it again, as a restart does.</summary>
    public async Task ReopenAsync()
    {
        await this.Engine.DisposeAsync();
        this.Engine = this.Open();
    }

    public async ValueTask DisposeAsync()
    {
        await this.Engine.DisposeAsync();
        this._folder.Dispose();
    }

    private EngineServices Open() => EngineServices.Open(this._folder.Path, this.Time, NullLoggerFactory.Instance);
}
