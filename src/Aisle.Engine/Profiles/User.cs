namespace Aisle.Engine.Profiles;

/// <summary>A shopper. Events alone make a user known to the store; attributes are what the shop tells beside.</summary>
public sealed record User
{
    public required UserId Id { get; init; }

    /// <summary>Free attributes, e.g. country → FR.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();
}
