using System.CommandLine;
using Aisle.Engine.Simulation;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle simulate</c>: the demo shop's shoppers against a live server.</summary>
internal static class SimulateCommand
{
    private const string KeyVariable = "AISLE_KEY";

    public static Command Create()
    {
        var defaults = new SimulationOptions();
        var server = new Option<string>("--server") { Description = "Address of the server.", DefaultValueFactory = _ => "http://localhost:5080" };
        var key = new Option<string?>("--key") { Description = $"Key with the role admin; default: the environment's {KeyVariable}." };
        var arms = new Option<string>("--arms") { Description = "What to compare, parted by commas: default, random, ideal (by the truth, as far as lists can come), none or pipelines.", DefaultValueFactory = _ => string.Join(',', defaults.Arms) };
        var sessions = new Option<int>("--sessions") { Description = "Visits of all arms together, about.", DefaultValueFactory = _ => defaults.Sessions };
        var days = new Option<int>("--days") { Description = "Days up to now that the visits are spread over.", DefaultValueFactory = _ => defaults.Days };
        var seed = new Option<int>("--seed") { Description = "Other seeds give other visits.", DefaultValueFactory = _ => defaults.Seed };
        var clients = new Option<int>("--clients") { Description = "Shoppers at the same time.", DefaultValueFactory = _ => defaults.Clients };
        var minutes = new Option<double>("--minutes") { Description = "Ends the run, without figures, after so long.", DefaultValueFactory = _ => 30 };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of tables." };
        var command = new Command("simulate", "Let the demo shop's shoppers shop at a live server and measure what its lists bring.") { server, key, arms, sessions, days, seed, clients, minutes, json };
        command.SetAction(async (call, cancellation) =>
        {
            var options = new SimulationOptions
            {
                Arms = call.GetValue(arms)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Sessions = call.GetValue(sessions),
                Days = call.GetValue(days),
                Seed = call.GetValue(seed),
                Clients = call.GetValue(clients),
            };
            if (options.Check() is { } wrong) throw new WrongCallException(wrong);
            var simulation = new ShopSimulation(AddressOf(call.GetValue(server)!), KeyOf(call.GetValue(key)), TimeProvider.System);
            using var bounded = Bounded(call.GetValue(minutes), cancellation);
            var report = await RunAsync(simulation, options, bounded, cancellation);
            var output = call.InvocationConfiguration.Output;
            if (call.GetValue(json)) SimulationOutput.WriteJson(report, output);
            else SimulationOutput.WriteTables(report, output);
            return CommandRunner.Success;
        });
        return command;
    }

    private static async Task<SimulationReport> RunAsync(ShopSimulation simulation, SimulationOptions options, CancellationTokenSource bounded, CancellationToken cancellation)
    {
        try
        {
            return await ProgressDisplay.ShowAsync(progress => simulation.RunAsync(options, new Steps(progress), bounded.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SimulationException("The simulation took longer than --minutes allows. Ask for fewer --sessions, or allow more.");
        }
    }

    private static CancellationTokenSource Bounded(double minutes, CancellationToken cancellation)
    {
        if (!(minutes > 0 && minutes <= 24 * 60)) throw new WrongCallException("--minutes takes a number above 0 and at most 1440.");
        var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(TimeSpan.FromMinutes(minutes));
        return bounded;
    }

    private static Uri AddressOf(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new WrongCallException($"--server takes an address such as http://localhost:5080, not '{text}'.");

    private static string KeyOf(string? given)
    {
        var key = (given ?? Environment.GetEnvironmentVariable(KeyVariable))?.Trim();
        if (string.IsNullOrEmpty(key))
            throw new WrongCallException($"A key is needed: set {KeyVariable}, or give --key. The first key of a server is in admin-key.txt in its store's folder.");
        return key.Any(character => character is <= ' ' or > '~') ? throw new WrongCallException("The key holds characters that no key has; give the text of the key alone.") : key;
    }

    private sealed class Steps(IProgress<ProgressStep> progress) : IProgress<SimulationProgress>
    {
        private readonly Lock _lock = new();

        public void Report(SimulationProgress value)
        {
            lock (this._lock) progress.Report(new ProgressStep(value.Stage, value.Fraction));
        }
    }
}
