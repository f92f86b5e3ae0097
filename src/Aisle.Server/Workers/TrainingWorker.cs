using System.Threading.Channels;
using Aisle.Engine;
using Aisle.Engine.Carts;
using Aisle.Engine.Ranking;
using Aisle.Engine.Training;

namespace Aisle.Server.Workers;

/// <summary>Trains in the background: when asked, and on a schedule if there are new events since the last model.</summary>
internal sealed class TrainingWorker(EngineServices engine, ServerOptions options, TimeProvider time, ILogger<TrainingWorker> log) : BackgroundService
{
    private readonly Channel<(string Trigger, TrainingOptions Options)> _requests = Channel.CreateBounded<(string, TrainingOptions)>(1);
    private readonly Lock _lock = new();
    private CancellationTokenSource? _running;

    /// <summary>Where the run in progress or waiting stands; null while there is none.</summary>
    public TrainingProgress? Progress { get; private set; }

    /// <summary>Asks for a run.</summary>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>False while one is in progress or waiting.</returns>
    public bool Request(string trigger, TrainingOptions? options = null)
    {
        lock (this._lock)
        {
            if (this._running is not null || !this._requests.Writer.TryWrite((trigger, options ?? new TrainingOptions()))) return false;
            this.Progress = new TrainingProgress("waiting to begin", 0);
            return true;
        }
    }

    /// <returns>False where none is in progress.</returns>
    public bool Cancel()
    {
        lock (this._lock)
        {
            if (this._running is null) return false;
            this._running.Cancel();
            return true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var schedule = this.ScheduleAsync(stoppingToken);
        await foreach (var (trigger, wanted) in this._requests.Reader.ReadAllAsync(stoppingToken)) await this.TrainAsync(trigger, wanted, stoppingToken);
        await schedule;
    }

    private async Task ScheduleAsync(CancellationToken stopping)
    {
        if (options.TrainEvery <= TimeSpan.Zero) return;
        using var timer = new PeriodicTimer(options.TrainEvery, time);
        while (await timer.WaitForNextTickAsync(stopping))
            if (engine.Events.LastSequence() > (engine.Models.Serving?.Manifest.Window.LastSequence ?? 0)) this.Request("schedule");
    }

    private async Task TrainAsync(string trigger, TrainingOptions wanted, CancellationToken stopping)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        lock (this._lock) this._running = running;
        var succeeded = false;
        try
        {
            var run = await engine.Training.RunAsync(wanted, trigger, new Reporter(progress => this.Progress = progress), running.Token);
            log.LogInformation("Training run {Run} ended: {State}", run.Id, run.State);
            succeeded = true;
        }
#pragma warning disable CA1031 // The failure is on record in the training run; the worker goes on for the next request.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            log.LogError("A training run failed: {Reason}", failure.Message);
        }
        finally
        {
            lock (this._lock) this._running = null;
            this.Progress = null;
        }

        // After the run, which is over for all who watch it: a run that is asked for meanwhile waits its turn.
        if (!succeeded) return;
        await this.TrainRankerAsync(wanted, stopping);
        await this.TrainCartsAsync(wanted, stopping);
    }

    private async Task TrainCartsAsync(TrainingOptions wanted, CancellationToken cancellation)
    {
        try
        {
            var report = await engine.CartTraining.RunAsync(new CartModelOptions { Seed = wanted.Seed, Threads = wanted.Threads }, cancellation);
            log.LogInformation("Carts: {Verdict}", report.Verdict);
        }
        catch (InvalidOperationException tooLittle)
        {
            log.LogInformation("No cart model was trained: {Reason}", tooLittle.Message);
        }
#pragma warning disable CA1031 // As above: the worker goes on for the next request.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            log.LogWarning("The cart model was not trained: {Reason}", failure.Message);
        }
    }

    private async Task TrainRankerAsync(TrainingOptions wanted, CancellationToken cancellation)
    {
        try
        {
            var report = await engine.RankerTraining.RunAsync(new RankerOptions { Seed = wanted.Seed, Threads = wanted.Threads }, cancellation);
            log.LogInformation("Ranker: {Verdict}", report.Verdict);
        }
        catch (InvalidOperationException tooLittle)
        {
            // What most shops have at first; the order by score goes on serving.
            log.LogInformation("No ranker was trained: {Reason}", tooLittle.Message);
        }
#pragma warning disable CA1031 // Whatever this one met, the worker goes on for the next request; what serves goes on serving.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            log.LogWarning("The ranker was not trained: {Reason}", failure.Message);
        }
    }

    // Progress<T> would hand each report to the thread pool, and a late one could overwrite a newer one.
    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
