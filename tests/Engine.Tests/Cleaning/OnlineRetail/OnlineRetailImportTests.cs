using System.Globalization;
using System.Text;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using static Aisle.Engine.Tests.Cleaning.OnlineRetail.SalesText;

namespace Aisle.Engine.Tests.Cleaning.OnlineRetail;

public sealed class OnlineRetailImportTests : IDisposable
{
    private readonly ImportBench _bench = new();

    public void Dispose() => this._bench.Dispose();

    [Fact]
    public async Task Purchase_Imported_BecomesEventItemAndUser()
    {
        var report = await this.ImportAsync(Line(time: "2011-07-01 10:00:00", title: "\" HEART, \"\"WHITE\"\"  T-LIGHT \"", country: "EIRE"));

        report.RowsRead.ShouldBe(1);
        report.EventsStored.ShouldBe(1);
        (report.Users, report.Items).ShouldBe((1, 1));
        var stored = this._bench.Events().ShouldHaveSingleItem();
        stored.Type.ShouldBe(EventType.Purchase);
        stored.User.ShouldBe(new UserId("17850"));
        stored.Item.ShouldBe(new ItemId("85123A"));
        stored.Time.ShouldBe(new DateTimeOffset(2011, 7, 1, 9, 0, 0, TimeSpan.Zero));
        (stored.Quantity, stored.Price, stored.Basket).ShouldBe((6, 2.55, "536365"));
        var item = this._bench.Store.Catalog.Find(new ItemId("85123A")).ShouldNotBeNull();
        (item.Title, item.Price, item.AvailableFrom).ShouldBe(("HEART, \"WHITE\" T-LIGHT", 2.55, stored.Time));
        this._bench.Store.Users.Find(new UserId("17850")).ShouldNotBeNull().Attributes["country"].ShouldBe("Ireland");
    }

    [Fact]
    public async Task RowWithoutCustomer_Imported_IsAnAnonymousBasketAndNoShopper()
    {
        var report = await this.ImportAsync(Line(customer: ""), Line(customer: "", code: "71053"));

        report.Users.ShouldBe(0);
        report.Found["anonymous_events"].ShouldBe(2);
        this._bench.Events().ShouldAllBe(each => each.User == null && each.Basket == "536365");
        this._bench.Store.Events.Totals().Users.ShouldBe(0);
    }

    [Fact]
    public async Task RowsOfEveryKindOfDirt_Imported_AreLeftOutWithLineAndReason()
    {
        var report = await this.ImportAsync(
            Line(),
            Line(code: "POST"),
            Line(code: "BANK CHARGES"),
            Line(code: "gift_0001_20"),
            Line(code: "DCGS0076"),
            Line(code: "23444", title: "Next Day Carriage"),
            Line(invoice: "A563185", code: "B", price: "-11062.06"),
            Line(quantity: "-5", price: "0", customer: "", title: "damaged"),
            Line(quantity: "0"),
            Line(price: "0.0"),
            Line(price: "-1"),
            Line(quantity: "six"),
            Line(price: "NaN"),
            Line(time: "yesterday"),
            Line(time: "2999-01-01 00:00:00"),
            Line(code: ""),
            Line(invoice: ""),
            Line() + ",extra",
            Line(customer: new string('9', 200)),
            Line(invoice: "C536366", quantity: "-1", code: "71053"));

        report.EventsStored.ShouldBe(1);
        this._bench.Rejects().Select(row => (row.Line, row.Reason)).ShouldBe(
        [
            (3, "not-a-product"), (4, "not-a-product"), (5, "not-a-product"), (6, "not-a-product"), (7, "not-a-product"), (8, "not-a-product"),
            (9, "negative-quantity"), (10, "zero-quantity"), (11, "zero-price"), (12, "negative-price"), (13, "bad-Quantity"), (14, "bad-UnitPrice"),
            (15, "bad-InvoiceDate"), (16, "bad-InvoiceDate"), (17, "missing-StockCode"), (18, "missing-InvoiceNo"), (19, "wrong-columns"),
            (20, "bad-CustomerID"), (21, "cancellation-unmatched"),
        ]);
        this._bench.Rejects()[0].Row.ShouldBe(Line(code: "POST"));
        report.Rejected.Values.Sum().ShouldBe(19);
        (report.EventsStored + report.Duplicates + report.Rejected.Values.Sum()).ShouldBe(report.RowsRead);
    }

    [Fact]
    public async Task Repeats_Imported_AreDuplicatesButOtherWordingIsNot()
    {
        var report = await this.ImportAsync(Line(), Line(code: "71053"), Line(), Line(), Line(title: "OTHER TITLE"), Line(title: "OTHER TITLE"));

        (report.EventsStored, report.RepeatedRows, report.KnownEvents).ShouldBe((3, 3, 0));
        report.Found["exact_duplicates"].ShouldBe(3);
    }

