using System.ComponentModel;
using Aisle.Engine.Shop;

namespace Aisle.Server.Api;

/// <summary>What delivery costs, in the shop's currency.</summary>
internal sealed record DeliveryBody
{
    [Description("Of a delivery; 0 where it is always free.")]
    public double Price { get; init; }

    [Description("Value of a cart from which delivery is free; absent where it never is.")]
    public double? FreeFrom { get; init; }
}

internal static class DeliveryApi
{
    public static void MapDelivery(this IEndpointRouteBuilder api)
    {
        var delivery = api.MapGroup("/delivery").WithTags("Carts");
        delivery.MapGet("/", (ShopDelivery shop) => TypedResults.Ok(Body(shop.Terms))).WithSummary("The shop's terms of delivery").RequireAuthorization(ApiAccess.Ask);
        delivery.MapPut("/", PutAsync).WithSummary("Set the shop's terms of delivery: from which value on it is free").RequireAuthorization(ApiAccess.Manage)
            .Accepts<DeliveryBody>("application/json").Produces<DeliveryBody>().ProducesValidationProblem();
    }

    private static async Task<IResult> PutAsync(HttpRequest request, ShopDelivery shop, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<DeliveryBody>(request, cancellation);
        if (problem is not null) return problem;
        var terms = new DeliveryTerms(body!.Price, body.FreeFrom);
        if (terms.Check() is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        await shop.SetAsync(terms, cancellation);
        return TypedResults.Ok(Body(shop.Terms));
    }

    private static DeliveryBody Body(DeliveryTerms terms) => new() { Price = terms.Price, FreeFrom = terms.FreeFrom };
}
