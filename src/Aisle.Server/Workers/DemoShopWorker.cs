using Aisle.Engine;
using Aisle.Engine.DemoShop;

namespace Aisle.Server.Workers;

/// <summary>Builds the demo shop at the first start on an empty store, while the server answers already.</summary>
internal sealed class DemoShopWorker(EngineServices engine, ServerOptions options, ILogger<DemoShopWorker> log) : BackgroundService, IProgress<DemoBuildProgress>
{
    private string? _told;

    /// <summary>Where the build stands; null where none is in progress.</summary>
    public DemoBuildProgress? Progress { get; private set; }

    public void Report(DemoBuildProgress value)
    {
        this.Progress = value;
        if (value.Stage == this._told || value.Stage.Contains(':', StringComparison.Ordinal)) return;
        this._told = value.Stage;
        log.LogInformation("Demo shop: {Stage} ({Percent} %)", value.Stage, (int)(value.Fraction * 100));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var build = new DemoShopBuild(engine);
        if (!options.Demo || !build.IsNeeded) return;
        // The server starts to listen first: the build would hold up the start as long as it does not wait.
        await Task.Yield();
        try
        {
            await build.RunAsync(this, stoppingToken);
            log.LogInformation("The demo shop is open");
        }
#pragma warning disable CA1031 // The server goes on without a demo shop; the reason is in the log and on the page.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            log.LogError(failure, "The demo shop could not be built; restart to take it up again");
        }
        finally
        {
            this.Progress = null;
        }
    }
}
