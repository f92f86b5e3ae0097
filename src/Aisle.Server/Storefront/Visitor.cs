using Aisle.Engine.Profiles;

namespace Aisle.Server.Storefront;

/// <summary>Whoever looks at the shop: a demo shopper that they slipped into, or a new shopper with a random id.</summary>
/// <param name="IsNew">A stranger rather than one of the demo shoppers.</param>
public sealed record Visitor(UserId Id, bool IsNew);
