using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Learning.Experiments;

namespace Aisle.Engine.Experiments;

/// <summary>What the shoppers of each experiment did from the moment that they first saw it: kept up to date by the event feed.</summary>
/// <remarks>
/// A shopper is in an experiment from the first impression (or click) of a list that says so in its id; from then on everything counts, whatever
/// list it came from, since a better row may well take clicks from another. What the shopper spent before is the covariate.
/// A shopper of whom events name two variants (an id that moved, a name used twice) is left out and counted.
/// </remarks>
public sealed class ExperimentStatistics
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, Dictionary<UserId, Unit>> _experiments = [];

    // Shoppers with purchases alone: the covariate of the others is 0.
    private readonly Dictionary<UserId, Totals> _before = [];

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        lock (this._lock)
        {
            foreach (var (_, @event) in events)
                if (@event.User is { } user) this.Add(user, @event);
        }
    }

    /// <summary>The shoppers of an experiment.</summary>
    internal IReadOnlyList<UnitTotals> UnitsOf(ShopExperiment experiment)
    {
        lock (this._lock)
        {
            return this._experiments.TryGetValue(experiment.Hash, out var units)
                ? [.. units.Select(unit => unit.Value.ToTotals(unit.Key))]
                : [];
        }
    }

    private void Add(UserId user, Event @event)
    {
        IReadOnlyList<(uint Experiment, int Variant)> carried = @event.Type is EventType.Impression or EventType.Click && RecommendationId.TryParse(@event.RecommendationId, out var id) ? id.Experiments : [];
        foreach (var (experiment, variant) in carried)
        {
            if (!this._experiments.TryGetValue(experiment, out var units)) this._experiments[experiment] = units = [];
            if (!units.TryGetValue(user, out var unit))
            {
                var before = this._before.GetValueOrDefault(user);
                units[user] = unit = new Unit { Variant = variant, FirstSeen = @event.Time, OrdersBefore = before?.Orders.Count ?? 0, RevenueBefore = before?.Revenue ?? 0 };
            }

            if (unit.Variant != variant) unit.IsMixed = true;
            if (@event.Type == EventType.Impression) unit.Impressions++;
            else unit.Clicks++;
        }

        if (@event.Type is not (EventType.Cart or EventType.Purchase or EventType.Custom)) return;
        foreach (var units in this._experiments.Values)
            if (units.TryGetValue(user, out var unit) && @event.Time >= unit.FirstSeen) unit.Take(@event);
        if (@event.Type == EventType.Purchase) this.BeforeOf(user).Take(@event);
    }

    private Totals BeforeOf(UserId user)
    {
        if (!this._before.TryGetValue(user, out var totals)) this._before[user] = totals = new Totals();
        return totals;
    }

    private class Totals
    {
        /// <summary>Baskets of purchases; those without one are an order a day.</summary>
        public HashSet<string> Orders { get; } = [];

        public double Revenue { get; private set; }

        public virtual void Take(Event @event)
        {
            if (@event.Type != EventType.Purchase) return;
            this.Orders.Add(@event.Basket ?? "day " + @event.Time.UtcDateTime.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture));
            this.Revenue += (@event.Price ?? 0) * @event.Quantity;
        }
    }

    private sealed class Unit : Totals
    {
        private Dictionary<string, double>? _custom;

        public required int Variant { get; init; }

        public required DateTimeOffset FirstSeen { get; init; }

        public required int OrdersBefore { get; init; }

        public required double RevenueBefore { get; init; }

        public bool IsMixed { get; set; }

        public int Impressions { get; set; }

        public int Clicks { get; set; }

        public int Carts { get; private set; }

        public override void Take(Event @event)
        {
            base.Take(@event);
            if (@event.Type == EventType.Cart) this.Carts++;
            if (@event is not { Type: EventType.Custom, Text: { } name }) return;
            this._custom ??= [];
            this._custom[name] = this._custom.GetValueOrDefault(name) + (@event.Value ?? 1);
        }

        public UnitTotals ToTotals(UserId user) => new(
            user, this.Variant, this.IsMixed, this.FirstSeen, this.Impressions, this.Clicks, this.Carts, this.Orders.Count, this.Revenue, this.OrdersBefore, this.RevenueBefore,
            this._custom is null ? UnitTotals.NoCustom : new Dictionary<string, double>(this._custom));
    }
}

/// <summary>What one shopper of an experiment did.</summary>
internal sealed record UnitTotals(
    UserId User, int Variant, bool IsMixed, DateTimeOffset FirstSeen, int Impressions, int Clicks, int Carts, int Orders, double Revenue, int OrdersBefore, double RevenueBefore,
    IReadOnlyDictionary<string, double> Custom)
{
    public static readonly IReadOnlyDictionary<string, double> NoCustom = new Dictionary<string, double>();

    /// <param name="mostRevenue">Revenue above it counts as it.</param>
    public MetricSums Of(MeasuredMetric metric, double mostRevenue) => metric.Metric switch
    {
        ExperimentMetric.ClickThrough => MetricSums.Of(this.Clicks, this.Impressions),
        ExperimentMetric.AddToCart => MetricSums.Of(this.Carts > 0 ? 1 : 0),
        ExperimentMetric.Conversion => MetricSums.Of(this.Orders > 0 ? 1 : 0, covariate: this.OrdersBefore > 0 ? 1 : 0),
        ExperimentMetric.Orders => MetricSums.Of(this.Orders, covariate: this.OrdersBefore),
        ExperimentMetric.Revenue => MetricSums.Of(Math.Min(this.Revenue, mostRevenue), covariate: this.RevenueBefore),
        ExperimentMetric.OrderValue => MetricSums.Of(this.Revenue, this.Orders),
        _ => MetricSums.Of(this.Custom.GetValueOrDefault(metric.Event!)),
    };
}
