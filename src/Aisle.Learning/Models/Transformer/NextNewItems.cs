using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Asks at each event for one of the next items that the shopper had not touched before, drawn by chance, in the place of the very next event.</summary>
internal sealed class NextNewItems
{
    private readonly SequenceWindows _windows;
    private readonly HeldOutEvents _held;
    private readonly int _ahead;
    private readonly int _seed;
    private readonly FirstTouches _firsts;

    /// <param name="held">Users whose last event is left out.</param>
    /// <param name="ahead">Of how many next new items one is drawn.</param>
    public NextNewItems(SequenceWindows windows, HeldOutEvents held, int ahead, int seed)
    {
        this._windows = windows;
        this._held = held;
        this._ahead = ahead;
        this._seed = seed;
        this._firsts = new FirstTouches(windows.Sequences);
    }

    public BehaviourBatch Of(int[] examples, long step)
    {
        var batch = BehaviourBatch.Of(this._windows, examples);
        var events = this._windows.Sequences;
        List<int> asked = [], targets = [], kinds = [], news = [];
        for (var i = 0; i < examples.Length; i++)
        {
            var (user, first, end) = this._windows.PlaceOf(examples[i]);
            var random = new RandomStream(this._seed, unchecked((int)step), examples[i]);
            this.FindNews(user, first, end, news);
            var next = 0;
            for (var place = first; place < end - 1; place++)
            {
                while (next < news.Count && news[next] <= place) next++;
                var count = Math.Min(this._ahead, news.Count - next);
                if (count == 0) continue;
                var drawn = news[next + random.Below(count)];
                asked.Add(batch.Starts[i] + place - first);
                targets.Add(events.ItemsOf(user)[drawn]);
                if (events.HasKinds) kinds.Add(events.KindsOf(user)[drawn]);
            }
        }

        // Steps in which nobody goes on to anything new learn the next event.
        return asked.Count == 0 ? batch : batch with { Targets = [.. targets], TargetKinds = [.. kinds], Asked = [.. asked] };
    }

    /// <summary>Events of a window that something new comes after: those that are asked, whatever is drawn for them.</summary>
    public int AnswersOf(int example)
    {
        var (user, first, end) = this._windows.PlaceOf(example);
        for (var place = this.LastOf(user) - 1; place > first; place--)
        {
            if (this._firsts.Contains(user, place)) return Math.Min(place, end - 1) - first;
        }

        return 0;
    }

    /// <summary>Where what is learned of a user ends.</summary>
    private int LastOf(int user) => this._windows.Sequences.CountOf(user) - (this._held.Contains(user) ? 1 : 0);

    /// <summary>Places of first touches after the first event of a window, ascending, as many as any of its events can draw from; none of what is held out.</summary>
    private void FindNews(int user, int first, int end, List<int> news)
    {
        news.Clear();
        var (count, beyond) = (this.LastOf(user), 0);
        for (var place = first + 1; place < count && beyond < this._ahead; place++)
        {
            if (!this._firsts.Contains(user, place)) continue;
            news.Add(place);
            if (place >= end - 1) beyond++;
        }
    }
}

/// <summary>Which events are the first of their user on their item: a bit an event.</summary>
internal sealed class FirstTouches
{
    private readonly Sequences _events;
    private readonly ulong[] _bits;

    public FirstTouches(Sequences events)
    {
        this._events = events;
        this._bits = new ulong[(events.Count + 63) / 64];
        var lastToucher = new int[events.Items];
        for (var user = 0; user < events.Users; user++)
        {
            var at = events.RowStarts[user];
            foreach (var item in events.ItemsOf(user))
            {
                // Users count from 1 here: 0 stands for nobody yet.
                if (lastToucher[item] != user + 1) this._bits[at >> 6] |= 1UL << (int)(at & 63);
                lastToucher[item] = user + 1;
                at++;
            }
        }
    }

    public bool Contains(int user, int place)
    {
        var at = this._events.RowStarts[user] + place;
        return (this._bits[at >> 6] >> (int)(at & 63) & 1) == 1;
    }
}
