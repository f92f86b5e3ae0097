using System.Text.Encodings.Web;
using System.Text.Unicode;
using Aisle.Engine.Catalog;
using Aisle.Engine.DemoShop;
using Aisle.Server.Storefront.Pages;
using Aisle.Server.Storefront.Parts;
using Aisle.Server.Workers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aisle.Server.Storefront;

/// <summary>The shop's pages: rendered on the server, usable without a script; aisle.js adds events and freshness.</summary>
internal static class StorefrontPages
{
    public static void AddStorefront(this IServiceCollection services)
    {
        services.AddSingleton<Visitors>();
        services.AddSingleton<TrackerKey>();
        services.AddSingleton<ShopperCarts>();
        services.AddSingleton<Shelves>();
        services.AddSingleton<ListingOrders>();
        // Chinese stays Chinese in the pages' source: as entities it would take twice the room. What HTML gives a meaning to is escaped all the same.
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
    }

    public static void MapStorefront(this IEndpointRouteBuilder endpoints)
    {
        var pages = endpoints.MapGroup("").ExcludeFromDescription().AddEndpointFilter(PageHeaders.SetAsync);
        pages.MapGet("/", Home);
        pages.MapGet("/category/{**path}", Category);
        pages.MapGet("/product/{**id}", Product);
        pages.MapGet("/search", Search);
        pages.MapGet("/rows", Row);
        pages.MapPost("/shopper", ShopperForm.ChangeAsync);
        pages.MapCart();
        endpoints.MapGet("/images/products/{**file}", Picture).ExcludeFromDescription();
        // An address that nothing answers: people get a page that leads on, programs the bare status.
        pages.MapGet("/{**path:nonfile}", (string? path, HttpContext context) =>
            path?.StartsWith("api/", StringComparison.OrdinalIgnoreCase) == true ? Results.NotFound() : Missing(context));
    }

    private static IResult Home(HttpContext context, Visitors visitors, Catalogue catalogue, DemoShopWorker demo) =>
        demo.Progress is { } progress || catalogue.KnownItems == 0
            ? Page<OpeningPage>((nameof(OpeningPage.Fraction), demo.Progress?.Fraction))
            : Page<HomePage>((nameof(HomePage.Visitor), visitors.Of(context)));

    private static IResult Category(
        string? path, HttpContext context, Visitors visitors, Catalogue catalogue, ListingOrders orders, TimeProvider time)
    {
        if (ShopAddress.Find(catalogue.Categories, path) is not { Path.Count: > 0 } category) return Missing(context);
        var listing = CategoryListing.Of(
            category, ListingQuery.From(context.Request.Query), visitors.Of(context), catalogue, orders, time.GetUtcNow());
        return Page<CategoryPage>((nameof(CategoryPage.Listing), listing));
    }

    private static IResult Product(string id, HttpContext context, Visitors visitors, Catalogue catalogue, TimeProvider time) =>
        catalogue.Find(new ItemId(id)) is { } item
            ? Page<ProductPage>((nameof(ProductPage.Product), ProductView.Of(item, time.GetUtcNow())), (nameof(ProductPage.Visitor), visitors.Of(context)))
            : Missing(context);

    private static RazorComponentResult Search(string? q, Catalogue catalogue, TimeProvider time)
    {
        var words = (q ?? "").Trim();
        if (words.Length > ProductSearch.MaxLength) words = words[..ProductSearch.MaxLength];
        var now = time.GetUtcNow();
        var found = ProductSearch.Find(catalogue.Items.Where(item => !(item.AvailableFrom > now)), words);
        return Page<SearchPage>((nameof(SearchPage.Words), words), (nameof(SearchPage.Found), found));
    }

    /// <summary>One row on its own, for aisle.js.</summary>
    private static IResult Row(string? placement, string? item, HttpContext context, Visitors visitors, Shelves shelves)
    {
        context.Response.Headers.CacheControl = PageHeaders.NeverCached;
        return shelves.Refreshed(placement ?? "", visitors.Of(context), item is null ? null : new ItemId(item)) is { } shelf
            ? Page<ProductShelf>((nameof(ProductShelf.Shelf), shelf))
            : Results.NotFound();
    }

    private static IResult Picture(string file, HttpContext context, Catalogue catalogue)
    {
        const string extension = ".svg";
        if (!file.EndsWith(extension, StringComparison.Ordinal) || catalogue.Find(new ItemId(file[..^extension.Length])) is not { } item) return Results.NotFound();
        context.Response.Headers.CacheControl = "public, max-age=86400";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
        return Results.Text(ProductPicture.Svg(item), "image/svg+xml; charset=utf-8");
    }

    public static RazorComponentResult Missing(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Page<MissingPage>();
    }

    public static RazorComponentResult Page<TPage>(params (string Name, object? Value)[] parameters)
        where TPage : Microsoft.AspNetCore.Components.IComponent =>
        new(typeof(TPage), parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value));
}