    [Fact]
    public async Task Cancellation_OfTheLatestPurchaseWithEnoughLeft_BecomesItsReturn()
    {
        var report = await this.ImportAsync(
            Line(invoice: "1", quantity: "12"),
            Line(invoice: "2", quantity: "10", time: "2010-12-02 08:00:00"),
            Line(invoice: "3", quantity: "4", time: "2010-12-03 08:00:00"),
            Line(invoice: "C4", quantity: "-8", time: "2010-12-04 08:00:00"),
            Line(invoice: "C5", quantity: "-8", time: "2010-12-05 08:00:00"),
            Line(invoice: "C6", quantity: "-8", time: "2010-12-06 08:00:00"),
            Line(invoice: "7", quantity: "8", time: "2010-12-07 08:00:00"),
            Line(invoice: "C8", quantity: "-1", customer: "99", time: "2010-12-08 08:00:00"),
            Line(invoice: "C9", quantity: "-1", customer: "", time: "2010-12-09 08:00:00"));

        this._bench.Events().Where(each => each.Type == EventType.Return).Select(each => (each.Basket, each.Quantity)).ShouldBe([("2", 8), ("1", 8)]);
        report.Found["cancellations_matched"].ShouldBe(2);
        report.Rejected["cancellation-unmatched"].ShouldBe(3);
    }

    [Fact]
    public async Task Cancellation_InALaterFile_FindsThePurchaseInTheStore()
    {
        await this.ImportAsync(Line(invoice: "1", quantity: "6"));

        var february = File(Line(invoice: "C2", quantity: "-6", time: "2011-02-01 09:00:00"), Line(invoice: "C3", quantity: "-6", time: "2011-02-02 09:00:00"));
        var report = await this._bench.ImportAsync(this._bench.Write("february.csv", february), "online-retail");

        report.EventsStored.ShouldBe(1);
        report.Rejected["cancellation-unmatched"].ShouldBe(1);
        var again = await this._bench.ImportAsync(this._bench.Write("february.csv", february), "online-retail");
        (again.EventsStored, again.KnownEvents).ShouldBe((0, 1));
    }

    [Fact]
    public async Task Titles_InConflict_TheMostFrequentWinsThenTheLater()
    {
        await this.ImportAsync(
            Line(code: "11111", title: " RED  MUG "), Line(code: "11111", title: "RED MUG", quantity: "2"), Line(code: "11111", title: "BLUE MUG", quantity: "3", time: "2011-05-01 10:00:00"),
            Line(code: "11111", title: "damaged?", quantity: "-9", price: "0"), Line(code: "11111", title: "damaged?", quantity: "-8", price: "0"), Line(code: "11111", title: "damaged?", quantity: "-7", price: "0"),
            Line(code: "22222", title: "OLD NAME"), Line(code: "22222", title: "NEW NAME", time: "2011-05-01 10:00:00"),
            Line(code: "33333", title: ""));

        this.TitleOf("11111").ShouldBe("RED MUG");
        this.TitleOf("22222").ShouldBe("NEW NAME");
        this.TitleOf("33333").ShouldBe("33333");
    }

    [Fact]
    public async Task StockCode_InTwoCases_IsOneItem()
    {
        var report = await this.ImportAsync(Line(code: "85099b"), Line(code: "85099B", quantity: "2"));

        report.Items.ShouldBe(1);
        report.Found["codes_in_two_cases"].ShouldBe(1);
        this._bench.Events().ShouldAllBe(each => each.Item == new ItemId("85099B"));
    }

    [Fact]
    public async Task ImplausibleQuantity_KeptOnlyWhereItIsTakenBackWhole()
    {
        var usual = Enumerable.Range(1, 8).Select(quantity => Line(quantity: $"{quantity}"));
        var report = await this.ImportAsync(
        [
            Line(invoice: "581483", code: "23843", quantity: "80995", time: "2011-12-09 09:15:00", customer: "16446"),
            Line(invoice: "C581484", code: "23843", quantity: "-80995", time: "2011-12-09 09:27:00", customer: "16446"),
            Line(invoice: "541431", code: "23166", quantity: "74215", time: "2011-01-18 10:01:00", customer: "12346"),
            Line(invoice: "C541433", code: "23166", quantity: "-15", time: "2011-01-18 10:17:00", customer: "12346"),
            Line(invoice: "573008", code: "84077", quantity: "4800"),
            .. usual,
        ]);

        this._bench.Events().Where(each => each.Quantity > 8).Select(each => (each.Type, each.Quantity)).ShouldBe(
            [(EventType.Purchase, 80995), (EventType.Return, 80995), (EventType.Purchase, 4800)]);
        report.Rejected["implausible-quantity"].ShouldBe(1);
        report.Rejected["cancellation-unmatched"].ShouldBe(1);
    }

