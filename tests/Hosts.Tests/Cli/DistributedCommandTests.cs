using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aisle.Hosts.Tests.Cli;

/// <summary>The command line under <c>mpirun</c>: as many processes as asked for come to what one comes to, and none outlives another.</summary>
public sealed class DistributedCommandTests : IDisposable
{
    private static readonly string[] Neural = ["--model", "sasrec", "--set", "dimensions=16", "heads=2", "dropRate=0.2", "batchSize=32", "loss=sampled-softmax", "negatives=20"];

    private readonly string _folder = Directory.CreateTempSubdirectory("aisle-test-").FullName;

    public DistributedCommandTests()
    {
        var random = new Random(3);
        File.WriteAllLines(this.PathOf("sequences.txt"), Enumerable.Range(0, 150).Select(user =>
        {
            var item = random.Next(60);
            return $"{user} {string.Join(' ', Enumerable.Range(0, random.Next(4, 20)).Select(_ => item = (item + random.Next(1, 4)) % 60))}";
        }));
    }

    [Fact]
    public async Task Evaluate_TwoAndFourProcesses_HaveTheLossCurveAndFiguresOfOne()
    {
        string[] call = [.. this.Evaluate(), .. Neural, "epochs=4"];
        var (expected, curve) = await RunAsync(0, call);
        curve.Length.ShouldBe(4);
        foreach (var processes in (int[])[2, 4])
        {
            var (figures, losses) = await RunAsync(processes, [.. call, "--distributed"]);
            for (var epoch = 0; epoch < curve.Length; epoch++) losses[epoch].ShouldBe(curve[epoch], 2e-5 * curve[epoch], $"{processes} processes, epoch {epoch + 1}");
            figures.GetProperty("ndcg@10").GetDouble().ShouldBe(expected.GetProperty("ndcg@10").GetDouble(), 2e-3);
        }
    }

    [Fact]
    public async Task Evaluate_AlsInTwoProcesses_HasTheSameFigures()
    {
        string[] call = [.. this.Evaluate(), "--model", "als", "--set", "factors=16", "iterations=3"];
        var (expected, _) = await RunAsync(0, call);
        var (found, _) = await RunAsync(2, [.. call, "--distributed"]);
        foreach (var metric in (string[])["ndcg@10", "recall@10", "valid_ndcg@10"]) found.GetProperty(metric).GetDouble().ShouldBe(expected.GetProperty(metric).GetDouble());
    }

    [Fact]
    public async Task Evaluate_AProcessIsKilled_EndsAllAndGoesOnFromTheCheckpoint()
    {
        string[] call = [.. this.Evaluate(), .. Neural, "epochs=60"];
        var (expected, _) = await RunAsync(0, call);
        var checkpoint = this.PathOf("fit.checkpoint");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var written = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(checkpoint)!, Path.GetFileName(checkpoint));
        watcher.Created += (_, _) => written.TrySetResult();
        watcher.Renamed += (_, _) => written.TrySetResult();
        watcher.EnableRaisingEvents = true;
        var run = AisleProcess.RunUnderMpiAsync(2, [.. call, "--distributed", "--checkpoint", checkpoint, "--checkpoint-steps", "1"]);
        await written.Task.WaitAsync(patience.Token);
        Process.GetProcessById(ProcessOfRank(1, checkpoint)).Kill();
        var (code, output, error) = await run.WaitAsync(patience.Token);

