using System.Text.Json;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Probabilities;

namespace Aisle.Engine.Carts;

/// <summary>A published model of abandonment.</summary>
/// <param name="WindowHours">A cart counts as left when nothing of it was bought for so long after its last change.</param>
/// <param name="Bought">The probability that something of the cart is bought within the window.</param>
public sealed record CartModel(int Version, double WindowHours, LogisticRegression Bought, CartModelReport Report)
{
    public TimeSpan Window => TimeSpan.FromHours(this.WindowHours);
}

/// <summary>What a training of the model of abandonment found.</summary>
/// <param name="Version">Of the published model; null where it was not published.</param>
/// <param name="Carts">Whose end is known.</param>
/// <param name="Moments">At which these carts were looked at.</param>
/// <param name="LeftShare">Of the carts, those that were left.</param>
/// <param name="JudgedFrom">The moments from here on judged the model that had learned from those before; the published one learned from all.</param>
/// <param name="JudgedCarts">Carts behind <see cref="Judgement"/>.</param>
/// <param name="Judgement">How far the probabilities of being left can be trusted; its base rate is that of the past.</param>
/// <param name="GainLow">Where the gain in log loss over the base rate lies with a confidence of 95 % (bootstrap over carts), in nats for a cart.</param>
/// <param name="Weights">What a standard deviation more of each feature adds to the log-odds of being left.</param>
public sealed record CartModelReport(
    int? Version, double WindowHours, int Carts, int Moments, double LeftShare, DateTimeOffset JudgedFrom, int JudgedCarts, Calibration Judgement, double GainLow, double GainHigh,
    IReadOnlyDictionary<string, double> Weights, string Verdict)
{
    public string ToJson() => JsonSerializer.Serialize(this, CartJson.Default.CartModelReport);
}

/// <summary>What the model of abandonment is trained on.</summary>
public sealed record CartModelOptions
{
    /// <summary>A cart is left when nothing of it was bought for so many hours after its last change. In [1, 336], default 24.</summary>
    public double WindowHours { get; init; } = 24;

    /// <summary>Carts whose end is known that there must be at least, before and after the moment that divides them. In [50, 1,000,000], default 200.</summary>
    public int LeastCarts { get; init; } = 200;

    /// <summary>Shoppers learned from at most, drawn by hash. In [100, 10,000,000], default 100,000.</summary>
    public int Shoppers { get; init; } = 100_000;

    public int Seed { get; init; } = 1;

    /// <summary>Worker threads. At least 1; default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Check()
    {
        if (this.WindowHours is not (>= 1 and <= 336)) throw new ArgumentException($"window hours is {this.WindowHours}; it must lie between 1 and 336.");
        if (this.LeastCarts is < 50 or > 1_000_000) throw new ArgumentException($"least carts is {this.LeastCarts}; it must lie between 50 and 1000000.");
        if (this.Shoppers is < 100 or > 10_000_000) throw new ArgumentException($"shoppers is {this.Shoppers}; it must lie between 100 and 10000000.");
        if (this.Threads < 1) throw new ArgumentException($"threads is {this.Threads}; it must be at least 1.");
    }
}
