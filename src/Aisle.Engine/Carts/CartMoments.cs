using Aisle.Engine.Events;

namespace Aisle.Engine.Carts;

/// <summary>Carts at moments of their life, with what became of them: the rows that a model of abandonment learns from.</summary>
/// <remarks>
/// A cart is looked at a minute, 5 minutes, half an hour, 2, 8 and 24 hours after each change, while nothing was changed or bought since and its window is
/// open. The label is whether one of the products that lay in it then was bought after that moment and before the window's end. Moments whose window had
/// not ended when the events end have no label, and are left out.
/// </remarks>
internal sealed class CartMoments(long windowMs, double? freeFrom, Func<int, double> priceOf, long end)
{
    private static readonly long[] AgesMs = [60_000, 300_000, 1_800_000, 7_200_000, 28_800_000, 86_400_000];

    private readonly List<double> _rows = [];
    private readonly List<CartMoment> _moments = [];
    private readonly double[] _row = new double[CartFeatures.Count];
    private int _carts;

    public IReadOnlyList<CartMoment> Moments => this._moments;

    /// <summary>A row of features for each moment.</summary>
    public ReadOnlySpan<double> Rows => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(this._rows);

    /// <summary>Adds the carts of one shopper.</summary>
    /// <param name="steps">Oldest first.</param>
    public void Add(IReadOnlyList<CartStep> steps)
    {
        var timeline = new CartTimeline(windowMs, freeFrom, priceOf);
        var open = new List<(int Moment, int[] Items, long Until)>();
        var next = AgesMs.Length;
        foreach (var step in steps)
        {
            next = this.LookUntil(step.Time, timeline, next, open);
            if (step.Type == EventType.Purchase)
            {
                foreach (var (moment, items, until) in open)
                    if (step.Time <= until && items.Contains(step.Item)) this._moments[moment] = this._moments[moment] with { Bought = true };
                if (timeline.Holds(step.Item)) next = AgesMs.Length;
            }

            timeline.Take(step);
            if (step.Type is not (EventType.Cart or EventType.RemoveFromCart) || timeline.Changed != step.Time) continue;
            next = timeline.IsEmpty ? AgesMs.Length : 0;
            open.RemoveAll(entry => entry.Until < step.Time);
        }

        this.LookUntil(long.MaxValue, timeline, next, open);
        this._carts += timeline.Number;
    }

    /// <summary>Looks at the cart at those of its moments that lie before a time.</summary>
    /// <param name="next">The first age that was not looked at yet.</param>
    /// <returns>The same after it.</returns>
    private int LookUntil(long time, CartTimeline timeline, int next, List<(int Moment, int[] Items, long Until)> open)
    {
        var items = next < AgesMs.Length ? timeline.Items.ToArray() : [];
        for (; next < AgesMs.Length; next++)
        {
            var at = timeline.Changed + AgesMs[next];
            var until = timeline.Changed + windowMs;
            if (at >= time) return next;
            if (AgesMs[next] >= windowMs || until > end) return AgesMs.Length;
            timeline.Write(at, this._row);
            open.Add((this._moments.Count, items, until));
            this._moments.Add(new CartMoment(at, until, this._carts + timeline.Number, Bought: false));
            this._rows.AddRange(this._row);
        }

        return next;
    }
}

/// <param name="At">Unix milliseconds.</param>
/// <param name="Until">When the cart's window ends.</param>
/// <param name="Cart">Numbers the cart.</param>
internal readonly record struct CartMoment(long At, long Until, int Cart, bool Bought);
