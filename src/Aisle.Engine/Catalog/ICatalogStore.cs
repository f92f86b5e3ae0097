namespace Aisle.Engine.Catalog;

public interface ICatalogStore
{
    /// <summary>Inserts or replaces, in one durable transaction; returns how many were inserted or changed.</summary>
    Task<int> UpsertAsync(IReadOnlyList<Item> items, CancellationToken cancellation);

    /// <summary>Removes items; returns how many there were. Their events stay.</summary>
    Task<int> DeleteAsync(IReadOnlyList<ItemId> items, CancellationToken cancellation);

    Item? Find(ItemId id);

    /// <summary>Streams the catalogue in the order in which items were first added.</summary>
    IEnumerable<Item> ReadAll();

    /// <summary>Grows with each change of the catalogue; lets another process see that it has to read again.</summary>
    long Version();
}
