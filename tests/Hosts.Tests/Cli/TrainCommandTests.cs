using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Cli;

/// <summary>A shop's whole way on the command line: import, train, recommend, roll back.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;

    private string Store => Path.Combine(this._folder, "store");

    public void Dispose() => Directory.Delete(this._folder, recursive: true);

    [Fact]
    public async Task ImportTrainRecommend_OnTwoTastes_ShowsTheShoppersTaste()
    {
        await this.ImportAsync();

        var train = await AisleProcess.RunAsync("train", "--store", this.Store, "--set", "als.factors=8", "--json");
        train.ExitCode.ShouldBe(0, train.Error);
        var report = JsonDocument.Parse(train.Output).RootElement;
        report.GetProperty("validation").GetArrayLength().ShouldBe(12);
        report.GetProperty("verdict").GetString()!.ShouldStartWith("Published version 1");
        train.Error.ShouldContain("100 %");

        var recommend = await AisleProcess.RunAsync("recommend", "--store", this.Store, "--user", "tea-1", "-n", "3", "--json");
        recommend.ExitCode.ShouldBe(0, recommend.Error);
        var list = JsonDocument.Parse(recommend.Output).RootElement;
        list.GetProperty("model_version").GetInt32().ShouldBe(1);
        list.GetProperty("items").EnumerateArray().ShouldAllBe(item => item.GetProperty("id").GetString()!.StartsWith("tea"));
        list.GetProperty("items")[0].TryGetProperty("steps", out _).ShouldBeFalse();

        await this.RecommendByExpressionsAsync();
    }

    private async Task RecommendByExpressionsAsync()
    {
        var explained = await AisleProcess.RunAsync(
            "recommend", "--store", this.Store, "--user", "tea-1", "-n", "5", "--filter", "item.id in [\"tool1\", \"tool3\", \"tool5\"]", "--boost", "item.id == \"tool3\" ? 1000 : 1", "--scenario", "best-sellers", "--explain", "--json");

        explained.ExitCode.ShouldBe(0, explained.Error);
        var list = JsonDocument.Parse(explained.Output).RootElement;
        list.GetProperty("scenario").GetString().ShouldBe("best-sellers");
        var items = list.GetProperty("items").EnumerateArray().ToList();
        items.Select(item => item.GetProperty("id").GetString()).ShouldBe(["tool3", "tool1", "tool5"], ignoreOrder: true);
        items[0].GetProperty("id").GetString().ShouldBe("tool3");
        items[0].GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("stage").GetString()).ShouldBe(["source", "boost", "pool", "place"]);

        var table = await AisleProcess.RunAsync("recommend", "--store", this.Store, "--user", "tea-1", "-n", "1", "--explain");
        table.Output.ShouldContain("way");
        table.Output.ShouldContain("place");
        var nothing = await AisleProcess.RunAsync("recommend", "--store", this.Store, "--filter", "item.id == \"none\"");
        nothing.ExitCode.ShouldBe(1);
        nothing.Error.ShouldContain("none that meets --filter");
    }

    [Fact]
    public async Task Rollback_ToAnEarlierVersion_ServesIt()
    {
        await this.ImportAsync();
        foreach (var room in new[] { "memory", "disk" }) (await AisleProcess.RunAsync("train", "--store", this.Store, "--models", "itemknn", "--events", room)).ExitCode.ShouldBe(0);

        var back = await AisleProcess.RunAsync("train", "--store", this.Store, "--rollback", "1");
        var wrong = await AisleProcess.RunAsync("train", "--store", this.Store, "--rollback", "7");

        back.Output.ShouldContain("Version 1 serves now.");
        wrong.ExitCode.ShouldBe(2);
        wrong.Error.ShouldContain("There is no model version 7. On disk: 1, 2.");
        var recommend = await AisleProcess.RunAsync("recommend", "--store", this.Store, "--user", "tea-1", "--json");
        JsonDocument.Parse(recommend.Output).RootElement.GetProperty("model_version").GetInt32().ShouldBe(1);
    }

    [Theory]
    [InlineData("train", "--models|als,nonsense", 2, "There is no model named 'nonsense'")]
    [InlineData("train", "--set|als.colour=red", 2, "Its options are")]
    [InlineData("train", "--events|tape", 2, "memory")]
    [InlineData("train", "--validation|0.9", 1, "between 0.01 and 0.5")]
    [InlineData("train", "", 1, "aisle import")]
    [InlineData("train", "--carts", 1, "needs 200 carts")]
    [InlineData("recommend", "--scenario|wrong", 2, "recommended-for-you, similar")]
    [InlineData("recommend", "--scenario|similar", 2, "items is empty")]
    [InlineData("recommend", "", 1, "aisle import")]
    [InlineData("recommend", "--filter|item.price < 20 && item.brnd == 'A'", 2, "--filter: There is no item.brnd; did you mean item.brand?")]
    [InlineData("recommend", "--filter|item.price < 20 && item.brnd == 'A'", 2, "(line 1, column 20)\nitem.price < 20 && item.brnd == 'A'\n                   ^^^^^^^^^")]
    [InlineData("recommend", "--filter|item.price", 2, "--filter: ")]
    [InlineData("recommend", "--boost|item.price >", 2, "--boost: ")]
    [InlineData("recommend", "--boost|item.title", 2, "(line 1, column 1)")]
    public async Task Command_ThatCannotBeDone_SaysWhatIsAllowed(string command, string arguments, int exitCode, string sentence)
    {
        var run = await AisleProcess.RunAsync([command, "--store", this.Store, .. arguments.Split('|', StringSplitOptions.RemoveEmptyEntries)]);

        run.ExitCode.ShouldBe(exitCode, run.Error);
        run.Error.ShouldContain(sentence);
        run.Error.ShouldNotContain("   at ");
    }

    private async Task ImportAsync()
    {
        var rows = new StringBuilder("user,item,type,time\n");
        var random = new Random(5);
        for (var i = 0; i < 800; i++)
        {
            var taste = i % 2 == 0 ? "tea" : "tool";
            rows.AppendLine(CultureInfo.InvariantCulture, $"{taste}-{random.Next(30)},{taste}{random.Next(24)},view,{1_760_000_000 + (i * 3600)}");
        }

        var file = Path.Combine(this._folder, "events.csv");
        await File.WriteAllTextAsync(file, rows.ToString());
        var import = await AisleProcess.RunAsync("import", file, "--format", "events-csv", "--store", this.Store);
        import.ExitCode.ShouldBe(0, import.Error);
    }
}
