using System.Text.Json;
using Aisle.Engine.Catalog;

namespace Aisle.Engine.Tests.Storage.Contracts;

/// <summary>What every catalogue store must do.</summary>
public abstract class CatalogStoreContract
{
    private static readonly Item Mug = new()
    {
        Id = new ItemId("mug-1"),
        Title = "Mug \"Dawn\" <blue>",
        Description = "Holds 0.4 l.\nDishwasher-proof.",
        Category = ["Kitchen", "Mugs"],
        Brand = "Töpfer & Sohn",
        Price = 12.5,
        Stock = 7,
        Image = "/images/mug-1.svg",
        Tags = ["blue", "gift"],
        Attributes = new Dictionary<string, string> { ["colour"] = "blue", ["material"] = "stoneware" },
        Translations = new Dictionary<string, ItemText> { ["zh"] = new("“黎明”马克杯", "容量 0.4 升", ["厨房", "马克杯"]), ["de"] = new("Becher", null, []) },
        AvailableFrom = new DateTimeOffset(2024, 5, 6, 7, 8, 9, 123, TimeSpan.Zero),
    };

    private static readonly Item Bare = new() { Id = new ItemId("85123A"), Title = "" };

    protected abstract ICatalogStore Open();

    [Fact]
    public async Task Upsert_EveryField_IsReadBackAsItWas()
    {
        var store = this.Open();

        (await store.UpsertAsync([Mug, Bare], CancellationToken.None)).ShouldBe(2);

        Told(store.Find(Mug.Id)!).ShouldBe(Told(Mug));
        Told(store.Find(Bare.Id)!).ShouldBe(Told(Bare));
        store.Find(new ItemId("MUG-1")).ShouldBeNull();
        this.Open().Find(Mug.Id)!.TextIn("zh").Category.ShouldBe(["厨房", "马克杯"]);
    }

    [Fact]
    public async Task Upsert_SameContentAgain_CountsNothingAndKeepsTheVersion()
    {
        var store = this.Open();
        await store.UpsertAsync([Mug, Bare], CancellationToken.None);
        var version = store.Version();
        var sameInAnotherOrder = Mug with { Attributes = Mug.Attributes.Reverse().ToDictionary(), Translations = Mug.Translations.Reverse().ToDictionary() };

        (await store.UpsertAsync([Bare, sameInAnotherOrder], CancellationToken.None)).ShouldBe(0);

        store.Version().ShouldBe(version);
    }

    public static TheoryData<string> Changes => ["title", "description", "category", "brand", "price", "stock", "image", "tags", "attributes", "translations", "available-from"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Upsert_OneFieldChanged_CountsItAndMovesTheVersion(string field)
    {
        var store = this.Open();
        await store.UpsertAsync([Mug, Bare], CancellationToken.None);
        var version = store.Version();
        var changed = field switch
        {
            "title" => Mug with { Title = "Mug" },
            "description" => Mug with { Description = null },
            "category" => Mug with { Category = ["Kitchen"] },
            "brand" => Mug with { Brand = null },
            "price" => Mug with { Price = 12.51 },
            "stock" => Mug with { Stock = 0 },
            "image" => Mug with { Image = null },
            "tags" => Mug with { Tags = ["gift", "blue"] },
            "attributes" => Mug with { Attributes = new Dictionary<string, string> { ["colour"] = "red" } },
            "translations" => Mug with { Translations = new Dictionary<string, ItemText>() },
            _ => Mug with { AvailableFrom = null },
        };

        (await store.UpsertAsync([Bare, changed], CancellationToken.None)).ShouldBe(1);

        Told(store.Find(Mug.Id)!).ShouldBe(Told(changed));
        store.Version().ShouldBeGreaterThan(version);
    }

    [Fact]
    public async Task ReadAll_AfterAChange_KeepsTheOrderOfFirstAdding()
    {
        var store = this.Open();
        var items = Enumerable.Range(0, 2500).Select(i => new Item { Id = new ItemId($"item{(i * 7919) % 2500}"), Title = $"Item {i}" }).ToList();
        await store.UpsertAsync(items, CancellationToken.None);

        await store.UpsertAsync([items[3] with { Title = "Changed" }], CancellationToken.None);

        store.ReadAll().Select(item => item.Id).ShouldBe(items.Select(item => item.Id));
        store.ReadAll().ElementAt(3).Title.ShouldBe("Changed");
    }

    [Fact]
    public async Task Delete_KnownAndUnknown_CountsTheKnown()
    {
        var store = this.Open();
        await store.UpsertAsync([Mug, Bare], CancellationToken.None);
        var version = store.Version();

        (await store.DeleteAsync([Mug.Id, new ItemId("unknown")], CancellationToken.None)).ShouldBe(1);
        store.Version().ShouldBeGreaterThan(version);
        version = store.Version();
        (await store.DeleteAsync([Mug.Id], CancellationToken.None)).ShouldBe(0);

        store.Version().ShouldBe(version);
        store.Find(Mug.Id).ShouldBeNull();
        store.ReadAll().Select(item => item.Id).ShouldBe([Bare.Id]);
    }

    [Fact]
    public async Task Version_ChangedThroughAnotherDoor_IsSeen()
    {
        var here = this.Open();
        var version = here.Version();

        await this.Open().UpsertAsync([Mug], CancellationToken.None);

        here.Version().ShouldBeGreaterThan(version);
    }

    /// <summary>All that an item says, dictionaries in one order.</summary>
    private static string Told(Item item) => JsonSerializer.Serialize(item with
    {
        Attributes = new SortedDictionary<string, string>(item.Attributes.ToDictionary()),
        Translations = new SortedDictionary<string, ItemText>(item.Translations.ToDictionary()),
    });
}
