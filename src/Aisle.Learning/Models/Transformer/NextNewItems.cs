namespace Aisle.Learning.Models;

/// <summary>Asks at each event for one of the next items that the shopper had not touched before, drawn by chance, in the place of the very next event.</summary>
/// <param name="held">Users whose last event is left out.</param>
/// <param name="ahead">Of how many next new items one is drawn.</param>
internal sealed class NextNewItems(SequenceWindows windows, HeldOutEvents held, int ahead, int seed)
{
    /// <summary>By user, made when first needed.</summary>
    private readonly int[]?[] _newPlaces = new int[]?[windows.Sequences.Users];

    public BehaviourBatch Of(int[] examples, long step)
    {
        var batch = BehaviourBatch.Of(windows, examples);
        var events = windows.Sequences;
        List<int> asked = [], targets = [], kinds = [];
        for (var i = 0; i < examples.Length; i++)
        {
            var (user, first, end) = windows.PlaceOf(examples[i]);
            var random = new RandomStream(seed, unchecked((int)step), examples[i]);
            var news = this.NewPlaces(user);
            var next = 0;
            for (var place = first; place < end - 1; place++)
            {
                while (next < news.Length && news[next] <= place) next++;
                var count = Math.Min(ahead, news.Length - next);
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

    /// <summary>Places of a user's events on items that stand in no earlier one, ascending, but for what is held out.</summary>
    private ReadOnlySpan<int> NewPlaces(int user)
    {
        if (this._newPlaces[user] is { } known) return known;
        var (seen, places) = (new HashSet<int>(), new List<int>());
        var events = windows.Sequences;
        var items = events.ItemsOf(user)[..(events.CountOf(user) - (held.Contains(user) ? 1 : 0))];
        for (var place = 0; place < items.Length; place++)
        {
            if (seen.Add(items[place])) places.Add(place);
        }

        return this._newPlaces[user] = [.. places];
    }
}
