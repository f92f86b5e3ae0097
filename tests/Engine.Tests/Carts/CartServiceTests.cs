using Aisle.Engine.Carts;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Shop;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Carts;

public sealed class CartServiceTests : IAsyncDisposable
{
    private static readonly UserId Ann = new("ann");

    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private EngineServices Engine => this._shop.Engine;

    [Fact]
    public async Task Lines_OfATeaDrinker_HaveTeaFirst_WhereAllElseIsAlike()
    {
        await this._shop.FillAsync();
        await this.Engine.Training.RunAsync(new TrainingOptions { Models = ["itemknn"] }, "test", null, CancellationToken.None);
        await this._shop.AcceptAsync(
            this._shop.Event(EventType.View, "ann", "tea-2", 3), this._shop.Event(EventType.View, "ann", "tea-3", 3), this._shop.Event(EventType.View, "ann", "tea-4", 3),
            this._shop.Event(EventType.Cart, "ann", "tools-5"), this._shop.Event(EventType.Cart, "ann", "tea-5"));

        var lines = this.Engine.Carts.Assess(new CartQuestion { User = Ann }).Lines;

        lines.Select(line => line.Line.Item.Id.Value).ShouldBe(["tea-5", "tools-5"], string.Join(" | ", lines.SelectMany(line => line.Parts)));
        lines[0].Reason.ShouldBe(CartLineReason.Taste);
        lines[0].Parts[CartLineReason.Taste].ShouldBeGreaterThan(lines[1].Parts[CartLineReason.Taste]);
        lines[0].Sentence("zh").ShouldNotBe(lines[0].Sentence("en"));
    }

    [Fact]
    public async Task Lines_ThatCannotBeBought_StandLast_AndScarceOnesSayHowManyAreLeft()
    {
        await this.Engine.Catalogue.UpsertAsync(
            [
                SmallShop.Item("gone", "Tea", 90, stock: 0), SmallShop.Item("scarce", "Tea", 10, stock: 2), SmallShop.Item("plain", "Tea", 10, stock: 100),
                SmallShop.Item("later", "Tea", 95) with { AvailableFrom = this._shop.Time.GetUtcNow().AddDays(3) },
            ], CancellationToken.None);

        var found = this.Engine.Carts.Assess(new CartQuestion { Lines = [(new("gone"), 1), (new("later"), 1), (new("plain"), 1), (new("scarce"), 1), (new("never-heard-of"), 2)] });

        found.Lines.Select(line => line.Line.Item.Id.Value).ShouldBe(["scarce", "plain", "never-heard-of", "later", "gone"]);
        (found.Lines[0].Reason, found.Lines[0].Few, found.Lines[0].Sentence("en")).ShouldBe((CartLineReason.Scarce, 2, "Only 2 left"));
        found.Lines[4].Reason.ShouldBe(CartLineReason.SoldOut);
        found.Lines[3].Reason.ShouldBe(CartLineReason.NotYet);
        found.Value.ShouldBe(20);
        found.Levers.Single().ShouldSatisfyAllConditions(lever => lever.Kind.ShouldBe(CartLeverKind.LowStock), lever => lever.Items.ShouldBe([new ItemId("scarce")]), lever => lever.LogOdds.ShouldBeNull());
    }

