using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Cli;

public sealed class ImportCommandTests : IDisposable
{
    private const string Sales = """
        InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
        536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
        536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
        536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.0,17850,United Kingdom
        536366,71053,LANTERN,2,2010-12-01 08:30:00,3.39,,United Kingdom

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;

    public void Dispose() => Directory.Delete(this._folder, recursive: true);

    [Fact]
    public async Task Import_OfASoundFile_PrintsOneJsonObjectAndItsProgressApart()
    {
        var (exitCode, output, error) = await this.ImportAsync(this.Write("sales.csv.gz", Gzip(Sales)), "online-retail", "--json");

        exitCode.ShouldBe(0);
        var json = JsonDocument.Parse(output).RootElement;
        json.GetProperty("rows_read").GetInt64().ShouldBe(4);
        json.GetProperty("events_stored").GetInt64().ShouldBe(2);
        json.GetProperty("duplicates").GetInt64().ShouldBe(1);
        json.GetProperty("users").GetInt64().ShouldBe(1);
        json.GetProperty("items").GetInt64().ShouldBe(2);
        json.GetProperty("rejected").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe("not-a-product");
        json.GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
        json.GetProperty("peak_memory_mb").GetDouble().ShouldBeGreaterThan(1);
        error.TrimEnd().ShouldEndWith("100 % (storing)");
    }

    [Fact]
    public async Task Import_ForPeople_PrintsTheReportAndWhereTheRejectsLie()
    {
        var (exitCode, output, _) = await this.ImportAsync(this.Write("sales.csv", Encoding.UTF8.GetBytes(Sales)), "online-retail");

        exitCode.ShouldBe(0);
        output.ShouldContain("not-a-product");
        output.ShouldContain("2 items");
        var rejects = Path.Combine(this._folder, "store", "rejects", "sales-online-retail.csv");
        output.ShouldContain(rejects);
        (await File.ReadAllLinesAsync(rejects)).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Import_OfADamagedFile_FailsWithOneAndLeavesTheStoreAsItWas()
    {
        var good = this.Write("sales.csv", Encoding.UTF8.GetBytes(Sales));
        await this.ImportAsync(good, "online-retail");

        var (exitCode, output, error) = await this.ImportAsync(this.Write("half.csv", Encoding.UTF8.GetBytes(Sales + "536367,71053,LAN")), "online-retail", "--json");

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain("half.csv, line 6: the last line breaks off");
        File.Exists(Path.Combine(this._folder, "store", "rejects", "half-online-retail.csv")).ShouldBeFalse();
        var again = await this.ImportAsync(good, "online-retail", "--json");
        JsonDocument.Parse(again.Output).RootElement.GetProperty("duplicates").GetInt64().ShouldBe(3);
    }

    [Theory]
    [InlineData("There is no format 'excel'", "--format", "excel")]
    [InlineData("--format", "--json")]
    [InlineData("takes COLUMN=field", "--format", "events-csv", "--map", "user")]
    [InlineData("no field 'colour'", "--format", "events-csv", "--map", "a=colour", "b=item")]
    [InlineData("--wrong", "--format", "events-csv", "--wrong")]
    public async Task Import_CalledWrongly_SaysWhatIsAllowedAndExitsWithTwo(string expected, params string[] arguments)
    {
        var file = this.Write("sales.csv", Encoding.UTF8.GetBytes(Sales));

        var (exitCode, _, error) = await AisleProcess.RunAsync(["import", file, "--store", Path.Combine(this._folder, "store"), .. arguments]);

        exitCode.ShouldBe(2);
        error.ShouldContain(expected);
        Directory.Exists(Path.Combine(this._folder, "store")).ShouldBeFalse();
    }

    [Fact]
    public async Task Import_OfAFileThatIsNotThere_IsAWrongCall()
    {
        var (exitCode, _, error) = await this.ImportAsync(Path.Combine(this._folder, "nowhere.csv"), "online-retail");

        exitCode.ShouldBe(2);
        error.ShouldContain("There is no file");
    }

    private Task<(int ExitCode, string Output, string Error)> ImportAsync(string file, string format, params string[] more) =>
        AisleProcess.RunAsync(["import", file, "--format", format, "--store", Path.Combine(this._folder, "store"), .. more]);

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(this._folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
