using static Aisle.Engine.Tests.Cleaning.OnlineRetail.SalesText;

namespace Aisle.Engine.Tests.Cleaning;

/// <summary>Files that cannot be imported: the message says where and what to do, and nothing is stored.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private readonly ImportBench _bench = new();

    public void Dispose() => this._bench.Dispose();

    [Fact]
    public async Task Column_Missing_IsNamedWithWhatIsThereAndHowToMapIt()
    {
        var message = await this.RefusedAsync("InvoiceNo,StockCode,Description,Quantity,When,UnitPrice,CustomerID\n1,85123A,X,1,2010-12-01 08:26:00,1,2\n");

        message.ShouldContain("line 1");
        message.ShouldContain("'InvoiceDate' is missing");
        message.ShouldContain("'When'");
        message.ShouldContain("--map COLUMN=InvoiceDate");
    }

    [Fact]
    public async Task Column_ClaimedTwice_IsRefused() =>
        (await this.RefusedAsync(Header + ",invoice no\n" + Line() + ",1\n")).ShouldContain("columns 1 and 9 are both 'InvoiceNo'");

    [Fact]
    public async Task Column_MappedButNotThere_IsRefused() =>
        (await this._bench.RefusedAsync(this._bench.Write("sales.csv", File(Line())), "online-retail", ("Artikel", "StockCode"))).ShouldContain("no column 'Artikel'");

    [Theory]
    [InlineData("536366,71053,WHITE METAL", "has 3 columns")]
    [InlineData("536366,71053,\"WHITE MET", "quote is opened and never closed")]
    [InlineData("536366,71053,LANTERN,6,2010-12-0", "has 5 columns")]
    [InlineData("536366,71053,LANTERN,6,2010-12-0,1.0,17850,United Kingdom", "column InvoiceDate")]
    public async Task LastLine_HalfWritten_IsNamedByLine(string last, string expected)
    {
        var message = await this.RefusedAsync(File(Line()) + last);

        message.ShouldContain("line 3");
        message.ShouldContain(expected);
    }

    [Fact]
    public async Task LastLine_WithoutLineBreakButWhole_IsImported()
    {
        var path = this._bench.Write("sales.csv", File(Line()) + Line(code: "71053"));

        (await this._bench.ImportAsync(path, "online-retail")).EventsStored.ShouldBe(2);
    }

    [Fact]
    public async Task Archive_BrokenOff_IsRefused()
    {
        var packed = ImportBench.Gzip(File(Enumerable.Range(1, 500).Select(quantity => Line(quantity: $"{quantity}"))));

        foreach (var length in new[] { packed.Length - 1, packed.Length - 8, packed.Length / 2 })
        {
            var message = await this._bench.RefusedAsync(this._bench.Write("sales.csv.gz", packed[..length]), "online-retail");
            message.ShouldContain("breaks off or is damaged");
        }
    }

    [Fact]
    public async Task Archive_WithAnotherName_IsUnpackedByItsContent()
    {
        var path = this._bench.Write("sales.csv", ImportBench.Gzip(File(Line())));

        (await this._bench.ImportAsync(path, "online-retail")).EventsStored.ShouldBe(1);
    }

    [Fact]
    public async Task Quote_NeverClosedInALongFile_IsRefusedWithoutReadingItAllIntoMemory()
    {
        var lines = Enumerable.Range(1, 40_000).Select(quantity => Line(quantity: $"{quantity}")).ToList();
        lines[0] = Line(title: "\"NEVER CLOSED");

        var message = await this.RefusedAsync(File(lines));

        message.ShouldContain("quote");
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("PK\u0003\u0004rest", "ZIP archive or an Excel workbook")]
    [InlineData("a\0b", "zero bytes")]
    public async Task File_ThatIsNoText_IsRefused(string content, string expected) => (await this.RefusedAsync(content)).ShouldContain(expected);

    [Fact]
    public async Task File_InWhichNoRowCanBeRead_IsRefusedWithItsFirstProblem()
    {
        var message = await this.RefusedAsync(File(Line(quantity: "x"), Line(quantity: "y")));

        message.ShouldContain("no row can be read");
        message.ShouldContain("line 2, column Quantity");
    }

    [Fact]
    public async Task File_WithTheDayBeforeTheMonth_IsRefused() =>
        (await this.RefusedAsync(File(Line(time: "01/12/2010 08:26"), Line(time: "13/12/2010 08:26")))).ShouldContain("the day stands before the month");

    [Fact]
    public async Task File_WithAHeaderOnly_ImportsNothing() =>
        (await this._bench.ImportAsync(this._bench.Write("sales.csv", Header + "\n"), "online-retail")).RowsRead.ShouldBe(0);

    [Fact]
    public async Task File_NotThere_IsRefused() =>
        (await this._bench.RefusedAsync(Path.Combine(this._bench.FolderPath, "nowhere.csv"), "online-retail")).ShouldContain("cannot be read");

    [Fact]
    public async Task Format_Unknown_IsRefusedWithTheKnownOnes()
    {
        var failure = await Should.ThrowAsync<ArgumentException>(() => this._bench.ImportAsync("x.csv", "excel"));

        failure.Message.ShouldContain("online-retail, movielens, events-csv, events-jsonl, catalogue-csv");
    }

    [Fact]
    public async Task RejectsFile_ThatCannotBeWritten_StopsBeforeAnythingIsStored()
    {
        Directory.CreateDirectory(this._bench.RejectsPath + ".d");
        var request = new Aisle.Engine.Cleaning.ImportRequest
        {
            Path = this._bench.Write("sales.csv", File(Line())),
            Format = "online-retail",
            RejectsPath = Path.Combine(this._bench.Write("a-file", "x"), "rejects.csv"),
        };
        var import = new Aisle.Engine.Cleaning.FileImport(this._bench.Store.Events, this._bench.Store.Catalog, this._bench.Store.Users, TimeProvider.System);

        (await Should.ThrowAsync<Aisle.Engine.Cleaning.ImportException>(() => import.RunAsync(request, null, CancellationToken.None))).Message.ShouldContain("--rejects");
        this._bench.Store.Events.LastSequence().ShouldBe(0);
    }

    private Task<string> RefusedAsync(string content) => this._bench.RefusedAsync(this._bench.Write("sales.csv", content), "online-retail");
}
