using System.ComponentModel;
using Aisle.Engine.Catalog;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Api;

/// <summary>An item as callers write and read it.</summary>
internal sealed record ItemBody
{
    [Description("Taken from the address where the item is put alone.")]
    public string? Id { get; init; }

    public string? Title { get; init; }

    public string? Description { get; init; }

    [Description("From the root down, e.g. [\"Kitchen\", \"Mugs\"].")]
    public IReadOnlyList<string>? Category { get; init; }

    public string? Brand { get; init; }

    public double? Price { get; init; }

    [Description("Pieces on hand; 0 takes the item out of every list; absent where the shop does not tell.")]
    public int? Stock { get; init; }

    public string? Image { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    [Description("Further languages, by code, e.g. {\"zh\": {\"title\": …}}.")]
    public IReadOnlyDictionary<string, ItemTextBody>? Translations { get; init; }

    [Description("The item is not recommended before this time.")]
    public DateTimeOffset? AvailableFrom { get; init; }

    /// <param name="current">The item as it stands: what the body leaves out is kept. Null for a whole new one.</param>
    public Item ToItem(string id, Item? current = null) => new()
    {
        Id = new ItemId(id),
        Title = this.Title ?? current?.Title ?? "",
        Description = this.Description ?? current?.Description,
        Category = this.Category ?? current?.Category ?? [],
        Brand = this.Brand ?? current?.Brand,
        Price = this.Price ?? current?.Price,
        Stock = this.Stock ?? current?.Stock,
        Image = this.Image ?? current?.Image,
        Tags = this.Tags ?? current?.Tags ?? [],
        Attributes = this.Attributes ?? current?.Attributes ?? new Dictionary<string, string>(),
        Translations = this.Translations?.ToDictionary(pair => pair.Key, pair => pair.Value.ToText())
            ?? current?.Translations ?? new Dictionary<string, ItemText>(),
        AvailableFrom = this.AvailableFrom?.ToUniversalTime() ?? current?.AvailableFrom,
    };

    public static ItemBody Of(Item item) => new()
    {
        Id = item.Id.Value,
        Title = item.Title,
        Description = item.Description,
        Category = item.Category,
        Brand = item.Brand,
        Price = item.Price,
        Stock = item.Stock,
        Image = item.Image,
        Tags = item.Tags,
        Attributes = item.Attributes,
        Translations = item.Translations.ToDictionary(pair => pair.Key, pair => ItemTextBody.Of(pair.Value)),
        AvailableFrom = item.AvailableFrom,
    };
}

internal sealed record ItemTextBody(string? Title, string? Description, IReadOnlyList<string>? Category)
{
    public ItemText ToText() => new(this.Title ?? "", this.Description, this.Category ?? []);

    public static ItemTextBody Of(ItemText text) => new(text.Title, text.Description, text.Category);
}

/// <param name="Next">Give it as <c>after</c> to read on; absent on the last page.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

internal sealed record ChangeReceipt(int Changed);

internal static class ItemsApi
{
    private const int MaxBatch = 1000;
    private const int MaxPage = 200;
    private const int MaxBody = 16 << 20;

