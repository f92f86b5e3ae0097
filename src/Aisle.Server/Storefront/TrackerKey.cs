using Aisle.Engine.Access;
using Aisle.Engine.Shop;

namespace Aisle.Server.Storefront;

/// <summary>The key with which aisle.js sends events. It stands in every page, so it is kept in the open: it may write events, nothing else.</summary>
internal sealed class TrackerKey(ApiKeys keys, IShopSettings settings) : IDisposable
{
    public const string Setting = "storefront.tracker-key";

    private readonly SemaphoreSlim _issuing = new(1, 1);

    public async ValueTask<string> GetAsync(CancellationToken cancellation)
    {
        if (this.Current() is { } current) return current;
        await this._issuing.WaitAsync(cancellation);
        try
        {
            if (this.Current() is { } issued) return issued;
            var (_, text) = await keys.IssueAsync("storefront", ApiRole.Tracker, cancellation);
            await settings.SetAsync(Setting, text, cancellation);
            return text;
        }
        finally
        {
            this._issuing.Release();
        }
    }

    public void Dispose() => this._issuing.Dispose();

    // A key that an administrator revoked is replaced; the check is cached by ApiKeys.
    private string? Current() => settings.Get(Setting) is { } text && keys.Check(text) is not null ? text : null;
}
