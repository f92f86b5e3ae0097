using Microsoft.AspNetCore.Localization;

namespace Aisle.Server;

/// <summary>The languages of the pages: chosen by <c>?language=zh</c> (remembered in a cookie), else by the browser's wish.</summary>
internal static class Languages
{
    public const string Parameter = "language";

    private static readonly string[] Offered = ["en", "zh"];

    public static void Configure(RequestLocalizationOptions options)
    {
        options.SetDefaultCulture(Offered[0]).AddSupportedCultures(Offered).AddSupportedUICultures(Offered);
        options.RequestCultureProviders =
        [
            new CustomRequestCultureProvider(FromAddress),
            new CookieRequestCultureProvider { Options = options, CookieName = "aisle-language" },
            new AcceptLanguageHeaderRequestCultureProvider { Options = options },
        ];
    }

    private static Task<ProviderCultureResult?> FromAddress(HttpContext context)
    {
        var wish = context.Request.Query[Parameter].ToString();
        if (!Offered.Contains(wish)) return Task.FromResult<ProviderCultureResult?>(null);
        context.Response.Cookies.Append(
            "aisle-language",
            CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(wish)),
            new CookieOptions { MaxAge = TimeSpan.FromDays(365), HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true });
        return Task.FromResult<ProviderCultureResult?>(new ProviderCultureResult(wish));
    }
}
