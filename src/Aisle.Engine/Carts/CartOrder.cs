using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Sources;
using Aisle.Engine.Training;

namespace Aisle.Engine.Carts;

/// <summary>Puts a cart's lines in the order of what the shopper cares about, and says why.</summary>
/// <remarks>
/// score = Σ weight · part / Σ weight over the parts that are known, each part in [0, 1]: <b>taste</b> (0.35), the share of the catalogue that the personal
/// model holds less likely, asked with the shopper's history without what lies in the cart; <b>recent</b> (0.2), 2^(−days since the last touch / 2);
/// <b>interest</b> (0.15), the shopper's points for the product beside the most of the cart; <b>price</b> (0.2), the line's share of the cart's value beside
/// the largest; <b>scarce</b> (0.1), 1 where few pieces are left. A part that is not known of one line counts as the mean of the others, so that not to be known
/// is neither good nor bad. What cannot be bought now stands behind all else.
/// </remarks>
public sealed class CartOrder(ShopperHistories histories, ModelRegistry models, ItemStatistics statistics, TimeProvider time)
{
    /// <summary>So few pieces left are worth a word.</summary>
    public const int FewLeft = 4;

    private const double TasteWeight = 0.35;
    private const double RecentWeight = 0.2;
    private const double InterestWeight = 0.15;
    private const double PriceWeight = 0.2;
    private const double ScarceWeight = 0.1;
    private const double RecentHalfLife = 2;

    /// <param name="user">Null for a shopper who is not known: what only the cart tells decides then.</param>
    public IReadOnlyList<OrderedLine> Of(UserId? user, IReadOnlyList<CartLine> lines)
    {
        if (lines.Count == 0) return [];
        var history = user is { } known ? histories.Of(known) : null;
        var touched = (history?.Items ?? []).ToDictionary(item => item.Item);
        var tastes = this.Tastes(history, [.. lines.Select(line => line.Item.Id)]);
        var mostPoints = lines.Max(line => touched.TryGetValue(line.Item.Id, out var entry) ? InteractionStrength.Damp(entry.Points) : 0);
        var mostValue = lines.Max(line => line.Total);
        var scored = new List<(CartLine Line, CartLineState State, Part[] Parts)>();
        for (var place = 0; place < lines.Count; place++)
        {
            var line = lines[place];
            var entry = touched.GetValueOrDefault(line.Item.Id);
            var few = line.Item.Stock is > 0 and <= FewLeft;
            scored.Add((line, this.StateOf(line), [
                new(CartLineReason.Taste, TasteWeight, tastes?[place]),
                new(CartLineReason.Recent, RecentWeight, entry is null ? null : double.Exp2(-Math.Max(0, (statistics.LatestEvent - entry.Last).TotalDays) / RecentHalfLife)),
                new(CartLineReason.Interest, InterestWeight, entry is null || mostPoints <= 0 ? null : InteractionStrength.Damp(entry.Points) / mostPoints),
                new(CartLineReason.Price, PriceWeight, mostValue > 0 ? line.Total / mostValue : null),
                new(CartLineReason.Scarce, ScarceWeight, few ? 1 : 0),
            ]));
        }

        var means = Enumerable.Range(0, scored[0].Parts.Length).Select(part => scored.Average(entry => entry.Parts[part].Value)).ToArray();
        return [.. scored
            .Select(entry => new OrderedLine(entry.Line, Score(entry.Parts, means), entry.State, ReasonOf(entry.State, entry.Parts, means), entry.Parts.Where(part => part.Value is not null).ToDictionary(part => part.Reason, part => part.Value!.Value)))
            .OrderBy(line => line.State != CartLineState.OnSale)
            .ThenByDescending(line => line.Score)];
    }

    /// <param name="means">Of each part over the lines of which it is known; null where it is known of none.</param>
    private static double Score(Part[] parts, double?[] means)
    {
        var (sum, weight) = (0.0, 0.0);
        for (var place = 0; place < parts.Length; place++)
        {
            if (means[place] is not { } mean) continue;
            sum += parts[place].Weight * (parts[place].Value ?? mean);
            weight += parts[place].Weight;
        }

        return sum / weight;
    }

