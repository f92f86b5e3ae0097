namespace Aisle.Engine.Shop;

/// <summary>What kind of shop a store holds, as kept in its settings.</summary>
public static class ShopKind
{
    public const string Setting = "shop.kind";

    /// <summary>Made-up products and shoppers; unset for a real shop.</summary>
    public const string Demo = "demo";
}
