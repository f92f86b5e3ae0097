using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Shop;
using Aisle.Learning;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Probabilities;

namespace Aisle.Engine.Carts;

/// <summary>
/// Learns from the shop's own events which carts are left, and publishes the model only if it tells more of later carts than the share that was left
/// before does.
/// </summary>
public sealed class CartModelTraining(IEventStore events, Catalogue catalogue, ShopDelivery delivery, CartModelRegistry registry)
{
    // By time: what learns, and what judges.
    private const double LearnedShare = 0.7;

    /// <summary>Weak: a weight is kept from running away, no more.</summary>
    private const double Ridge = 1;

    /// <exception cref="InvalidOperationException">There is too little to learn from; the message says what there is and what it takes.</exception>
    public Task<CartModelReport> RunAsync(CartModelOptions? options = null, CancellationToken cancellation = default)
    {
        var checkedOptions = options ?? new CartModelOptions();
        checkedOptions.Check();
        return Task.Run(() => this.Run(checkedOptions, cancellation), cancellation);
    }

    private CartModelReport Run(CartModelOptions options, CancellationToken cancellation)
    {
        var moments = this.Read(options, cancellation);
        var split = new CartSplit(moments, LearnedShare);
        split.RequireEnough(options.LeastCarts);

        var past = LogisticRegression.Fit(split.RowsOf(split.Learned), split.LabelsOf(split.Learned), CartFeatures.Count, Ridge, cancellation);
        var judged = split.Judged;
        var left = Array.ConvertAll(judged, moment => 1 - past.Probability(split.RowOf(moment)));
        var outcomes = Array.ConvertAll(split.LabelsOf(judged), bought => !bought);
        var baseRate = split.LabelsOf(split.Learned).Count(bought => !bought) / (double)split.Learned.Length;
        var judgement = Calibration.Of(left, outcomes, baseRate);
        var gains = judged
            .Select((moment, place) => (moments.Moments[moment].Cart, Gain: Calibration.Surprise(baseRate, outcomes[place]) - Calibration.Surprise(left[place], outcomes[place])))
            .GroupBy(entry => entry.Cart).Select(cart => (float)cart.Average(entry => entry.Gain)).ToArray();
        var (low, high) = Bootstrap.Intervals([gains], options.Seed, options.Threads, cancellation)[0];

        int[] all = [.. Enumerable.Range(0, moments.Moments.Count)];
        var bought = LogisticRegression.Fit(moments.Rows, split.LabelsOf(all), CartFeatures.Count, Ridge, cancellation);
        return low > 0 ? registry.Publish(options.WindowHours, bought, Report) : Report(null);

        CartModelReport Report(int? version) => new(
            version, options.WindowHours, split.CartsOf(all), all.Length, split.LeftShare, DateTimeOffset.FromUnixTimeMilliseconds(split.Boundary), gains.Length, judgement, low, high,
            Enumerable.Range(0, CartFeatures.Count).ToDictionary(feature => CartFeatures.Names[feature], feature => Math.Round(-bought.Weights[feature], 4)),
            string.Create(CultureInfo.InvariantCulture,
                $"{(version is { } number ? $"Published cart model {number}" : "Published nothing: the model does not surely tell more than the share of carts that was left")}: on {gains.Length} later carts log loss {judgement.LogLoss:F4} (share alone {judgement.BaseLogLoss:F4}), AUC {judgement.Auc:F3}, probabilities off by {judgement.Error:P1} on average."));
    }

