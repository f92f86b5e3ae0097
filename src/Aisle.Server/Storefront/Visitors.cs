using System.Security.Cryptography;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Profiles;
using Aisle.Engine.Shop;
using Microsoft.AspNetCore.DataProtection;

namespace Aisle.Server.Storefront;

/// <summary>
/// Knows visitors by a cookie. The cookie is sealed: a browser cannot claim to be a shopper whom the server did not hand out, and so
/// cannot look at what somebody else was recommended or bought.
/// </summary>
internal sealed class Visitors(IDataProtectionProvider protection, IUserStore users, IShopSettings settings)
{
    public const string Cookie = "aisle-shopper";
    private const string StrangerPrefix = "visitor-";
    private static readonly object Key = new();

    private readonly IDataProtector _seal = protection.CreateProtector("Aisle.Storefront.Visitor");
    private IReadOnlyList<User>? _featured;

    /// <summary>The request's visitor; one without a cookie gets a new id and a cookie.</summary>
    public Visitor Of(HttpContext context)
    {
        if (context.Items[Key] is Visitor known) return known;
        var visitor = this.Read(context.Request.Cookies[Cookie]) ?? this.Welcome(context);
        context.Items[Key] = visitor;
        return visitor;
    }

    /// <summary>A new shopper without a past.</summary>
    public Visitor Welcome(HttpContext context) =>
        this.Remember(context, new UserId(StrangerPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))));

    /// <summary>Slips into one of the demo shoppers; false for anyone else.</summary>
    public bool Become(HttpContext context, string shopper)
    {
        if (this.FeaturedShoppers().FirstOrDefault(user => user.Id.Value == shopper) is not { } chosen) return false;
        this.Remember(context, chosen.Id);
        return true;
    }

    /// <summary>The shoppers that a demo shop offers to slip into; none in a real shop.</summary>
    public IReadOnlyList<User> FeaturedShoppers()
    {
        if (this._featured is { } known) return known;
        if (settings.Get(ShopKind.Setting) != ShopKind.Demo) return [];
        var featured = DemoData.FeaturedShoppers.Select(users.Find).OfType<User>().ToList();
        // They arrive while the demo shop is being built, all at once.
        return featured.Count == 0 ? [] : this._featured = featured;
    }

    private Visitor? Read(string? cookie)
    {
        if (cookie is null) return null;
        try
        {
            var id = this._seal.Unprotect(cookie);
            return new Visitor(new UserId(id), id.StartsWith(StrangerPrefix, StringComparison.Ordinal));
        }
        catch (CryptographicException)
        {
            // Forged, or sealed with keys of another store: the visitor starts anew.
            return null;
        }
    }

    private Visitor Remember(HttpContext context, UserId id)
    {
        context.Response.Cookies.Append(Cookie, this._seal.Protect(id.Value), new CookieOptions
        {
            HttpOnly = true,
            Secure = context.Request.IsHttps,
            SameSite = SameSiteMode.Lax,
            MaxAge = TimeSpan.FromDays(365),
            IsEssential = true,
        });
        var visitor = new Visitor(id, id.Value.StartsWith(StrangerPrefix, StringComparison.Ordinal));
        context.Items[Key] = visitor;
        return visitor;
    }
}