        code.ShouldNotBe(0);
        output.ShouldNotContain("ndcg", Case.Insensitive, "the run was not over yet");
        error.ShouldContain("rank 1");
        Processes(checkpoint).ShouldBeEmpty("none is left behind");
        var (figures, _) = await RunAsync(0, [.. call, "--checkpoint", checkpoint]);
        figures.GetProperty("ndcg@10").GetDouble().ShouldBe(expected.GetProperty("ndcg@10").GetDouble(), 2e-3);
        File.Exists(checkpoint).ShouldBeFalse("it is deleted after success");
    }

    [Fact]
    public async Task Train_TwoProcesses_PublishOneVersion()
    {
        var store = this.PathOf("store");
        await this.ImportAsync(store);
        var run = await AisleProcess.RunUnderMpiAsync(2, "train", "--store", store, "--models", "als", "--set", "als.factors=8", "--threads", "1", "--distributed", "--checkpoint", this.PathOf("train.checkpoint"), "--json");
        run.ExitCode.ShouldBe(0, run.Error);
        JsonDocument.Parse(run.Output).RootElement.GetProperty("verdict").GetString()!.ShouldStartWith("Published version 1");
        Directory.GetFiles(this._folder, "train.checkpoint*").ShouldBeEmpty();

        // What one process alone finds on the same split is the same: it would not be published again if it were worse.
        var alone = await AisleProcess.RunAsync("train", "--store", store, "--models", "als", "--set", "als.factors=8", "--threads", "1", "--json");
        var (together, single) = (JsonDocument.Parse(run.Output).RootElement, JsonDocument.Parse(alone.Output).RootElement);
        Scores(single).ShouldBe(Scores(together));

        static string[] Scores(JsonElement report) => [.. report.GetProperty("validation").EnumerateArray().Select(score => score.GetProperty("metrics").GetRawText())];
    }

    [Fact]
    public async Task Command_ThatCannotBeDone_EndsAllProcesses()
    {
        var alone = await AisleProcess.RunAsync([.. this.Evaluate(), "--model", "als", "--distributed"]);
        alone.ExitCode.ShouldBe(2);
        alone.Error.ShouldContain("mpirun -n 4");
        var wrong = await AisleProcess.RunUnderMpiAsync(2, [.. this.Evaluate(), "--model", "als", "--set", "als.colour=red", "--distributed"]);
        wrong.ExitCode.ShouldBe(2, wrong.Error);
        wrong.Error.ShouldContain("colour");
        await File.WriteAllTextAsync(this.PathOf("sequences.txt"), "1 two\n");
        var broken = await AisleProcess.RunUnderMpiAsync(2, [.. this.Evaluate(), "--model", "als", "--distributed"]);
        broken.ExitCode.ShouldBe(1, broken.Error);
        broken.Error.ShouldContain("sequences.txt, line 1");
    }

    public void Dispose() => Directory.Delete(this._folder, recursive: true);

    /// <param name="processes">0: without mpirun.</param>
    private static async Task<(JsonElement Figures, double[] Losses)> RunAsync(int processes, string[] call)
    {
        var (code, output, error) = await (processes == 0 ? AisleProcess.RunAsync(call) : AisleProcess.RunUnderMpiAsync(processes, call));
        code.ShouldBe(0, error);
        double[] losses = [.. error.Split('\n').Where(line => line.Contains(", loss ")).Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))];
        return (JsonDocument.Parse(output).RootElement[0], losses);
    }

    private static int ProcessOfRank(int rank, string argument) =>
        Processes(argument).First(process => ReadOf(process, "environ").Contains($"OMPI_COMM_WORLD_RANK={rank}\0"));

    /// <summary>Those of <c>aisle</c> that were called with the argument.</summary>
    private static List<int> Processes(string argument) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(process => ReadOf(process, "cmdline") is var line && line.Contains(argument) && !line.StartsWith("mpirun", StringComparison.Ordinal))];

    private static string ReadOf(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task ImportAsync(string store)
    {
        var rows = new StringBuilder("user,item,type,time\n");
        var random = new Random(5);
        for (var i = 0; i < 600; i++)
            rows.AppendLine(CultureInfo.InvariantCulture, $"u{random.Next(40)},i{random.Next(24)},view,{1_760_000_000 + (i * 3600)}");
        await File.WriteAllTextAsync(this.PathOf("events.csv"), rows.ToString());
        var import = await AisleProcess.RunAsync("import", this.PathOf("events.csv"), "--format", "events-csv", "--store", store);
        import.ExitCode.ShouldBe(0, import.Error);
    }

    private string[] Evaluate() => ["evaluate", "--train", this.PathOf("sequences.txt"), "--format", "sequence", "--at", "10", "--threads", "1", "--json"];

    private string PathOf(string name) => Path.Combine(this._folder, name);
}