    /// <summary>What lifts the line above the others of the cart most; of a line alone, what it scores most by.</summary>
    private static CartLineReason ReasonOf(CartLineState state, Part[] parts, double?[] means)
    {
        if (state == CartLineState.SoldOut) return CartLineReason.SoldOut;
        if (state == CartLineState.NotYet) return CartLineReason.NotYet;
        var best = parts.Select((part, place) => (part.Reason, Lift: part.Weight * ((part.Value - means[place]) ?? 0), Height: part.Weight * (part.Value ?? 0)))
            .OrderByDescending(part => Math.Round(part.Lift, 6)).ThenByDescending(part => part.Height).First();
        return best.Height > 0 ? best.Reason : CartLineReason.InCart;
    }

    private CartLineState StateOf(CartLine line) =>
        line.Item.Stock is <= 0 ? CartLineState.SoldOut : line.Item.AvailableFrom > time.GetUtcNow() ? CartLineState.NotYet : CartLineState.OnSale;

    /// <summary>How well each item fits what the shopper did apart from this cart; null where nothing says so.</summary>
    private double?[]? Tastes(ShopperHistory? history, IReadOnlyList<ItemId> items)
    {
        if (history is null || models.Serving is not { } serving || serving.For(ModelRole.Personal) is not { } model) return null;
        var inCart = items.ToHashSet();
        var rows = HistoryRows.Of(
            [.. history.Events.Where(step => !inCart.Contains(step.Item))], statistics.LatestEvent, serving.Manifest.Part(ModelRole.Personal)!.HalfLifeDays, serving.IndexOf);
        if (rows.Count == 0) return null;
        var scores = new float[serving.Items];
        model.ScoreHistory(rows.History, scores);
        return [.. items.Select(id => serving.IndexOf(id) is { } item ? (double?)Lower(scores, scores[item]) : null)];
    }

    /// <summary>Share of the scores below one, equal ones by half. Items of which nothing in the history speaks score −∞, and share the last place.</summary>
    private static double Lower(float[] scores, float score)
    {
        var halves = 0L;
        foreach (var other in scores) halves += other < score ? 2 : other == score ? 1 : 0;
        return halves / (2.0 * scores.Length);
    }

    /// <param name="Value">In [0, 1]; null where it is not known.</param>
    private sealed record Part(CartLineReason Reason, double Weight, double? Value);
}

public enum CartLineState
{
    OnSale,
    SoldOut,

    /// <summary>Not available before a day that is still to come.</summary>
    NotYet,
}

/// <summary>Why a line stands where it stands.</summary>
public enum CartLineReason
{
    Taste,
    Recent,
    Interest,
    Price,
    Scarce,
    SoldOut,
    NotYet,

    /// <summary>Nothing more is known of it.</summary>
    InCart,
}

/// <summary>A line at its place.</summary>
/// <param name="Score">In [0, 1].</param>
/// <param name="Parts">The parts of the score that are known, each in [0, 1].</param>
public sealed record OrderedLine(CartLine Line, double Score, CartLineState State, CartLineReason Reason, IReadOnlyDictionary<CartLineReason, double> Parts)
{
    /// <summary>Pieces left, where they are few.</summary>
    public int? Few => this.Line.Item.Stock is > 0 and <= CartOrder.FewLeft ? this.Line.Item.Stock : null;

    /// <param name="language"><c>zh</c>, or anything else for English.</param>
    public string Sentence(string language)
    {
        var chinese = language.StartsWith("zh", StringComparison.Ordinal);
        return this.Reason switch
        {
            CartLineReason.Taste => chinese ? "最符合其平时的喜好" : "Fits what the shopper otherwise likes",
            CartLineReason.Recent => chinese ? "刚刚看过" : "Touched lately",
            CartLineReason.Interest => chinese ? "兴趣高于购物车中的其他商品" : "More interest in it than in the rest of the cart",
            CartLineReason.Price => chinese ? "占购物车金额的比重大" : "A large part of the cart's value",
            CartLineReason.Scarce => chinese ? $"仅剩 {this.Few} 件" : $"Only {this.Few} left",
            CartLineReason.SoldOut => chinese ? "暂时售罄" : "Sold out for now",
            CartLineReason.NotYet => chinese ? "尚未发售" : "Not available yet",
            _ => chinese ? "在购物车中" : "Lies in the cart",
        };
    }
}
