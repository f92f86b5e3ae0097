using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Aisle.Engine.Access;

/// <summary>Issues, checks and revokes API keys. A key reads <c>aisle_ID_SECRET</c>; the store has only the secret's hash.</summary>
public sealed class ApiKeys(IApiKeyStore store, TimeProvider time)
{
    /// <summary>How long a checked key is believed without asking the store again, so that a revocation elsewhere takes effect.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    private const string Prefix = "aisle_";
    private const int IdLength = 12;
    private const int SecretBytes = 32;
    private const int MaxCached = 1000;

    private readonly ConcurrentDictionary<string, (ApiKey? Key, long At)> _cache = new();

    /// <returns>The key as the store knows it, and its text: told this once, never again.</returns>
    public async Task<(ApiKey Key, string Text)> IssueAsync(string name, ApiRole role, CancellationToken cancellation)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var key = new ApiKey(id, name, role, Hash(secret), time.GetUtcNow());
        await store.AddAsync(key, cancellation);
        return (key, $"{Prefix}{id}_{secret}");
    }

    /// <summary>The key that a text is, or null. Takes the same time for a wrong secret as for a right one.</summary>
    public ApiKey? Check(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length is < 40 or > 100 || text[Prefix.Length + IdLength] != '_') return null;
        var id = text.Substring(Prefix.Length, IdLength);
        var hash = Hash(text[(Prefix.Length + IdLength + 1)..]);
        return this.Find(id) is { } key && CryptographicOperations.FixedTimeEquals(key.SecretHash, hash) ? key : null;
    }

    public IReadOnlyList<ApiKey> List() => store.List();

    public async Task<bool> RevokeAsync(string id, CancellationToken cancellation)
    {
        var removed = await store.RemoveAsync(id, cancellation);
        this._cache.TryRemove(id, out _);
        return removed;
    }

    private ApiKey? Find(string id)
    {
        if (this._cache.TryGetValue(id, out var cached) && time.GetElapsedTime(cached.At) < CacheTime) return cached.Key;
        // Guessed ids must not fill the memory.
        if (this._cache.Count >= MaxCached) this._cache.Clear();
        var key = store.Find(id);
        this._cache[id] = (key, time.GetTimestamp());
        return key;
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
