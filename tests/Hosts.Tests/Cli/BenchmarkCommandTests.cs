using System.Text.Json;
using System.Xml.Linq;
using Aisle.Cli.Commands;

namespace Aisle.Hosts.Tests.Cli;

public sealed class BenchmarkCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;

    [Fact]
    public async Task Benchmark_TwoModels_WritesTableAndPicture()
    {
        this.WriteSplit();
        var (code, output, error) = await AisleProcess.RunAsync(
            "benchmark", this._folder, "--models", "popularity,als", "--at", "5", "--set", "als.factors=4", "--threads", "1", "--output", this.PathOf("table.md"), "--svg", this.PathOf("pareto.svg"), "--json");
        code.ShouldBe(0, error);
        var results = JsonDocument.Parse(output).RootElement;
        results.GetArrayLength().ShouldBe(2);
        results[1].GetProperty("options").GetProperty("factors").GetInt32().ShouldBe(4);
        results[1].GetProperty("ndcg@5_low").GetDouble().ShouldBeGreaterThan(0);

        var table = await File.ReadAllTextAsync(this.PathOf("table.md"));
        table.ShouldContain("| model | recall@5 | ndcg@5 |");
        results[0].GetProperty("compared_with").GetString().ShouldBe("als");
        results[0].GetProperty("p_value_holm").GetDouble().ShouldBeInRange(0, 0.01);
        results[1].TryGetProperty("p_value", out _).ShouldBeFalse("the best is compared with nothing");
        results[0].TryGetProperty("by_case", out _).ShouldBeFalse();
        table.ShouldContain("from als");
        table.Split('\n').Single(line => line.StartsWith("| popularity |", StringComparison.Ordinal)).ShouldContain("| < 0.0001 |");
        table.IndexOf("| als |", StringComparison.Ordinal).ShouldBeInRange(0, table.IndexOf("| popularity |", StringComparison.Ordinal), "the best comes first");
        table.ShouldContain("](pareto.svg)");
        XDocument.Parse(await File.ReadAllTextAsync(this.PathOf("pareto.svg")));
        error.ShouldContain("als: ndcg@5");
    }

    [Fact]
    public async Task Benchmark_ModelOverALimitOrFailing_IsReportedAndTheOthersGoOn()
    {
        this.WriteSplit();
        var (code, output, error) = await AisleProcess.RunAsync("benchmark", this._folder, "--models", "als,popularity", "--at", "5", "--set", "als.factors=0");
        code.ShouldBe(0, error);
        output.ShouldContain("- als: als: factors is 0; allowed are 1 to 2048.");
        output.ShouldContain("| popularity |");

        var (late, table, _) = await AisleProcess.RunAsync("benchmark", this._folder, "--models", "popularity", "--time-limit", "0.01");
        late.ShouldBe(1, "nothing was measured");
        table.ShouldContain("- popularity: stopped after 0.01 s, the limit");

        var (large, memory, _) = await AisleProcess.RunAsync("benchmark", this._folder, "--models", "popularity", "--at", "5", "--memory-limit", "30");
        large.ShouldBe(1);
        memory.ShouldContain("limit");
    }

    [Fact]
    public async Task RunAsync_TimeLimitPassedByTheClock_StopsTheProcess()
    {
        var outcome = await new ModelProcess(3_000, 4_000, new HourlyClock()).RunAsync("popularity", [], TestContext.Current.CancellationToken);
        outcome.Result.ShouldBeNull();
        outcome.Failure.ShouldBe("stopped after 3000 s, the limit");
    }

    [Fact]
    public void Recognise_Folders_TellsTheirFiles()
    {
        this.WriteSplit();
        BenchmarkFolder.Recognise(this._folder, null, null).Arguments.ShouldContain("lightgcn");
        File.WriteAllText(this.PathOf("train.txt"), "5 1 2\n3 4\n5 9\n");
        BenchmarkFolder.Recognise(this._folder, null, null).Arguments.ShouldContain("session");
        File.Delete(this.PathOf("test.txt"));
        Should.Throw<WrongCallException>(() => BenchmarkFolder.Recognise(this._folder, null, null)).Message.ShouldContain("train.txt with test.txt");
        File.WriteAllText(this.PathOf("ratings.csv"), "user,item,rating,timestamp\n");
        BenchmarkFolder.Recognise(this._folder, null, null).Arguments.ShouldBe(["--train", this.PathOf("ratings.csv"), "--format", "ratings", "--split", "time"]);
        BenchmarkFolder.Recognise(this._folder, null, "ratio").Arguments[^1].ShouldBe("ratio");
        File.WriteAllText(this.PathOf("items.csv.gz"), "");
        File.WriteAllText(this.PathOf("users.csv"), "");
        BenchmarkFolder.Recognise(this._folder, null, null).Arguments.TakeLast(4).ShouldBe(["--items", this.PathOf("items.csv.gz"), "--users", this.PathOf("users.csv")]);
        BenchmarkFolder.Recognise(this._folder, null, null, items: "other.json").Arguments.ShouldContain("other.json");
        File.WriteAllText(this.PathOf("sequences.txt"), "1 2 3\n");
        BenchmarkFolder.Recognise(this._folder, null, null).Arguments.ShouldContain("--refit");
        File.WriteAllText(this.PathOf("ncf.train.rating"), "");
        File.WriteAllText(this.PathOf("ncf.test.rating"), "");
        File.WriteAllText(this.PathOf("ncf.test.negative"), "");
        BenchmarkFolder.Recognise(this._folder, "ncf", null).Arguments.ShouldContain("--negatives");
        Should.Throw<WrongCallException>(() => BenchmarkFolder.Recognise(this.PathOf("none"), null, null)).Message.ShouldContain("no folder");
        Should.Throw<WrongCallException>(() => BenchmarkFolder.Recognise(this._folder, "csv", null)).Message.ShouldContain("csv format");
    }

    [Fact]
    public async Task Benchmark_UnknownModel_IsAWrongCall()
    {
        this.WriteSplit();
        var (code, _, error) = await AisleProcess.RunAsync("benchmark", this._folder, "--models", "svd9");
        code.ShouldBe(2);
        error.ShouldContain("'svd9'");
    }

    public void Dispose() => Directory.Delete(this._folder, recursive: true);

    private void WriteSplit()
    {
        var users = Enumerable.Range(0, 20).ToArray();
        File.WriteAllLines(this.PathOf("train.txt"), users.Select(user => $"{user} {string.Join(' ', users.Where(item => item % 2 == user % 2 && item != user))}"));
        File.WriteAllLines(this.PathOf("test.txt"), users.Select(user => $"{user} {user}"));
    }

    private string PathOf(string name) => Path.Combine(this._folder, name);

    /// <summary>An hour passes between one look and the next.</summary>
    private sealed class HourlyClock : TimeProvider
    {
        private long _hours;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 3_600 * this._hours++;
    }
}
