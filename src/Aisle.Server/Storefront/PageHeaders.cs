namespace Aisle.Server.Storefront;

/// <summary>What every page of the shop says to the browser: scripts and styles come from here alone, and a page belongs to one shopper.</summary>
internal static class PageHeaders
{
    // Pictures of an imported catalogue may lie on other servers.
    private const string Policy =
        "default-src 'self'; img-src 'self' https: http: data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    /// <summary>Pages with forms are marked as not to be cached by their antiforgery token already; this is for the rows.</summary>
    public const string NeverCached = "private, no-store";

    public static ValueTask<object?> SetAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    }
}
