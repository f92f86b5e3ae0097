namespace Aisle.Engine;

/// <summary>Where a store lies unless told otherwise.</summary>
public static class StoreLocation
{
    /// <summary>Relative to the working directory.</summary>
    public const string Default = ".aisle/store";
}
