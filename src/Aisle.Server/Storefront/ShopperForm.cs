using Microsoft.AspNetCore.Antiforgery;

namespace Aisle.Server.Storefront;

/// <summary>The menu that changes who one is.</summary>
internal static class ShopperForm
{
    public static async Task<IResult> ChangeAsync(HttpContext context, IAntiforgery antiforgery, Visitors visitors)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        var shopper = (await context.Request.ReadFormAsync())["shopper"].ToString();
        if (shopper == "new") visitors.Welcome(context);
        else if (!visitors.Become(context, shopper)) return Results.BadRequest();
        return Results.LocalRedirect("/");
    }
}
