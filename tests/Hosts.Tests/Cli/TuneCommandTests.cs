using System.CommandLine;
using System.Text.Json;
using Aisle.Cli.Commands;

namespace Aisle.Hosts.Tests.Cli;

public sealed class TuneCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;

    public TuneCommandTests()
    {
        var users = Enumerable.Range(0, 20).ToArray();
        File.WriteAllLines(this.PathOf("train.txt"), users.Select(user => $"{user} {string.Join(' ', users.Where(item => item % 2 == user % 2 && item != user))}"));
        File.WriteAllLines(this.PathOf("valid.txt"), users.Select(user => $"{user} {user}"));
    }

    [Fact]
    public async Task Tune_ThreeSearches_WriteOptionsThatEvaluateAccepts()
    {
        foreach (var search in new[] { "random", "halving", "tpe" })
        {
            var best = this.PathOf($"{search}.json");
            var (code, output, error) = await RunAsync(["tune", .. this.Call(best), "--search", search, "--trials", "4", "--json"]);
            code.ShouldBe(0, $"{search}: {error}");
            var result = JsonDocument.Parse(output).RootElement;
            result.GetProperty("valid_ndcg@5").GetDouble().ShouldBeGreaterThanOrEqualTo(result.GetProperty("defaults").ValueKind == JsonValueKind.Number ? result.GetProperty("defaults").GetDouble() : 0);
            error.ShouldContain("trial 1: ndcg@5");

            var (evaluated, figures, wrong) = await RunAsync(["evaluate", "--options", best, "--train", this.PathOf("train.txt"), "--test", this.PathOf("valid.txt"), "--format", "lightgcn", "--at", "5", "--json"]);
            evaluated.ShouldBe(0, wrong);
            JsonDocument.Parse(figures).RootElement[0].GetProperty("ndcg@5").GetDouble().ShouldBe(result.GetProperty("valid_ndcg@5").GetDouble(), 1e-6);
        }
    }

    [Fact]
    public async Task Tune_StoppedAndCalledAgain_GoesOn()
    {
        var call = this.Call(this.PathOf("best.json"));
        (await RunAsync(["tune", .. call, "--trials", "2"])).Code.ShouldBe(0);
        var (code, output, error) = await RunAsync(["tune", .. call, "--trials", "3"]);
        code.ShouldBe(0);
        error.ShouldContain("2 trials are finished already");
        error.ShouldContain("trial 3:");
        error.ShouldNotContain("trial 2:");
        output.ShouldContain("best.json");
        var (other, _, refused) = await RunAsync(["tune", .. call, "--trials", "3", "--seed", "2"]);
        other.ShouldBe(1);
        refused.ShouldContain("another search");
    }

    [Fact]
    public async Task Tune_WithoutValidationFile_DividesTheTrainingFile()
    {
        var (code, output, error) = await RunAsync(
            ["tune", "--model", "als", "--train", this.PathOf("train.txt"), "--format", "lightgcn", "--split", "ratio", "--metric", "recall@5", "--trials", "2", "--space", "factors=2|4", "--set", "iterations=2", "unobservedWeight=0.1", "--output", this.PathOf("best.json"), "--json"]);
        code.ShouldBe(0, error);
        var options = JsonDocument.Parse(output).RootElement.GetProperty("options");
        options.GetProperty("iterations").GetInt32().ShouldBe(2);
        options.GetProperty("unobservedWeight").GetDouble().ShouldBe(0.1);
        options.GetProperty("seed").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Tune_NoTimeLeft_SaysSo()
    {
        var (code, _, error) = await RunAsync(["tune", .. this.Call(this.PathOf("best.json")), "--time", "0"]);
        code.ShouldBe(1);
        error.ShouldContain("time was over");
    }

    [Theory]
    [InlineData("--search", "grid", "random, halving, tpe")]
    [InlineData("--trials", "0", "1 or more")]
    [InlineData("--space", "factors", "key=16..256")]
    [InlineData("--space", "depth=1..3", "no option 'depth'")]
    [InlineData("--metric", "speed", "no metric 'speed'")]
    [InlineData("--metric", "rmse", "needs ratings")]
    [InlineData("--test", "x", "--test")]
    [InlineData("--split", "ratio", "one of them")]
    public async Task Tune_WrongCall_SaysWhatIsAllowed(string option, string value, string allowed)
    {
        var (code, _, error) = await RunAsync(["tune", "--model", "als", "--train", this.PathOf("train.txt"), "--valid", this.PathOf("valid.txt"), "--format", "lightgcn", option, value]);
        code.ShouldBe(2, error);
        error.ShouldContain(allowed);
    }

    public void Dispose() => Directory.Delete(this._folder, recursive: true);

    private string PathOf(string name) => Path.Combine(this._folder, name);

    private string[] Call(string output) =>
        ["--model", "als", "--train", this.PathOf("train.txt"), "--valid", this.PathOf("valid.txt"), "--format", "lightgcn", "--metric", "ndcg@5", "--space", "factors=2..8", "--output", output, "--threads", "1"];

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] call)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await CommandRunner.RunAsync(new RootCommand { TuneCommand.Create(), EvaluateCommand.Create() }, call, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
