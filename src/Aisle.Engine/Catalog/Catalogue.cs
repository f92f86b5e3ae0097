using System.Collections.Concurrent;

namespace Aisle.Engine.Catalog;

/// <summary>
/// The catalogue in memory, each item at a dense index that stays its own while the process lives. Items that only events know have
/// an index but no <see cref="Item"/>. Reading takes no lock.
/// </summary>
public sealed class Catalogue
{
    private readonly ICatalogStore _store;
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<ItemId, int> _indexes = new();

    // Written under _writing only; readers take the array reference once. Slots beyond Count are unused.
    private volatile Slot[] _slots = new Slot[1024];
    private volatile int _count;
    private int _known;
    private long _storeVersion = -1;
    private CategoryTree? _categories;

    public Catalogue(ICatalogStore store)
    {
        this._store = store;
        this.Refresh();
    }

    /// <summary>Indexes in use: 0 … Count − 1.</summary>
    public int Count => this._count;

    /// <summary>Items that the catalogue describes; the other indexes are known from events alone.</summary>
    public int KnownItems => Volatile.Read(ref this._known);

    /// <summary>Departments and their subcategories, with counts of items.</summary>
    public CategoryTree Categories => this._categories ??= CategoryTree.Of(this.Items);

    /// <summary>The described items in the order in which they were added.</summary>
    public IEnumerable<Item> Items
    {
        get
        {
            // The count first: a slot that it covers is in every array seen after it.
            var count = this._count;
            var slots = this._slots;
            for (var index = 0; index < count; index++)
                if (slots[index].Item is { } item) yield return item;
        }
    }

    public ItemId IdAt(int index) => this._slots[index].Id;

    /// <summary>The item at an index; null where only events know it, or where it was deleted.</summary>
    public Item? ItemAt(int index) => this._slots[index].Item;

    public Item? Find(ItemId id) => this._indexes.TryGetValue(id, out var index) ? this._slots[index].Item : null;

    public int? IndexOf(ItemId id) => this._indexes.TryGetValue(id, out var index) ? index : null;

    /// <summary>The index of an item, given to it now if it has none.</summary>
    public int IndexFor(ItemId id)
    {
        if (this._indexes.TryGetValue(id, out var index)) return index;
        lock (this._writing) return this.Add(id);
    }

    /// <summary>Stores items, then shows them.</summary>
    public async Task<int> UpsertAsync(IReadOnlyList<Item> items, CancellationToken cancellation)
    {
        var changed = await this._store.UpsertAsync(items, cancellation);
        lock (this._writing)
        {
            foreach (var item in items) this.Set(item.Id, item);
            this.Follow(changed);
        }

        return changed;
    }

    public async Task<int> DeleteAsync(IReadOnlyList<ItemId> items, CancellationToken cancellation)
    {
        var removed = await this._store.DeleteAsync(items, cancellation);
        lock (this._writing)
        {
            foreach (var id in items)
                if (this._indexes.ContainsKey(id)) this.Set(id, null);
            this.Follow(removed);
        }

        return removed;
    }

    /// <summary>Reads the catalogue again if another process changed it.</summary>
    public void Refresh()
    {
        var version = this._store.Version();
        lock (this._writing)
        {
            if (version == this._storeVersion) return;
            var present = new HashSet<ItemId>();
            foreach (var item in this._store.ReadAll())
            {
                present.Add(item.Id);
                this.Set(item.Id, item);
            }

            for (var index = 0; index < this._count; index++)
                if (this._slots[index].Item is { } item && !present.Contains(item.Id)) this.Set(item.Id, null);
            this._storeVersion = version;
        }
    }

    /// <summary>A change of our own alone need not be read again; any other version in between is read by <see cref="Refresh"/>.</summary>
    private void Follow(int changed)
    {
        if (changed > 0 && this._store.Version() == this._storeVersion + 1) this._storeVersion++;
    }

    private void Set(ItemId id, Item? item)
    {
        var index = this._indexes.TryGetValue(id, out var found) ? found : this.Add(id);
        var before = this._slots[index].Item;
        this._slots[index] = new Slot(id, item);
        this._known += (item is null ? 0 : 1) - (before is null ? 0 : 1);
        if (before is null || item is null || !before.Category.SequenceEqual(item.Category)) this._categories = null;
    }

    private int Add(ItemId id)
    {
        if (this._indexes.TryGetValue(id, out var index)) return index;
        index = this._count;
        if (index == this._slots.Length)
        {
            var larger = new Slot[index * 2];
            Array.Copy(this._slots, larger, index);
            this._slots = larger;
        }

        this._slots[index] = new Slot(id, null);
        this._count = index + 1;
        this._indexes[id] = index;
        return index;
    }

    // A class, so that replacing an item is one atomic reference write.
    private sealed record Slot(ItemId Id, Item? Item);
}