    [Fact]
    public async Task ImplausiblePrice_AgainstTheItemsOwnMedian_IsLeftOut()
    {
        var usual = Enumerable.Range(1, 6).Select(quantity => Line(code: "22502", price: "5.95", quantity: $"{quantity}"));
        var report = await this.ImportAsync([.. usual, Line(code: "22502", price: "649.5", quantity: "1", invoice: "556446"), Line(code: "22655", price: "295")]);

        report.Rejected.ShouldBe(new Dictionary<string, long> { ["implausible-price"] = 1 });
        this._bench.Store.Catalog.Find(new ItemId("22502"))!.Price.ShouldBe(5.95);
    }

    [Fact]
    public async Task Robot_WithThousandsOfOrdersInADay_IsLeftOutButAWholesalerIsNot()
    {
        var start = new DateTime(2011, 3, 1, 0, 0, 0, DateTimeKind.Unspecified);
        string At(int second) => start.AddSeconds(second * 20).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var robot = Enumerable.Range(0, 2500).Select(i => Line(invoice: $"{600000 + i}", customer: "666", time: At(i)));
        var nextDay = Line(invoice: "700000", customer: "666", time: "2011-03-02 10:00:00");
        var wholesaler = Enumerable.Range(0, 2500).Select(i => Line(invoice: "555555", customer: "777", code: $"{10000 + i}", time: At(i / 100)));

        var report = await this.ImportAsync([.. robot, nextDay, .. wholesaler]);

        report.Rejected.ShouldBe(new Dictionary<string, long> { ["bot-like-user"] = 2500 });
        report.EventsStored.ShouldBe(2501);
    }

    [Fact]
    public async Task File_ImportedTwice_AddsNothing()
    {
        string[] lines = [Line(), Line(quantity: "9"), Line(invoice: "C536370", quantity: "-3", time: "2010-12-02 10:00:00"), Line(), Line(code: "POST"), Line(customer: "")];
        var first = await this.ImportAsync(lines);
        var version = this._bench.Store.Catalog.Version();

        var second = await this.ImportAsync(lines);

        (second.EventsStored, second.KnownEvents, second.ItemsChanged).ShouldBe((0, first.EventsStored, 0));
        second.Rejected.ShouldBe(first.Rejected);
        this._bench.Store.Catalog.Version().ShouldBe(version);
    }

    [Fact]
    public async Task File_ThatOverlapsAndSpellsThingsDifferently_AddsOnlyWhatIsNew()
    {
        await this.ImportAsync(Line(), Line(code: "71053", quantity: "2"));

        var overlapping = "Country;Invoice;StockCode;Description;Quantity;InvoiceDate;Price;Customer ID\r\n"
            + "United Kingdom;536365;71053;\"RENAMED; LANTERN\";2;2010-12-01 08:26;2.550;17850.0\r\n"
            + "France;536399;71053;LANTERN;2;12/1/2010 9:41;2.55;12583\r\n";
        var report = await this._bench.ImportAsync(this._bench.Write("overlapping.csv", overlapping), "online-retail");

        (report.EventsStored, report.KnownEvents).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Catalogue_OfTheShop_StandsAboveWhatSalesTell()
    {
        var own = new Item { Id = new ItemId("85123A"), Title = "White heart", Category = ["Lights"] };
        await this._bench.Store.Catalog.UpsertAsync([own], CancellationToken.None);

        await this.ImportAsync(Line());

        var item = this._bench.Store.Catalog.Find(own.Id)!;
        (item.Title, item.Category.Single(), item.Price).ShouldBe(("White heart", "Lights", 2.55));
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("iso-8859-1", false)]
    public async Task File_InAnyEncodingItComesIn_KeepsItsText(string encoding, bool withMark)
    {
        var text = File(Line(title: "\"BOX £5\nTWO LINES\""), Line(code: "71053")).Replace("\n", "\r\n", StringComparison.Ordinal);
        var content = Encoding.GetEncoding(encoding).GetBytes(text);

        var report = await this._bench.ImportAsync(this._bench.Write("sales.csv", withMark ? [0xEF, 0xBB, 0xBF, .. content] : content), "online-retail");

        report.EventsStored.ShouldBe(2);
        this.TitleOf("85123A").ShouldBe("BOX £5 TWO LINES");
    }

    private Task<Aisle.Engine.Cleaning.ImportReport> ImportAsync(params string[] lines) =>
        this._bench.ImportAsync(this._bench.Write("sales.csv", File(lines)), "online-retail");

    private string TitleOf(string code) => this._bench.Store.Catalog.Find(new ItemId(code)).ShouldNotBeNull().Title;
}