    /// <summary>Two passes: who ever had a cart, then what those did.</summary>
    private CartMoments Read(CartModelOptions options, CancellationToken cancellation)
    {
        var shoppers = new Dictionary<UserId, List<CartStep>?>();
        var end = long.MinValue;
        foreach (var (_, @event) in Watched(events.Read(), cancellation))
        {
            end = Math.Max(end, @event.Time.ToUnixTimeMilliseconds());
            if (@event is { Type: EventType.Cart, User: { } user }) shoppers.TryAdd(user, null);
        }

        if (shoppers.Count > options.Shoppers)
            shoppers = shoppers.Keys.OrderBy(user => UnitHash.Of("carts", user.Value)).Take(options.Shoppers).ToDictionary(user => user, _ => (List<CartStep>?)null);
        foreach (var (_, @event) in Watched(events.Read(), cancellation))
        {
            if (@event.User is not { } user || !shoppers.TryGetValue(user, out var known) || CartStep.Of(@event, catalogue.IndexFor) is not { } step) continue;
            if (known is null) shoppers[user] = known = [];
            known.Add(step);
        }

        var moments = new CartMoments((long)TimeSpan.FromHours(options.WindowHours).TotalMilliseconds, delivery.Terms.FreeFrom, index => catalogue.ItemAt(index)?.Price ?? double.NaN, end);
        // In an order of their own, so that sums do not depend on who came first in a dictionary.
        foreach (var (_, steps) in shoppers.OrderBy(entry => entry.Key.Value, StringComparer.Ordinal))
            if (steps is not null) moments.Add([.. steps.OrderBy(step => step.Time)]);
        return moments;
    }

    private static IEnumerable<StoredEvent> Watched(IEnumerable<StoredEvent> stored, CancellationToken cancellation)
    {
        foreach (var one in stored)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return one;
        }
    }
}

/// <summary>Moments divided by time: those whose window ended before a moment learn, those after it judge, and what lies across it does neither.</summary>
internal sealed class CartSplit
{
    private readonly CartMoments _moments;

    public CartSplit(CartMoments moments, double learnedShare)
    {
        this._moments = moments;
        var times = moments.Moments.Select(moment => moment.At).Order().ToArray();
        this.Boundary = times.Length == 0 ? 0 : times[(int)(learnedShare * times.Length)];
        var all = Enumerable.Range(0, times.Length);
        this.Learned = [.. all.Where(moment => moments.Moments[moment].Until < this.Boundary)];
        this.Judged = [.. all.Where(moment => moments.Moments[moment].At >= this.Boundary)];
        this.LeftShare = moments.Moments.GroupBy(moment => moment.Cart).Select(cart => cart.Any(moment => moment.Bought) ? 0.0 : 1.0).DefaultIfEmpty(0).Average();
    }

    /// <summary>Unix milliseconds.</summary>
    public long Boundary { get; }

    public int[] Learned { get; }

    public int[] Judged { get; }

    /// <summary>Share of the carts of which nothing was bought.</summary>
    public double LeftShare { get; }

    public ReadOnlySpan<double> RowOf(int moment) => this._moments.Rows.Slice(moment * CartFeatures.Count, CartFeatures.Count);

    public double[] RowsOf(int[] moments)
    {
        var rows = new double[moments.Length * CartFeatures.Count];
        for (var place = 0; place < moments.Length; place++) this.RowOf(moments[place]).CopyTo(rows.AsSpan(place * CartFeatures.Count));
        return rows;
    }

    public bool[] LabelsOf(int[] moments) => Array.ConvertAll(moments, moment => this._moments.Moments[moment].Bought);

    public int CartsOf(int[] moments) => moments.Select(moment => this._moments.Moments[moment].Cart).Distinct().Count();

    /// <exception cref="InvalidOperationException">There are too few carts on either side, or all of them ended alike.</exception>
    public void RequireEnough(int least)
    {
        var (before, after) = (this.CartsOf(this.Learned), this.CartsOf(this.Judged));
        if (before < least || after < least)
        {
            throw new InvalidOperationException(
                $"A model of abandonment needs {least} carts whose end is known to learn from and {least} later ones to be judged by; there are {before} and {after}. Send cart, remove-from-cart and purchase events with their shopper, and try again later.");
        }

        if (this.LabelsOf(this.Learned).Distinct().Count() < 2)
            throw new InvalidOperationException("A model of abandonment needs carts that were bought and carts that were left; so far all ended alike.");
    }
}
