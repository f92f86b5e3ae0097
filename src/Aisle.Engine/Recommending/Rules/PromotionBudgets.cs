using System.Collections.Concurrent;
using System.Globalization;
using Aisle.Engine.Shop;

namespace Aisle.Engine.Recommending.Rules;

/// <summary>How often promotions were shown. Counted in memory and saved every few seconds: what a crash forgets is shown once more.</summary>
public sealed class PromotionBudgets(IShopSettings settings)
{
    private readonly ConcurrentDictionary<string, Counter> _counters = new();

    /// <summary>Times that a rule's items were put into its places.</summary>
    public long ShownOf(string rule) => Interlocked.Read(ref this.CounterOf(rule).Shown);

    internal long LeftOf(Rule rule) => rule.Budget is { } budget ? Math.Max(0, budget - this.ShownOf(rule.Name)) : long.MaxValue;

    internal void Add(string rule, int shown) => Interlocked.Add(ref this.CounterOf(rule).Shown, shown);

    /// <summary>Keeps what was counted since the last time.</summary>
    public async Task SaveAsync(CancellationToken cancellation)
    {
        foreach (var (rule, counter) in this._counters)
        {
            var shown = Interlocked.Read(ref counter.Shown);
            if (shown == counter.Saved) continue;
            await settings.SetAsync(SettingOf(rule), shown.ToString(CultureInfo.InvariantCulture), cancellation);
            counter.Saved = shown;
        }
    }

    private Counter CounterOf(string rule) => this._counters.GetOrAdd(rule, name =>
    {
        var saved = long.TryParse(settings.Get(SettingOf(name)), NumberStyles.None, CultureInfo.InvariantCulture, out var shown) ? shown : 0;
        return new Counter { Shown = saved, Saved = saved };
    });

    private static string SettingOf(string rule) => $"promotion.{rule}.shown";

    private sealed class Counter
    {
        public long Shown;
        public long Saved;
    }
}
