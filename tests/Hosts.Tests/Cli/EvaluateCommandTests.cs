using System.CommandLine;
using System.Text.Json;
using Aisle.Cli.Commands;

namespace Aisle.Hosts.Tests.Cli;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;

    public EvaluateCommandTests()
    {
        // Even users touch even items, odd users odd ones; each user's own number is the test item.
        var users = Enumerable.Range(0, 20).ToArray();
        File.WriteAllLines(this.PathOf("train.txt"), users.Select(user => $"{user} {string.Join(' ', users.Where(item => item % 2 == user % 2 && item != user))}"));
        File.WriteAllLines(this.PathOf("test.txt"), users.Select(user => $"{user} {user}"));
    }

    [Fact]
    public async Task Evaluate_ThreeModels_PrintsOneJsonArray()
    {
        var (code, output, error) = await this.RunAsync("--model", "als,itemknn,popularity", "--at", "1,5", "--json", "--threads", "2", "--set", "factors=4", "--set", "itemknn.shrinkage=0");
        code.ShouldBe(0, error);
        var results = JsonDocument.Parse(output).RootElement.EnumerateArray().ToArray();
        results.Select(result => result.GetProperty("model").GetString()).ShouldBe(["als", "itemknn", "popularity"]);
        foreach (var result in results)
        {
            result.GetProperty("users").GetInt32().ShouldBe(20);
            result.GetProperty("items").GetInt32().ShouldBe(20);
            result.GetProperty("train_interactions").GetInt64().ShouldBe(180);
            foreach (var name in new[] { "recall@1", "ndcg@5", "hit@5", "precision@5", "mrr@5", "coverage@5", "map@1", "f1@1", "fit_seconds", "score_seconds", "peak_memory_mb" })
                result.GetProperty(name).GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        }

        results[0].GetProperty("recall@1").GetDouble().ShouldBe(1);
        results[1].GetProperty("recall@1").GetDouble().ShouldBe(1);
        results[0].GetProperty("options").GetProperty("factors").GetInt32().ShouldBe(4);
        results[1].GetProperty("options").GetProperty("shrinkage").GetDouble().ShouldBe(0);
        error.ShouldContain("als: iteration 15 of 15");
    }

    [Fact]
    public async Task Evaluate_SameSeed_GivesTheSameFigures()
    {
        var (_, first, _) = await this.RunAsync("--model", "als", "--seed", "7", "--json", "--threads", "1");
        var (_, second, _) = await this.RunAsync("--model", "als", "--seed", "7", "--json", "--threads", "2");
        Figures(second).ShouldBe(Figures(first));
        Figures(first).ShouldContain("\"seed\": 7");

        static string Figures(string json) => string.Join('\n', json.Split('\n').Where(line => !line.Contains("_seconds") && !line.Contains("_memory")));
    }

    [Fact]
    public async Task Evaluate_WithValidation_MeasuresItAndLeavesItOutOfTheTestRanking()
    {
        // Only item 19 is left to recommend to user 19 once the even items are known as validation.
        await File.WriteAllTextAsync(this.PathOf("valid.txt"), "19 0 2 4 6 8 10 12 14 16 18\n");
        await File.WriteAllTextAsync(this.PathOf("test.txt"), "19 19\n");
        var (_, without, _) = await this.RunAsync("--model", "popularity", "--at", "1", "--json");
        var (code, with, error) = await this.RunAsync("--model", "popularity", "--valid", this.PathOf("valid.txt"), "--at", "1", "--json");
        code.ShouldBe(0, error);
        JsonDocument.Parse(without).RootElement[0].GetProperty("recall@1").GetDouble().ShouldBe(0);
        JsonDocument.Parse(with).RootElement[0].GetProperty("recall@1").GetDouble().ShouldBe(1);
        JsonDocument.Parse(with).RootElement[0].GetProperty("valid_recall@1").GetDouble().ShouldBe(0.1, 1e-6);
    }

    [Fact]
    public async Task Evaluate_SequencesWithRefit_MeasuresTheTestByAModelThatHasSeenTheValidationItems()
    {
        // Item 9 is the most popular by the validation items alone, and every user's test item is 5, or 9 for the last.
        await File.WriteAllLinesAsync(this.PathOf("sequences.txt"), ["1 1 2 9 5", "2 2 3 9 5", "3 3 1 9 5", "4 1 2 3 9"]);
        string[] call = ["--model", "popularity", "--train", this.PathOf("sequences.txt"), "--format", "sequence", "--at", "1", "--json"];
        var (_, without, _) = await this.RunAsync([.. call]);
        var (code, with, error) = await this.RunAsync([.. call, "--refit"]);
        code.ShouldBe(0, error);
        var (before, after) = (JsonDocument.Parse(without).RootElement[0], JsonDocument.Parse(with).RootElement[0]);
        before.GetProperty("users").GetInt32().ShouldBe(4);
        before.GetProperty("items").GetInt32().ShouldBe(6 + 3);
        before.GetProperty("train_interactions").GetInt32().ShouldBe(8);
        after.GetProperty("train_interactions").GetInt32().ShouldBe(12);
        before.GetProperty("recall@1").GetDouble().ShouldBe(0);
        after.GetProperty("recall@1").GetDouble().ShouldBe(0.25, 1e-6, "user 4 is shown item 9");
        after.GetProperty("valid_recall@1").GetDouble().ShouldBe(before.GetProperty("valid_recall@1").GetDouble());
    }

    [Fact]
    public async Task Evaluate_WithoutJson_PrintsATable()
    {
        var (code, output, _) = await this.RunAsync("--model", "popularity", "--at", "5");
        code.ShouldBe(0);
        output.ShouldContain("recall@5");
        output.ShouldContain("20 users, 20 items, 180 training interactions");
    }

    [Theory]
    [InlineData("'no-such'", "itemknn", "--model", "als,no-such")]
    [InlineData("'csv'", "lightgcn", "--model", "als", "--format", "csv")]
    [InlineData("'factor'", "factors, iterations", "--model", "als", "--set", "factor=3")]
    [InlineData("'factors'", "halfLifeDays", "--model", "popularity", "--set", "factors=3")]
    [InlineData("'knn'", "als", "--model", "als", "--set", "knn.neighbours=3")]
    [InlineData("factors takes a whole number", "\"many\"", "--model", "als", "--set", "als.factors=many")]
    [InlineData("factors is 0", "1 to 2048", "--model", "als", "--set", "factors=0")]
    [InlineData("key=value", "'factors'", "--model", "als", "--set", "factors")]
    [InlineData("--at", "'ten'", "--model", "als", "--at", "ten")]
    [InlineData("--threads", "1 to 1024", "--model", "als", "--threads", "0")]
    [InlineData("--refit", "sequence format", "--model", "als", "--refit")]
    [InlineData("--tset", "", "--model", "als", "--tset", "x")]
    [InlineData("--test", "no-such-file", "--model", "als", "--test", "no-such-file")]
    public async Task Evaluate_WrongCall_SaysInOneLineWhatIsAllowed(string wrong, string allowed, params string[] arguments)
    {
        var (code, output, error) = await this.RunAsync(arguments);
        code.ShouldBe(2, error);
        output.ShouldBeEmpty();
        error.ShouldContain(wrong);
        error.ShouldContain(allowed);
        if (wrong != "--tset") error.TrimEnd().Split('\n').Length.ShouldBe(1, error);
    }

    [Fact]
    public async Task Evaluate_FormatThatNeedsATestFile_SaysSo()
    {
        var (code, _, error) = await this.RunAsync("--model", "popularity", "--test", "");
        code.ShouldBe(2, error);
        error.ShouldContain("lightgcn format needs a test file");
    }

    [Fact]
    public async Task Evaluate_MalformedLine_FailsNamingFileAndLine()
    {
        await File.AppendAllTextAsync(this.PathOf("train.txt"), "3 four\n");
        var (code, output, error) = await this.RunAsync("--model", "popularity");
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain("train.txt, line 21: 'four'");
    }

    [Fact]
    public async Task Evaluate_NoTestItem_FailsSayingSo()
    {
        await File.WriteAllTextAsync(this.PathOf("test.txt"), "3\n");
        var (code, _, error) = await this.RunAsync("--model", "popularity");
        code.ShouldBe(1);
        error.ShouldContain("nothing to measure");
    }

    public void Dispose() => Directory.Delete(this._folder, recursive: true);

    private string PathOf(string name) => Path.Combine(this._folder, name);

    /// <summary>Runs the command; files and format are the usual ones unless the arguments say otherwise.</summary>
    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        List<string> call = ["evaluate", .. arguments];
        foreach (var (option, value) in new[] { ("--train", this.PathOf("train.txt")), ("--test", this.PathOf("test.txt")), ("--format", "lightgcn") })
        {
            if (!arguments.Contains(option) && (option != "--test" || !arguments.Contains("sequence"))) call.AddRange([option, value]);
        }

        // An empty --test stands for none at all.
        var empty = call.IndexOf("");
        if (empty > 0) call.RemoveRange(empty - 1, 2);

        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await CommandRunner.RunAsync(new RootCommand { EvaluateCommand.Create() }, [.. call], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
