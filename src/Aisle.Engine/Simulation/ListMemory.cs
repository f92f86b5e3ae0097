using Aisle.Engine.DemoShop;

namespace Aisle.Engine.Simulation;

/// <summary>What one shopper was shown, looked at and bought, as far as it tires them.</summary>
internal sealed class ListMemory
{
    private const double DayMs = 86_400_000;
    private const double ForgetsImpressionsIn = 7;

    private readonly Dictionary<Product, (double Count, long Time)> _shown = [];
    private readonly Dictionary<Product, long> _seen = [];
    private readonly Dictionary<Product, long> _bought = [];

    public static double Days(long from, long to) => Math.Max(0, to - from) / DayMs;

    public void Show(Product product, long time) => this._shown[product] = (this.ImpressionsOf(product, time) + 1, time);

    public void See(Product product, long time) => this._seen[product] = Math.Max(time, this._seen.GetValueOrDefault(product));

    public void Buy(Product product, long time) => this._bought[product] = Math.Max(time, this._bought.GetValueOrDefault(product));

    /// <summary>Impressions, each weighed by exp(−days / 7).</summary>
    public double ImpressionsOf(Product product, long now) =>
        this._shown.TryGetValue(product, out var shown) ? shown.Count * Math.Exp(-Days(shown.Time, now) / ForgetsImpressionsIn) : 0;

    public long? SeenAt(Product product) => this._seen.TryGetValue(product, out var time) ? time : null;

    public long? BoughtAt(Product product) => this._bought.TryGetValue(product, out var time) ? time : null;
}