    [Fact]
    public async Task Gap_ToFreeDelivery_IsFilledByWhatIsDearEnough_AndGoesWithHasNoSubstitutes()
    {
        await this._shop.FillAsync();
        await this.Engine.Delivery.SetAsync(new DeliveryTerms(5, 20), CancellationToken.None);

        var found = this.Engine.Carts.Assess(new CartQuestion { Lines = [(new("tea-5"), 1)], Count = 4 });

        found.FreeDeliveryGap.ShouldBe(10);
        var filling = found.FreeDelivery.ShouldNotBeNull();
        filling.Placement.ShouldBe("cart/free-delivery");
        filling.Items.ShouldNotBeEmpty();
        filling.Items.ShouldAllBe(item => item.Item!.Price >= 10);
        found.GoesWith!.Items.ShouldAllBe(item => item.Item!.Category[1] == "Tools");
        found.GoesWith.Items.Select(item => item.Id).ShouldNotContain(id => filling.Items.Any(item => item.Id == id));
        found.Levers.Single().Kind.ShouldBe(CartLeverKind.FreeDelivery);
        found.Unknown!.Words("en").ShouldContain("user");
        var enough = this.Engine.Carts.Assess(new CartQuestion { Lines = [(new("tea-5"), 2)] });
        (enough.FreeDeliveryGap, enough.FreeDelivery).ShouldBe((null, null));
    }

    [Fact]
    public async Task Abandonment_WithAModel_FallsForWhoBuys_AndRisesWithTime()
    {
        await this.TrainAsync();
        await this._shop.AcceptAsync(this._shop.Event(EventType.Cart, "s0", "tea-3"), this._shop.Event(EventType.Cart, "s1", "tea-3"));
        this._shop.Time.Advance(TimeSpan.FromMinutes(2));

        var loyal = this.Of("s0").Prospect.ShouldNotBeNull();
        var other = this.Of("s1").Prospect.ShouldNotBeNull();
        this._shop.Time.Advance(TimeSpan.FromHours(10));
        var later = this.Of("s0");

        loyal.Probability.ShouldBeLessThan(0.35);
        other.Probability.ShouldBeGreaterThan(0.65);
        other.Factors.Single(factor => factor.Name == "carts").LogOdds.ShouldBeGreaterThan(0);
        later.Prospect!.Probability.ShouldBeGreaterThan(loyal.Probability);
        later.Levers.ShouldContain(lever => lever.Kind == CartLeverKind.Reminder && lever.LogOdds > 0);
        this._shop.Time.Advance(TimeSpan.FromHours(20));
        (this.Of("s0").Prospect!.IsOver, this.Of("s0").Prospect!.Probability).ShouldBe((true, 1));
    }

    [Fact]
    public async Task Abandonment_WithoutAModelOrEvents_SaysWhy()
    {
        await this.Engine.Catalogue.UpsertAsync([SmallShop.Item("tea-1", "Tea")], CancellationToken.None);
        this.Of("ann").Unknown!.Words("en").ShouldContain("empty");
        this.Engine.Carts.Assess(new CartQuestion { User = Ann, Lines = [(new("tea-1"), 1)] }).Unknown!.Words("en").ShouldContain("No cart event");
        await this._shop.AcceptAsync(this._shop.Event(EventType.Cart, "ann", "tea-1"));

        var found = this.Of("ann");

        found.Prospect.ShouldBeNull();
        found.Unknown!.Words("en").ShouldContain("No model");
        found.Unknown.Words("zh").ShouldContain("弃购模型");
    }

    [Fact]
    public async Task PriceThatFell_IsALever()
    {
        await this.Engine.Catalogue.UpsertAsync([SmallShop.Item("tea-1", "Tea", price: 10)], CancellationToken.None);
        await this._shop.AcceptAsync(this._shop.Event(EventType.Cart, "ann", "tea-1"));
        this.Of("ann").Levers.ShouldBeEmpty();

        await this.Engine.Catalogue.UpsertAsync([SmallShop.Item("tea-1", "Tea", price: 8)], CancellationToken.None);

        this.Of("ann").Levers.Single().ShouldSatisfyAllConditions(lever => lever.Kind.ShouldBe(CartLeverKind.PriceDrop), lever => lever.Items.ShouldBe([new ItemId("tea-1")]));
    }

