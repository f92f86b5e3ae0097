using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>For each item the most recent sessions that hold it, latest session first, each with the item's last place in it.</summary>
internal sealed class SessionIndex
{
    private readonly int[] _starts;
    private readonly (int Session, int Place)[] _entries;

    /// <param name="perItem">Sessions kept per item.</param>
    public SessionIndex(Sequences sessions, int perItem)
    {
        var order = LatestFirst(sessions);
        this.Ages = new float[sessions.Users];
        for (var rank = 0; rank < order.Length; rank++) this.Ages[order[rank]] = (float)rank / order.Length;
        this.SessionsWith = new int[sessions.Items];
        var lastSession = new int[sessions.Items];
        foreach (var session in order)
        {
            foreach (var item in sessions.ItemsOf(session))
            {
                if (lastSession[item] == session + 1) continue;
                lastSession[item] = session + 1;
                this.SessionsWith[item]++;
            }
        }

        this._starts = new int[sessions.Items + 1];
        for (var item = 0; item < sessions.Items; item++) this._starts[item + 1] = this._starts[item] + Math.Min(this.SessionsWith[item], perItem);
        this._entries = new (int Session, int Place)[this._starts[^1]];
        var next = this._starts.AsSpan(0, sessions.Items).ToArray();
        foreach (var session in order)
        {
            var items = sessions.ItemsOf(session);
            for (var place = items.Length - 1; place >= 0; place--)
            {
                var item = items[place];
                var at = next[item];
                if (at == this._starts[item + 1] || (at > this._starts[item] && this._entries[at - 1].Session == session)) continue;
                this._entries[at] = (session, place);
                next[item]++;
            }
        }

        this.Sessions = order.Length;
    }

    /// <summary>Sessions that hold anything.</summary>
    public int Sessions { get; }

    /// <summary>By session: the share of sessions that are more recent.</summary>
    public float[] Ages { get; }

    /// <summary>By item: how many sessions hold it, kept or not.</summary>
    public int[] SessionsWith { get; }

    public ReadOnlySpan<(int Session, int Place)> Of(int item) => this._entries.AsSpan(this._starts[item], this._starts[item + 1] - this._starts[item]);

    /// <summary>Sessions that hold anything, by their latest times; equal times and sessions without times by their numbers, the highest first.</summary>
    private static int[] LatestFirst(Sequences sessions)
    {
        var order = Enumerable.Range(0, sessions.Users).Where(session => sessions.CountOf(session) > 0).Reverse().ToArray();
        if (!sessions.HasTimes) return order;
        return [.. order.OrderByDescending(session => sessions.TimesOf(session)[^1])];
    }
}
