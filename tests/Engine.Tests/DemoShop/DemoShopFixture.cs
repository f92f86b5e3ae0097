using Aisle.Engine.DemoShop;
using Aisle.Engine.Events;

namespace Aisle.Engine.Tests.DemoShop;

/// <summary>One demo shop and its year, made once for all tests that look at it.</summary>
public sealed class DemoShopFixture
{
    public static readonly DateTimeOffset End = new(2025, 9, 14, 16, 30, 0, TimeSpan.Zero);

    public DemoShopFixture()
    {
        this.Shop = DemoData.Create(seed: 7, End);
        this.Events = [.. this.Shop.Events()];
    }

    public DemoData Shop { get; }

    public IReadOnlyList<Event> Events { get; }

    public int Count(EventType type) => this.Events.Count(happened => happened.Type == type);
}

[CollectionDefinition(Name)]
public sealed class DemoShopCollection : ICollectionFixture<DemoShopFixture>
{
    public const string Name = "demo shop";
}
