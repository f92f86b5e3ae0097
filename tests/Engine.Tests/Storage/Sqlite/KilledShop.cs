using System.Diagnostics;
using System.Globalization;
using Aisle.Engine.Events;
using Aisle.Engine.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Storage.Sqlite;

/// <summary>One request of the killed process: which caller of which round sent it, and its number there. Everything in it follows from these.</summary>
internal readonly record struct KilledRequest(int Round, int Caller, int Number)
{
    public List<Event> Events()
    {
        var (round, caller, number) = this;
        return
        [
            .. Enumerable.Range(0, 1 + (number * 7 + caller) % 20)
                .Select(i => View($"{round}-{caller}-{number}-{i}", $"user{round}-{number % 50}", $"item{i}", Noon.AddSeconds(number))),
        ];
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{this.Round} {this.Caller} {this.Number}");

    public static KilledRequest Parse(string line)
    {
        var parts = line.Split(' ').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new KilledRequest(parts[0], parts[1], parts[2]);
    }
}

/// <summary>A process that takes in events until it is killed, and prints each request when it was acknowledged.</summary>
internal static class KilledShop
{
    public const string Command = "take-in-events-until-killed";
    public const int Callers = 8;

    public static Process Start(string folder, int round) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, [.. ThisAssembly(), Command, folder, round.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;

    public static async Task<int> RunAsync(string folder, int round)
    {
        using var store = SqliteStore.Open(folder, TimeProvider.System);
        await using var intake = new EventIntake(store.Events, new EventFeed(store.Events), NullLogger<EventIntake>.Instance);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(intake, round, caller))));
        return 0;
    }

    private static async Task CallAsync(EventIntake intake, int round, int caller)
    {
        // The limit only ends a process whose parent died before it could kill it.
        for (var number = 0; number < 100_000; number++)
        {
            var request = new KilledRequest(round, caller, number);
            await intake.AcceptAsync(request.Events(), CancellationToken.None);
            await Console.Out.WriteLineAsync(request.ToString());
        }
    }

    /// <summary>Under `dotnet test` the process may be the dotnet host, which needs to be told what to run.</summary>
    private static string[] ThisAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(KilledShop).Assembly.Location] : [];
}
