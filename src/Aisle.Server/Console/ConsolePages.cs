using System.Globalization;
using System.Security.Claims;
using Aisle.Engine.Access;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending;
using Aisle.Engine.Shop;
using Aisle.Engine.Training;
using Aisle.Learning.Models;
using Aisle.Server.Console.Pages;
using Aisle.Server.Workers;
using Aisle.Server.Console.Merchandisers;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Console;

/// <summary>The console's addresses. Pages are rendered on the server; console.js refreshes the parts marked as live.</summary>
internal static class ConsolePages
{
    public static void MapConsole(this IEndpointRouteBuilder endpoints)
    {
        var open = endpoints.MapGroup("/console").ExcludeFromDescription();
        open.MapGet("/sign-in", (string? returnUrl) => SignInPage(returnUrl, refused: false));
        open.MapPost("/sign-in", SignInAsync);

        var pages = endpoints.MapGroup("/console").ExcludeFromDescription().RequireAuthorization(ConsoleAccess.Policy);
        pages.MapGet("/", (int? days) => new RazorComponentResult<OverviewPage>(new Dictionary<string, object?> { [nameof(OverviewPage.Days)] = days ?? 0 }));
        pages.MapGet("/shopper", Shopper);
        pages.MapGet("/models", () => new RazorComponentResult<ModelsPage>());
        pages.MapMerchandising();
        pages.MapGet("/results", (int? days, string? by) => new RazorComponentResult<ResultsPage>(new Dictionary<string, object?> { [nameof(ResultsPage.Days)] = days ?? 0, [nameof(ResultsPage.By)] = by }));
        pages.MapPost("/train", TrainAsync);
        pages.MapPost("/train/stop", StopAsync);
        pages.MapPost("/delivery", DeliverAsync);
        pages.MapPost("/models/{version:int}/activate", ActivateAsync);
        pages.MapPost("/rankers/{version:int}/activate", ActivateRankerAsync);
    }

    private static RazorComponentResult<ShopperPage> Shopper(string? user, string? scenario, string? item) =>
        new(new Dictionary<string, object?>
        {
            [nameof(ShopperPage.UserId)] = user,
            [nameof(ShopperPage.ItemId)] = item,
            [nameof(ShopperPage.Scenario)] = scenario is { Length: > 0 } ? new Scenario(scenario) : Scenario.RecommendedForYou,
        });

    private static async Task<IResult> TrainAsync(HttpContext context, IAntiforgery antiforgery, TrainingWorker worker, [FromForm] string? page, [FromForm] string? also)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        worker.Request("console", new TrainingOptions { Also = also == BehaviourTransformerTrainer.ModelName ? [also] : [] });
        return BackTo(page);
    }

    private static async Task<IResult> StopAsync(HttpContext context, IAntiforgery antiforgery, TrainingWorker worker, [FromForm] string? page)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        worker.Cancel();
        return BackTo(page);
    }

    private static async Task<IResult> DeliverAsync(HttpContext context, IAntiforgery antiforgery, ShopDelivery delivery, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        var form = await context.Request.ReadFormAsync(cancellation);
        var from = form["free-from"].ToString().Trim();
        var terms = new DeliveryTerms(Amount(form["price"].ToString()), from.Length == 0 ? null : Amount(from));
        if (terms.Check() is not null)
            return new RazorComponentResult<OverviewPage>(new Dictionary<string, object?> { [nameof(OverviewPage.DeliveryRefused)] = true });
        await delivery.SetAsync(terms, cancellation);
        return Results.LocalRedirect("/console#carts");

        static double Amount(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) ? amount : double.NaN;
    }

    /// <summary>The page whose button was pressed.</summary>
    private static IResult BackTo(string? page) => Results.LocalRedirect(page == "models" ? "/console/models" : "/console#model");

    private static async Task<IResult> ActivateAsync(int version, HttpContext context, IAntiforgery antiforgery, ModelRegistry models)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        try
        {
            models.Activate(version);
            return Results.LocalRedirect("/console/models");
        }
        catch (Exception refused) when (refused is ArgumentException or InvalidDataException)
        {
            return new RazorComponentResult<ModelsPage>(new Dictionary<string, object?> { [nameof(ModelsPage.Problem)] = refused.Message });
        }
    }

    private static async Task<IResult> ActivateRankerAsync(int version, HttpContext context, IAntiforgery antiforgery, RankerRegistry rankers)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        try
        {
            rankers.Activate(version);
            return Results.LocalRedirect("/console/models#rankers");
        }
        catch (Exception refused) when (refused is ArgumentException or InvalidDataException)
        {
            return new RazorComponentResult<ModelsPage>(new Dictionary<string, object?> { [nameof(ModelsPage.Problem)] = refused.Message });
        }
    }

    private static RazorComponentResult<SignInPage> SignInPage(string? returnUrl, bool refused) =>
        new(new Dictionary<string, object?> { [nameof(Pages.SignInPage.ReturnUrl)] = returnUrl ?? "/console", [nameof(Pages.SignInPage.Refused)] = refused });

    private static async Task<IResult> SignInAsync(
        HttpContext context, IAntiforgery antiforgery, ApiKeys keys, [FromForm] string? key, [FromForm] string? returnUrl)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        if (keys.Check(key?.Trim() ?? "") is not { Role: ApiRole.Admin } admin) return SignInPage(returnUrl, refused: true);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, admin.Id)], ConsoleAccess.Scheme);
        await context.SignInAsync(ConsoleAccess.Scheme, new ClaimsPrincipal(identity));
        // Only back into the console: an address from a form must not lead anywhere else.
        return Results.LocalRedirect(returnUrl?.StartsWith("/console", StringComparison.Ordinal) == true ? returnUrl : "/console");
    }
}
