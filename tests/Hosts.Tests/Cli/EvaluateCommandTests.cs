using System.CommandLine;
using System.IO.Compression;
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
    public async Task Evaluate_WithFilesOfItemsAndUsers_LetsModelsLearnFromThem()
    {
        // Titles and segments tell even from odd, so that content alone finds every test item.
        await File.WriteAllLinesAsync(this.PathOf("items.csv"), ["item,title,shelf", .. Enumerable.Range(0, 20).Select(item => $"{item},{(item % 2 == 0 ? "even" : "odd")} thing,{item % 2}")]);
        await File.WriteAllLinesAsync(this.PathOf("users.csv"), ["user,segment", .. Enumerable.Range(0, 21).Select(user => $"{user},{user % 2}")]);
        var (code, output, error) = await this.RunAsync(
            "--model", "content-text,content-attributes,segment-popularity", "--items", this.PathOf("items.csv"), "--users", this.PathOf("users.csv"), "--set", "segment-popularity.shrinkage=1", "--at", "1", "--json", "--by-case");
        code.ShouldBe(0, error);
        foreach (var result in JsonDocument.Parse(output).RootElement.EnumerateArray())
        {
            result.GetProperty("recall@1").GetDouble().ShouldBe(1);
            result.GetProperty("by_case").GetArrayLength().ShouldBe(20);
            result.GetProperty("notes")[0].GetString()!.ShouldContain("1 of its 21 users are not in the data");
        }

        var (without, _, needed) = await this.RunAsync("--model", "content-text", "--json");
        without.ShouldBe(1);
        needed.ShouldContain("--items");
        await File.WriteAllTextAsync(this.PathOf("items.csv"), "item,title\n0\n");
        var (wrong, _, message) = await this.RunAsync("--model", "content-text", "--items", this.PathOf("items.csv"));
        wrong.ShouldBe(1);
        message.ShouldContain("items.csv, line 2: there are 1 columns");
        var (missing, _, path) = await this.RunAsync("--model", "content-text", "--items", this.PathOf("none.csv"));
        missing.ShouldBe(2);
        path.ShouldContain("--items: cannot read");
    }

    [Fact]
    public async Task Evaluate_RefitWithAValidationFile_LearnsFromIt()
    {
        await File.WriteAllTextAsync(this.PathOf("valid.txt"), "0 1\n");
        var (code, output, error) = await this.RunAsync("--model", "popularity", "--valid", this.PathOf("valid.txt"), "--refit", "--json");
        code.ShouldBe(0, error);
        JsonDocument.Parse(output).RootElement[0].GetProperty("train_interactions").GetInt32().ShouldBe(181);
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
    public async Task Evaluate_Full_AddsIntervalsGroupsListQualityAndTests()
    {
        var (code, output, error) = await this.RunAsync("--model", "als,popularity", "--at", "5", "--full", "--json", "--set", "factors=4");
        code.ShouldBe(0, error);
        var results = JsonDocument.Parse(output).RootElement;
        foreach (var result in results.EnumerateArray())
        {
            foreach (var name in new[] { "auc", "gini@5", "novelty@5", "diversity@5", "serendipity@5", "personalisation@5", "ndcg@5_low", "ndcg@5_high", "auc_low" })
                result.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.Number, name);
            result.GetProperty("by_group").GetProperty("users").GetProperty("low").GetProperty("ndcg@5").GetDouble().ShouldBeInRange(0, 1);
            result.GetProperty("by_group").GetProperty("items").GetProperty("tail").GetProperty("cases").GetInt32().ShouldBeGreaterThan(0);
        }

        results[0].TryGetProperty("p_value", out _).ShouldBeFalse("the best model is what the others are compared with");
        results[1].GetProperty("p_value").GetDouble().ShouldBeLessThan(0.001);
        results[1].GetProperty("p_value_holm").GetDouble().ShouldBeLessThan(0.001);
        results[1].GetProperty("compared_with").GetString().ShouldBe("als");
        results[1].GetProperty("compared_by").GetString().ShouldBe("ndcg@5");

        var (_, chosen, _) = await this.RunAsync("--model", "als,popularity", "--at", "5", "--metrics", "auc,tests", "--baseline", "popularity", "--json");
        var first = JsonDocument.Parse(chosen).RootElement[0];
        first.GetProperty("compared_with").GetString().ShouldBe("popularity");
        first.TryGetProperty("gini@5", out _).ShouldBeFalse();
        var (_, table, _) = await this.RunAsync("--model", "als,popularity", "--at", "5", "--full");
        table.ShouldContain("items tail share@5");
        table.ShouldContain("p, Holm");
    }

    [Fact]
    public async Task Evaluate_SplitsAndFolds_DivideTheTrainingFile()
    {
        foreach (var split in new[] { "leave-one-out", "ratio", "strong" })
        {
            var (code, output, error) = await this.RunAsync("--model", "popularity", "--at", "5", "--split", split, "--json");
            code.ShouldBe(0, $"{split}: {error}");
            JsonDocument.Parse(output).RootElement[0].GetProperty("test_users").GetInt32().ShouldBe(split == "strong" ? 4 : 20);
        }

        var (folded, folds, _) = await this.RunAsync("--model", "popularity", "--at", "5", "--folds", "3", "--json");
        folded.ShouldBe(0);
        var result = JsonDocument.Parse(folds).RootElement[0];
        result.GetProperty("folds").GetInt32().ShouldBe(3);
        result.GetProperty("recall@5_sd").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        result.GetProperty("notes")[0].GetString()!.ShouldContain("3 folds");
    }

    [Fact]
    public async Task Evaluate_PackedRatings_AreReadAndDividedByTime()
    {
        var lines = Enumerable.Range(0, 60).Select(i => $"shopper {i % 6},\"item, {i % 10}\",{(i % 5) + 1},{1_000 + i}");
        await using (var file = new StreamWriter(new GZipStream(File.Create(this.PathOf("ratings.csv.gz")), CompressionLevel.Fastest)))
            await file.WriteAsync(string.Join('\n', lines.Prepend("user,item,rating,time")));
        var (code, output, error) = await this.RunAsync("--model", "popularity", "--at", "3", "--train", this.PathOf("ratings.csv.gz"), "--format", "ratings", "--split", "user-time", "--relevant", "3", "--binary", "--json");
        code.ShouldBe(0, error);
        JsonDocument.Parse(output).RootElement[0].GetProperty("users").GetInt32().ShouldBe(6);
    }

    [Fact]
    public async Task Evaluate_NcfProtocol_RanksAmongSampledItemsAndWarns()
    {
        var (code, output, error) = await this.RunAsync("--model", "popularity", "--at", "1", "--protocol", "ncf", "--json");
        code.ShouldBe(0, error);
        JsonDocument.Parse(output).RootElement[0].GetProperty("notes")[0].GetString()!.ShouldContain("mislead");

        await File.WriteAllTextAsync(this.PathOf("n.train"), "0\t0\t5\n0\t1\t3\n1\t0\t4\n2\t2\t4\n");
        await File.WriteAllTextAsync(this.PathOf("n.test"), "0\t2\t5\t9\n1\t1\t2\t9\n");
        await File.WriteAllTextAsync(this.PathOf("n.negative"), "(0,2)\t3\t2\n(1,1)\t3\t2\n");
        string[] call = ["--model", "popularity", "--at", "1", "--train", this.PathOf("n.train"), "--test", this.PathOf("n.test"), "--negatives", this.PathOf("n.negative"), "--format", "ncf"];
        var (_, published, _) = await this.RunAsync([.. call, "--json"]);
        var result = JsonDocument.Parse(published).RootElement[0];
        result.GetProperty("hit@1").GetDouble().ShouldBe(0.5, "item 2 beats unknown item 3; items 1 and 2 are equally popular, and the target is ranked last of equals");
        result.GetProperty("notes")[1].GetString()!.ShouldContain("1 of the given negatives");
        var (_, table, _) = await this.RunAsync(call);
        table.ShouldContain("mislead");
    }

    [Fact]
    public async Task Evaluate_OptionsFile_NamesModelAndOptions()
    {
        await File.WriteAllTextAsync(this.PathOf("best.json"), "{ \"model\": \"als\", \"options\": { \"factors\": 3, \"iterations\": 2 }, \"ndcg@20\": 0.1 }");
        var (code, output, error) = await this.RunAsync("--options", this.PathOf("best.json"), "--at", "5", "--set", "iterations=3", "--json");
        code.ShouldBe(0, error);
        var options = JsonDocument.Parse(output).RootElement[0].GetProperty("options");
        options.GetProperty("factors").GetInt32().ShouldBe(3);
        options.GetProperty("iterations").GetInt32().ShouldBe(3);

        await File.WriteAllTextAsync(this.PathOf("wrong.json"), "[1]");
        var (wrong, _, message) = await this.RunAsync("--options", this.PathOf("wrong.json"));
        wrong.ShouldBe(2);
        message.ShouldContain("must hold an object");
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
    [InlineData("'half'", "leave-one-out, ratio", "--model", "als", "--split", "half")]
    [InlineData("needs the times", "ratio", "--model", "als", "--split", "time")]
    [InlineData("--split", "lightgcn, ncf, ratings", "--model", "als", "--split", "ratio", "--format", "session")]
    [InlineData("--folds", "one of them", "--model", "als", "--split", "ratio", "--folds", "3")]
    [InlineData("1 folds", "2 to 100", "--model", "als", "--folds", "1")]
    [InlineData("--protocol", "full or ncf", "--model", "als", "--protocol", "old")]
    [InlineData("--metrics", "auc, lists", "--model", "als", "--metrics", "speed")]
    [InlineData("--baseline", "als", "--model", "als", "--baseline", "popularity")]
    [InlineData("--model", "popularity, itemknn")]
    [InlineData("--options", "no-such-file", "--options", "no-such-file")]
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
            if (!arguments.Contains(option) && (option != "--test" || !arguments.Any(argument => argument is "sequence" or "--split" or "--folds"))) call.AddRange([option, value]);
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
