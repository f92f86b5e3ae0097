using Aisle.Engine;

namespace Aisle.Server.Workers;

/// <summary>Takes in what other processes did to the store (an import, a training run from the command line, another replica), and keeps what this one counted.</summary>
internal sealed class StoreFollower(EngineServices engine, TimeProvider time, ILogger<StoreFollower> log) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                engine.CatchUp();
                await engine.TendAsync(stoppingToken);
            }
#pragma warning disable CA1031 // Following goes on at the next tick, whatever this one met; what is in memory goes on serving.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                log.LogWarning(failure, "The store could not be followed; trying again in {Seconds} s", Interval.TotalSeconds);
            }
        }
    }
}
