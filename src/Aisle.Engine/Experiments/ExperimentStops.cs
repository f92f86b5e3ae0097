using System.Collections.Concurrent;
using Aisle.Engine.Shop;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Experiments;

/// <summary>Experiments that a guardrail or a wrong sample ratio has stopped: everybody sees what the shop shows anyway, until a person starts them again.</summary>
public sealed partial class ExperimentStops(IShopSettings settings, ILogger logger)
{
    /// <summary>Looking at every shopper of every experiment costs more than a minute's delay does.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, string> _reasons = new();
    private DateTimeOffset _guarded = DateTimeOffset.MinValue;

    /// <summary>Why an experiment was stopped; null where it was not.</summary>
    public string? ReasonOf(string experiment) => this._reasons.TryGetValue(experiment, out var reason) && reason.Length > 0 ? reason : null;

    /// <summary>Takes in what other processes stopped or started again.</summary>
    public void Refresh(ExperimentSet set)
    {
        foreach (var experiment in set.Experiments) this._reasons[experiment.Name] = settings.Get(SettingOf(experiment.Name)) ?? "";
    }

    /// <summary>Stops the running experiments that must not go on; looks at most once in <see cref="Interval"/>.</summary>
    public async Task GuardAsync(ExperimentSet set, ExperimentStatistics statistics, DateTimeOffset now, CancellationToken cancellation)
    {
        if (now - this._guarded < Interval) return;
        this._guarded = now;
        foreach (var experiment in set.Experiments)
        {
            if (!experiment.Scope.IsActive(now) || this.ReasonOf(experiment.Name) is not null) continue;
            var results = ExperimentResults.Of(experiment, statistics);
            var reason = results.Losing is { } losing ? $"{losing.Metric} of {experiment.Assignment.Variants[losing.Variant].Name} is surely below the control's."
                : results.SampleRatio.IsMismatch ? "The variants' numbers of shoppers do not fit their shares: shoppers are lost or counted twice."
                : null;
            if (reason is null) continue;
            await settings.SetAsync(SettingOf(experiment.Name), reason, cancellation);
            this._reasons[experiment.Name] = reason;
            LogStopped(logger, experiment.Name, reason);
        }
    }

    /// <summary>Lets a stopped experiment go on; a guardrail that still holds stops it again.</summary>
    public async Task StartAgainAsync(string experiment, CancellationToken cancellation)
    {
        await settings.SetAsync(SettingOf(experiment), null, cancellation);
        this._reasons[experiment] = "";
    }

    private static string SettingOf(string experiment) => $"experiment.{experiment}.stopped";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The experiment {Experiment} was stopped. {Reason}")]
    private static partial void LogStopped(ILogger logger, string experiment, string reason);
}
