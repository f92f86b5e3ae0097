using Aisle.Learning.Kernels;
using Aisle.Learning.Ranking;

namespace Aisle.Learning.Models;

/// <summary>What is known of each candidate for the next event of a session: the numbers by which <see cref="SessionRankerModel"/> ranks.</summary>
/// <remarks>Shares, not counts, wherever an amount grows with the data: trees that were learned beside a part of the sessions read those of all.</remarks>
internal sealed class SessionFeatures
{
    /// <summary>The latest so much of all sessions tells what is popular now.</summary>
    private const float RecentShare = 0.1f;

    /// <summary>Latest events that are asked one by one what follows them.</summary>
    private const int EventsAlone = 3;

    private readonly SessionBlendModel _blend;

    /// <summary>By item: its share of all events, and of those of the latest sessions.</summary>
    private readonly float[] _popularity;
    private readonly float[] _recent;

    public SessionFeatures(SessionBlendModel blend)
    {
        this._blend = blend;
        this._popularity = new float[blend.Items];
        this._recent = new float[blend.Items];
        var sessions = blend.Neighbours.Sessions;
        var ages = blend.Neighbours.Ages;
        for (var session = 0; session < sessions.Users; session++)
        {
            foreach (var item in sessions.ItemsOf(session))
            {
                this._popularity[item]++;
                if (ages[session] < RecentShare) this._recent[item]++;
            }
        }

        ToShares(this._popularity);
        ToShares(this._recent);
    }

    public static FeatureSchema Schema { get; } = new(new[]
    {
        "neighbours", "neighbours.place", "transitions", "transitions.place", "blend", "blend.place", "blend.ofBest", "blend.best",
        "after.last", "after.second", "after.third", "neighbours.ofLast",
        "popularity", "popularity.now", "popularity.rise",
        "times", "eventsSince", "length", "different", "last.times", "last.popularity",
    }.Select(name => new RankingFeature(name)));

    /// <param name="most">Candidates at most: the best of the blend.</param>
    /// <param name="blended">Receives the blend's share of every item; 0 for those that it does not know.</param>
    /// <returns>The candidates, best of the blend first, and a row of features for each.</returns>
    public (int[] Items, float[] Rows) Of(History history, int most, Span<float> blended)
    {
        var items = this._blend.Items;
        using var room = new ScratchFloats((long)items * (3 + EventsAlone));
        Span<float> neighbours = room.Span[..items], transitions = room.Span.Slice(items, items), ofLast = room.Span.Slice(2 * items, items), after = room.Span[(3 * items)..];
        Shares(this._blend.Neighbours, history, neighbours);
        Shares(this._blend.Transitions, history, transitions);
        for (var item = 0; item < items; item++) blended[item] = (float)(((1 - this._blend.TransitionShare) * neighbours[item]) + (this._blend.TransitionShare * transitions[item]));
        var candidates = Best(blended, most);
        if (candidates.Length == 0) return (candidates, []);

        var count = history.Items.Length;
        Shares(this._blend.Neighbours, new History(history.Items[^1..]), ofLast);
        for (var back = 0; back < EventsAlone; back++)
        {
            if (back < count) Shares(this._blend.Transitions, new History(history.Items.Slice(count - 1 - back, 1)), after.Slice(back * items, items));
            else after.Slice(back * items, items).Clear();
        }

        var met = Met(history);
        var neighbourPlaces = Places(candidates, neighbours);
        var transitionPlaces = Places(candidates, transitions);
        var (last, best) = (history.Items[^1], blended[candidates[0]]);
        var rows = new float[candidates.Length * Schema.Count];
        for (var i = 0; i < candidates.Length; i++)
        {
            var item = candidates[i];
            var (times, place) = met.GetValueOrDefault(item);
            ReadOnlySpan<float> row =
            [
                neighbours[item], neighbourPlaces[i], transitions[item], transitionPlaces[i], blended[item], i, blended[item] / best, best,
                after[item], after[items + item], after[(2 * items) + item], ofLast[item],
                this._popularity[item], this._recent[item], this._popularity[item] > 0 ? this._recent[item] / this._popularity[item] : 0f,
                times, times > 0 ? count - place : 0, count, met.Count, met[last].Times, this._popularity[last],
            ];
            row.CopyTo(rows.AsSpan(i * Schema.Count));
        }

        return (candidates, rows);
    }

    /// <summary>Scores that add up to 1; 0 for what is unknown.</summary>
    private static void Shares(IModel model, History history, Span<float> shares)
    {
        model.ScoreHistory(history, shares);
        foreach (ref var share in shares) share = Math.Max(0f, share);
        ToShares(shares);
    }

    private static void ToShares(Span<float> amounts)
    {
        var sum = 0.0;
        foreach (var amount in amounts) sum += amount;
        if (sum == 0) return;
        foreach (ref var amount in amounts) amount = (float)(amount / sum);
    }

    private static int[] Best(ReadOnlySpan<float> shares, int most)
    {
        var best = new int[Math.Min(most, shares.Length)];
        var values = new float[best.Length];
        var count = TopK.Select(shares, best, values);
        while (count > 0 && values[count - 1] == 0f) count--;
        return best[..count];
    }

    /// <summary>The candidates' places in the order of these shares, from 0.</summary>
    private static int[] Places(int[] candidates, ReadOnlySpan<float> shares)
    {
        var keys = new (float, int)[candidates.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = (-shares[candidates[i]], i);
        Array.Sort(keys);
        var places = new int[keys.Length];
        for (var place = 0; place < keys.Length; place++) places[keys[place].Item2] = place;
        return places;
    }

    /// <summary>By item of the history: how often it stands there, and its last place.</summary>
    private static Dictionary<int, (int Times, int Place)> Met(History history)
    {
        var met = new Dictionary<int, (int Times, int Place)>();
        for (var place = 0; place < history.Items.Length; place++) met[history.Items[place]] = (met.GetValueOrDefault(history.Items[place]).Times + 1, place);
        return met;
    }
}
