namespace Aisle.Learning.Models;

/// <summary>
/// Sessions of the histories that were asked about lately. A history that goes on from one of them costs a step for each new event, and one that is
/// asked about again costs nothing. Histories are known by what stands in them: nobody needs to say whose they are, a history that changed in any other
/// way is read anew, and what is asked for no more gives way to others. A state that was reached step by step differs from one read in one pass by
/// rounding alone. Safe for concurrent use.
/// </summary>
internal sealed class RecentSessions(BehaviourTransformerModel model)
{
    /// <summary>What all sessions together may take, about: three hundred of the default size.</summary>
    private const long Bytes = 64L << 20;

    /// <summary>New events that are added one by one; a pass over everything is as fast as a dozen of them.</summary>
    private const int MostAdded = 8;

    /// <summary>Fewer events than this are read anew as fast as they are looked up.</summary>
    private const int Least = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, LinkedListNode<Kept>> _kept = [];

    /// <summary>The latest asked first.</summary>
    private readonly LinkedList<Kept> _order = [];

    private readonly int _most = (int)Math.Min(10_000, Bytes / (8L * model.Encoder.Shape.Blocks * model.Encoder.Shape.Length * model.Encoder.Shape.Dimensions));

    /// <summary>How often a history was found, or what it goes on from.</summary>
    public long Found { get; private set; }

    /// <returns>False, and nothing done, for a history that is not kept: a short one, or one longer than the model reads, whose oldest events slide out.</returns>
    public bool TryState(History history, Span<float> state)
    {
        var count = history.Items.Length;
        if (count < Least || count > model.Encoder.Shape.Length || this._most == 0) return false;
        var keys = KeysOf(history);
        var kept = this.Take(history, keys);
        if (kept is null)
        {
            kept = this.Room();
            kept.Session.Begin(history);
        }

        for (var place = kept.Session.Count; place < count; place++) kept.Session.Add(history.Items[place], history.Kinds.IsEmpty ? null : history.Kinds[place], GapBefore(history, place));
        kept.Session.State.CopyTo(state);
        this.Keep(kept, history, keys[count]);
        return true;
    }

    /// <summary>Seconds since the event before; null where that is unknown.</summary>
    private static double? GapBefore(History history, int place) =>
        history.Ages.IsEmpty || place == 0 ? null : Math.Max(0, history.Ages[place - 1] - history.Ages[place]) * 86_400.0;

    /// <summary>A key for the first 0, 1, 2… rows, by items and kinds. Times are left out: ages are told in single precision, and their last digit changes with the hour of asking.</summary>
    private static ulong[] KeysOf(History history)
    {
        var keys = new ulong[history.Items.Length + 1];
        for (var i = 0; i < history.Items.Length; i++)
        {
            var row = ((ulong)(uint)history.Items[i] << 9) + (history.Kinds.IsEmpty ? 256u : history.Kinds[i]) + 1;
            var mixed = (keys[i] ^ row) * 0x9E3779B97F4A7C15;
            keys[i + 1] = mixed ^ (mixed >> 32);
        }

        return keys;
    }

    /// <summary>Takes out the session of the history, or of its beginning; null where none is kept. Whoever took one uses it alone.</summary>
    private Kept? Take(History history, ulong[] keys)
    {
        lock (this._lock)
        {
            for (var added = 0; added <= MostAdded && history.Items.Length - added >= Least; added++)
            {
                if (!this._kept.TryGetValue(keys[history.Items.Length - added], out var node) || !node.Value.Begins(history)) continue;
                this.Remove(node);
                this.Found++;
                return node.Value;
            }
        }

        return null;
    }

    /// <summary>A session to begin anew with: a new one, or the one that was asked for longest ago.</summary>
    private Kept Room()
    {
        lock (this._lock)
        {
            if (this._order.Count < this._most) return new Kept(model.Watch());
            var oldest = this._order.Last!;
            this.Remove(oldest);
            return oldest.Value;
        }
    }

    private void Keep(Kept kept, History history, ulong key)
    {
        kept.Remember(history, key);
        lock (this._lock)
        {
            // Two may have been asked about one history at the same time, and more may be under way than there is room for.
            if (this._kept.TryGetValue(key, out var other)) this.Remove(other);
            else if (this._order.Count >= this._most) this.Remove(this._order.Last!);
            this._kept[key] = this._order.AddFirst(kept);
        }
    }

    private void Remove(LinkedListNode<Kept> node)
    {
        this._kept.Remove(node.Value.Key);
        this._order.Remove(node);
    }

    private sealed class Kept(BehaviourSession session)
    {
        private int[] _items = [];
        private byte[] _kinds = [];
        private float[] _ages = [];

        public BehaviourSession Session { get; } = session;

        public ulong Key { get; private set; }

        public void Remember(History history, ulong key)
        {
            this._items = history.Items.ToArray();
            this._kinds = history.Kinds.ToArray();
            this._ages = history.Ages.ToArray();
            this.Key = key;
        }

        /// <summary>Whether a history begins with what was read here.</summary>
        public bool Begins(History history)
        {
            var count = this._items.Length;
            if (count > history.Items.Length || !history.Items[..count].SequenceEqual(this._items)) return false;
            if (history.Kinds.IsEmpty != (this._kinds.Length == 0) || (this._kinds.Length > 0 && !history.Kinds[..count].SequenceEqual(this._kinds))) return false;
            if (history.Ages.IsEmpty != (this._ages.Length == 0)) return false;
            for (var place = 1; place < this._ages.Length; place++)
            {
                // An age is told to the last digit of single precision, then and now.
                var precision = 2 * (MathF.BitIncrement(Math.Max(this._ages[place - 1], history.Ages[place - 1])) - Math.Max(this._ages[place - 1], history.Ages[place - 1]));
                if (Math.Abs(this._ages[place - 1] - this._ages[place] - (history.Ages[place - 1] - history.Ages[place])) > precision) return false;
            }

            return true;
        }
    }
}
