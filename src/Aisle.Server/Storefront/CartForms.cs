using System.Globalization;
using Aisle.Engine.Carts;
using Aisle.Engine.Catalog;
using Aisle.Server.Storefront.Pages;
using Microsoft.AspNetCore.Antiforgery;

namespace Aisle.Server.Storefront;

/// <summary>The cart's page and the forms that change it. Plain forms: everything works without a script.</summary>
internal static class CartForms
{
    /// <summary>Sent by aisle.js, which wants the new count instead of a page.</summary>
    private const string ScriptHeader = "X-Aisle";

    public static void MapCart(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/cart", Show);
        pages.MapPost("/cart/items", AddAsync);
        pages.MapPost("/cart/quantity", ChangeAsync);
        pages.MapPost("/checkout", CheckOutAsync);
        pages.MapGet("/thank-you/{order:guid}", ThankYou);
    }

    private static IResult Show(HttpContext context, Visitors visitors, ShopperCarts carts)
    {
        var visitor = visitors.Of(context);
        return StorefrontPages.Page<CartPage>((nameof(CartPage.Cart), carts.Of(visitor.Id)), (nameof(CartPage.Visitor), visitor));
    }

    private static async Task<IResult> AddAsync(
        string? placement, string? recommendation, HttpContext context, IAntiforgery antiforgery, Visitors visitors, ShopperCarts carts, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        var form = await context.Request.ReadFormAsync(cancellation);
        var shopper = visitors.Of(context).Id;
        var quantity = Math.Clamp(Quantity(form["quantity"]) ?? 1, 1, ShopperCart.MaxQuantity);
        if (!await carts.AddAsync(shopper, new ItemId(form["item"].ToString()), quantity, Context(placement ?? form["placement"]), Context(recommendation ?? form["recommendation"]), cancellation))
            return StorefrontPages.Missing(context);
        return context.Request.Headers.ContainsKey(ScriptHeader)
            ? Results.Json(new { pieces = carts.Of(shopper).Pieces })
            : Results.LocalRedirect("/cart");
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, IAntiforgery antiforgery, Visitors visitors, ShopperCarts carts, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        var form = await context.Request.ReadFormAsync(cancellation);
        var quantity = form.ContainsKey("remove") ? 0 : Quantity(form["quantity"]);
        if (quantity is { } wanted) await carts.SetQuantityAsync(visitors.Of(context).Id, new ItemId(form["item"].ToString()), wanted, cancellation);
        return Results.LocalRedirect("/cart");
    }

    private static async Task<IResult> CheckOutAsync(
        HttpContext context, IAntiforgery antiforgery, Visitors visitors, ShopperCarts carts, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        var form = await context.Request.ReadFormAsync(cancellation);
        if (!Guid.TryParse(form["order"], out var order)) return Results.BadRequest();
        await carts.BuyAsync(visitors.Of(context).Id, order, cancellation);
        return Results.LocalRedirect($"/thank-you/{order}");
    }

    private static IResult ThankYou(Guid order, HttpContext context, Visitors visitors, ShopperCarts carts)
    {
        var visitor = visitors.Of(context);
        var lines = carts.Order(visitor.Id, order);
        return lines.Count == 0
            ? StorefrontPages.Missing(context)
            : StorefrontPages.Page<OrderPage>((nameof(OrderPage.Order), order), (nameof(OrderPage.Lines), lines), (nameof(OrderPage.Visitor), visitor));
    }

    private static int? Quantity(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) ? quantity : null;

    private static string? Context(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
