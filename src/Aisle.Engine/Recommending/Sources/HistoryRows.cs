using System.Runtime.InteropServices;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Training;
using Aisle.Learning.Models;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>
/// The part of a shopper's events that the model knows, in the form of its training: rows of events, oldest first, with kinds and ages. What an item
/// weighs, which is decayed and damped as in training, is divided among its rows.
/// </summary>
internal sealed class HistoryRows
{
    private readonly List<int> _items = [];
    private readonly List<float> _weights = [];
    private readonly List<float> _ages = [];
    private readonly List<byte> _kinds = [];
    private readonly List<ItemId> _ids = [];

    private HistoryRows()
    {
    }

    public int Count => this._items.Count;

    public History History => new(
        CollectionsMarshal.AsSpan(this._items), CollectionsMarshal.AsSpan(this._weights), CollectionsMarshal.AsSpan(this._ages), CollectionsMarshal.AsSpan(this._kinds));

    public static HistoryRows Of(RecommendationContext context) => Of(
        context.Events, context.LatestEvent, context.Model!.Manifest.Part(ModelRole.Personal)!.HalfLifeDays, context.Model.IndexOf);

    /// <param name="events">Oldest first.</param>
    /// <param name="now">Ages count from here.</param>
    /// <param name="indexOf">The model's index of an item; null for one that it does not know.</param>
    internal static HistoryRows Of(IReadOnlyList<HistoryEvent> events, DateTimeOffset now, double? halfLifeDays, Func<ItemId, int?> indexOf)
    {
        var sums = new Dictionary<ItemId, (float Points, int Rows)>();
        foreach (var step in events)
        {
            var (points, rows) = sums.GetValueOrDefault(step.Item);
            var kept = halfLifeDays is { } days ? (float)(step.Points * Math.Pow(2, -AgeOf(step, now) / days)) : step.Points;
            sums[step.Item] = (points + kept, step.Points > 0 ? rows + 1 : rows);
        }

        var found = new HistoryRows();
        foreach (var step in events)
        {
            var (points, rows) = sums[step.Item];
            var weight = InteractionStrength.Damp(points) / Math.Max(1, rows);
            if (step.Points <= 0 || weight <= 0 || indexOf(step.Item) is not { } item) continue;
            found._items.Add(item);
            found._weights.Add(weight);
            found._ages.Add((float)AgeOf(step, now));
            found._kinds.Add((byte)step.Type);
            found._ids.Add(step.Item);
        }

        return found;
    }

    /// <summary>The item whose rows together contribute most; null where none speaks for it.</summary>
    public ItemId? Strongest(ReadOnlySpan<float> contributions)
    {
        var sums = new Dictionary<ItemId, float>();
        for (var row = 0; row < contributions.Length; row++) sums[this._ids[row]] = sums.GetValueOrDefault(this._ids[row]) + contributions[row];
        var best = sums.MaxBy(sum => sum.Value);
        return best.Value > 0 ? best.Key : null;
    }

    private static double AgeOf(HistoryEvent step, DateTimeOffset now) => Math.Max(0, (now - step.Time).TotalDays);
}
