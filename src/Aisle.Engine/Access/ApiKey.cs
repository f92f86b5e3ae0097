namespace Aisle.Engine.Access;

/// <summary>What a key may do. Roles are told apart, not ranked: see docs/api.md for the table.</summary>
public enum ApiRole
{
    /// <summary>May write events, nothing else: safe to publish in a web page.</summary>
    Tracker = 1,

    /// <summary>May write events and ask for recommendations.</summary>
    Shop = 2,

    /// <summary>May do everything, keys included.</summary>
    Admin = 3,
}

/// <summary>A key as the store knows it: its secret only as a hash.</summary>
/// <param name="Id">Public part of the key, by which it is looked up and revoked.</param>
/// <param name="SecretHash">SHA-256 of the secret part (32 random bytes, so a slow password hash adds nothing).</param>
public sealed record ApiKey(string Id, string Name, ApiRole Role, byte[] SecretHash, DateTimeOffset CreatedAt);

public interface IApiKeyStore
{
    Task AddAsync(ApiKey key, CancellationToken cancellation);

    ApiKey? Find(string id);

    IReadOnlyList<ApiKey> List();

    Task<bool> RemoveAsync(string id, CancellationToken cancellation);
}
