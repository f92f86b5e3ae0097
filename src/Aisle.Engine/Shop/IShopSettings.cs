namespace Aisle.Engine.Shop;

/// <summary>The few things that the store remembers about the shop itself, by name, e.g. <c>shop.kind</c> = <c>demo</c>.</summary>
public interface IShopSettings
{
    /// <summary>The value, or null where none was set.</summary>
    string? Get(string name);

    /// <summary>Sets the value durably; null removes it.</summary>
    Task SetAsync(string name, string? value, CancellationToken cancellation);
}