    public static void MapItems(this IEndpointRouteBuilder api)
    {
        var items = api.MapGroup("/items").WithTags("Items").WithMetadata(new RequestSizeLimitAttribute(MaxBody));
        items.MapGet("/", List).RequireAuthorization(ApiAccess.Ask).WithSummary("The catalogue, page by page")
            .Produces<Page<ItemBody>>().ProducesValidationProblem();
        items.MapGet("/{id}", Get).RequireAuthorization(ApiAccess.Ask).WithSummary("One item")
            .Produces<ItemBody>().ProducesProblem(StatusCodes.Status404NotFound);
        items.MapPut("/{id}", PutAsync).RequireAuthorization(ApiAccess.Manage).WithSummary("Insert or replace an item")
            .Accepts<ItemBody>("application/json").Produces<ItemBody>().ProducesValidationProblem();
        items.MapPatch("/{id}", PatchAsync).RequireAuthorization(ApiAccess.Manage).WithSummary("Change some fields of an item, e.g. price or stock; the others stay")
            .Accepts<ItemBody>("application/json").Produces<ItemBody>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        items.MapPost("/batch", PostBatchAsync).RequireAuthorization(ApiAccess.Manage).WithSummary($"Insert or replace up to {MaxBatch} items: all, or none if one is not valid")
            .Accepts<ItemBody[]>("application/json").Produces<ChangeReceipt>().ProducesValidationProblem();
        items.MapDelete("/{id}", DeleteAsync).RequireAuthorization(ApiAccess.Manage).WithSummary("Remove an item; its events stay")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static IResult List(Catalogue catalogue, string? after = null, int count = 50)
    {
        if (count is < 1 or > MaxPage) return ApiProblems.Field("count", $"count must lie between 1 and {MaxPage}.");
        var index = 0;
        if (after is not null)
        {
            if (catalogue.IndexOf(new ItemId(after)) is not { } last) return ApiProblems.Field("after", "after must be the next of the page before.");
            index = last + 1;
        }

        var page = new List<Item>(count);
        for (; index < catalogue.Count && page.Count < count; index++)
            if (catalogue.ItemAt(index) is { } item) page.Add(item);
        return TypedResults.Ok(new Page<ItemBody>([.. page.Select(ItemBody.Of)], page.Count == count ? page[^1].Id.Value : null));
    }

    private static IResult Get(string id, Catalogue catalogue) =>
        catalogue.Find(new ItemId(id)) is { } item ? TypedResults.Ok(ItemBody.Of(item)) : ApiProblems.NotFound($"There is no item with the id {id}.");

    private static async Task<IResult> PutAsync(string id, HttpRequest request, Catalogue catalogue, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<ItemBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.Id is not null && body.Id != id) return ApiProblems.Field("id", $"id is {body.Id}, the address says {id}; leave id out of the body.");
        return await StoreAsync(body.ToItem(id), catalogue, cancellation);
    }

    private static async Task<IResult> PatchAsync(string id, HttpRequest request, Catalogue catalogue, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<ItemBody>(request, cancellation);
        if (problem is not null) return problem;
        if (catalogue.Find(new ItemId(id)) is not { } current) return ApiProblems.NotFound($"There is no item with the id {id}; put it whole first.");
        return await StoreAsync(body!.ToItem(id, current), catalogue, cancellation);
    }

    private static async Task<IResult> StoreAsync(Item item, Catalogue catalogue, CancellationToken cancellation)
    {
        if (ItemRules.Check(item) is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        await catalogue.UpsertAsync([item], cancellation);
        return TypedResults.Ok(ItemBody.Of(item));
    }

    private static async Task<IResult> PostBatchAsync(HttpRequest request, Catalogue catalogue, CancellationToken cancellation)
    {
        var (bodies, problem) = await ApiBody.ReadAsync<ItemBody[]>(request, cancellation);
        if (problem is not null) return problem;
        if (bodies!.Length > MaxBatch) return ApiProblems.Field("$", $"The batch holds {bodies.Length} items; at most {MaxBatch} are allowed. Send several batches.");

        var items = new List<Item>(bodies.Length);
        var errors = new Dictionary<string, string[]>();
        for (var i = 0; i < bodies.Length; i++)
        {
            if (bodies[i] is not { } body)
            {
                errors[$"[{i}]"] = ["An item must be an object, not null."];
                continue;
            }

            var item = body.ToItem(body.Id ?? "");
            if (ItemRules.Check(item) is { } wrong) errors[$"[{i}].{wrong.Field}"] = [wrong.Message];
            items.Add(item);
        }

        return errors.Count > 0 ? ApiProblems.Fields(errors) : TypedResults.Ok(new ChangeReceipt(await catalogue.UpsertAsync(items, cancellation)));
    }

    private static async Task<IResult> DeleteAsync(string id, Catalogue catalogue, CancellationToken cancellation) =>
        await catalogue.DeleteAsync([new ItemId(id)], cancellation) > 0
            ? TypedResults.NoContent()
            : ApiProblems.NotFound($"There is no item with the id {id}.");
}