    [Fact]
    public void Check_NamesWhatIsWrong()
    {
        FieldOf(new CartQuestion()).ShouldBe("lines");
        FieldOf(new CartQuestion { Lines = [(new(""), 1)] }).ShouldBe("lines[0].item");
        FieldOf(new CartQuestion { Lines = [(new("a"), 0)] }).ShouldBe("lines[0].quantity");
        FieldOf(new CartQuestion { Lines = [(new("a"), 1), (new("a"), 1)] }).ShouldBe("lines[1].item");
        FieldOf(new CartQuestion { Lines = [.. Enumerable.Range(0, 101).Select(i => (new ItemId($"i{i}"), 1))] }).ShouldBe("lines");
        FieldOf(new CartQuestion { User = Ann, FreeDeliveryFrom = double.NaN }).ShouldBe("free_delivery_from");
        FieldOf(new CartQuestion { User = Ann, Count = 51 }).ShouldBe("count");
        FieldOf(new CartQuestion { User = Ann, Placement = new string('x', 120) }).ShouldBe("placement");
        FieldOf(new CartQuestion { User = new UserId(new string('x', 2000)) }).ShouldBe("user");
        this.Engine.Carts.Check(new CartQuestion { User = Ann }).ShouldBeNull();
        Should.Throw<ArgumentException>(() => this.Engine.Carts.Assess(new CartQuestion()));

        string? FieldOf(CartQuestion question) => this.Engine.Carts.Check(question)?.Field;
    }

    [Fact]
    public async Task DeliveryTerms_AreKept_AndTheDemoShopHasItsOwn()
    {
        this.Engine.Delivery.Terms.ShouldBe(DeliveryTerms.Unknown);
        await this.Engine.Settings.SetAsync(ShopKind.Setting, ShopKind.Demo, CancellationToken.None);
        this.Engine.CatchUp();
        this.Engine.Delivery.Terms.ShouldBe(DeliveryTerms.Demo);
        await this.Engine.Delivery.SetAsync(new DeliveryTerms(3.5, null), CancellationToken.None);
        await this._shop.ReopenAsync();

        this.Engine.Delivery.Terms.ShouldBe(new DeliveryTerms(3.5, null));
        (this.Engine.Delivery.Terms.Of(10), this.Engine.Delivery.Terms.Gap(10)).ShouldBe((3.5, null));
        await Should.ThrowAsync<ArgumentException>(() => this.Engine.Delivery.SetAsync(new DeliveryTerms(-1, null), CancellationToken.None));
        await this.Engine.Settings.SetAsync("shop.delivery", "nonsense", CancellationToken.None);
        this.Engine.CatchUp();
        this.Engine.Delivery.Terms.ShouldBe(DeliveryTerms.Demo);
    }

    private CartAssessment Of(string user) => this.Engine.Carts.Assess(new CartQuestion { User = new UserId(user) });

    /// <summary>Shoppers of even numbers buy nine carts of ten within hours, the others one.</summary>
    private async Task TrainAsync()
    {
        var random = new Random(11);
        await this.Engine.Catalogue.UpsertAsync([.. Enumerable.Range(0, 12).Select(i => SmallShop.Item($"tea-{i}", "Tea"))], CancellationToken.None);
        var events = new List<Event>();
        for (var shopper = 0; shopper < 100; shopper++)
        {
            for (var cart = 0; cart < 10; cart++)
            {
                var daysAgo = 105 - cart * 10 + random.NextDouble() * 5;
                var item = $"tea-{random.Next(12)}";
                events.Add(this._shop.Event(EventType.Cart, $"s{shopper}", item, daysAgo));
                if (random.NextDouble() < (shopper % 2 == 0 ? 0.9 : 0.1))
                    events.Add(this._shop.Event(EventType.Purchase, $"s{shopper}", item, daysAgo - random.NextDouble() * 0.5, $"o{shopper}-{cart}"));
            }
        }

        await this._shop.AcceptAsync([.. events.OrderBy(given => given.Time)]);
        (await this.Engine.CartTraining.RunAsync()).Version.ShouldBe(1);
    }
}
