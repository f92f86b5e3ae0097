using Aisle.Engine.Catalog;
using Aisle.Engine.Cleaning;

namespace Aisle.Engine.Tests.Cleaning.CatalogueFiles;

public sealed class CatalogueImportTests : IDisposable
{
    private readonly ImportBench _bench = new();

    public void Dispose() => this._bench.Dispose();

    [Fact]
    public async Task Row_WithEveryColumn_BecomesTheItem()
    {
        var report = await this.ImportAsync(
            "id,title,description,category,brand,price,stock,image,tags,available_from,colour,title:zh,category:zh",
            "m-1,Mug,\"Holds tea,\nhot\",Kitchen > Mugs,Potter,4.5,12,mug.svg,tea|gift,2024-05-06,red,马克杯,厨房 > 杯子");

        (report.RowsRead, report.Items, report.ItemsChanged, report.EventsStored).ShouldBe((1, 1, 1, 0));
        var item = this._bench.Store.Catalog.Find(new ItemId("m-1")).ShouldNotBeNull();
        (item.Title, item.Description, item.Brand, item.Price, item.Stock, item.Image).ShouldBe(("Mug", "Holds tea,\nhot", "Potter", 4.5, 12, "mug.svg"));
        item.Category.ShouldBe(["Kitchen", "Mugs"]);
        item.Tags.ShouldBe(["tea", "gift"]);
        item.AvailableFrom.ShouldBe(new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero));
        item.Attributes.ShouldBe(new Dictionary<string, string> { ["colour"] = "red" });
        item.TextIn("zh").Title.ShouldBe("马克杯");
        item.TextIn("zh").Category.ShouldBe(["厨房", "杯子"]);
    }

    [Fact]
    public async Task Rows_ThatAreNoItems_AreLeftOutWithTheirReason()
    {
        var report = await this.ImportAsync(
            "id,title,price,stock,available_from", "a,Mug,,,", ",Mug,,,", "b,,,,", "c,Mug,£3,,", "d,Mug,-1,,", "e,Mug,1,2.5,", "f,Mug,1,-1,", "g,Mug,1,1,soon", $"h,{new string('x', 513)},1,1,");

        report.Items.ShouldBe(1);
        this._bench.Rejects().Select(row => row.Reason).ShouldBe(
            ["missing-id", "missing-title", "bad-price", "bad-price", "bad-stock", "bad-stock", "bad-available_from", "bad-title"]);
        this._bench.Store.Catalog.ReadAll().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Id_GivenTwice_TheLastRowCounts()
    {
        var report = await this.ImportAsync("id,title", "a,Old", "a,New");

        (report.Duplicates, report.Items).ShouldBe((1, 1));
        this._bench.Store.Catalog.Find(new ItemId("a"))!.Title.ShouldBe("New");
        (await this.ImportAsync("id,title", "a,New")).ItemsChanged.ShouldBe(0);
    }

    [Fact]
    public async Task File_WithoutTitles_LeavesTheCatalogueAsItWas() =>
        (await this._bench.RefusedAsync(this._bench.Write("items.csv", "id,price\na,1\n"), "catalogue-csv")).ShouldContain("'title' is missing");

    private Task<ImportReport> ImportAsync(params string[] lines) =>
        this._bench.ImportAsync(this._bench.Write("items.csv", string.Join('\n', lines) + "\n"), "catalogue-csv");
}
