using System.ComponentModel;
using System.Text.Json.Serialization;
using Aisle.Engine;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Microsoft.AspNetCore.Mvc;
using EventId = Aisle.Engine.Events.EventId;

namespace Aisle.Server.Api;

/// <summary>An event as callers write it. docs/events.md describes each field.</summary>
internal sealed record EventBody
{
    [Description("Makes a retry harmless: an event whose id is known is not stored again. Any text; a UUID is best. Made by the server where absent.")]
    public string? Id { get; init; }

    public EventType? Type { get; init; }

    [Description("The shopper. Absent only for an anonymous sale, which then has a basket.")]
    public string? User { get; init; }

    [Description("The item. Absent only for searches and custom events.")]
    public string? Item { get; init; }

    [JsonConverter(typeof(EventTimeConverter))]
    [Description("ISO 8601 or Unix milliseconds; the server's time where absent.")]
    public DateTimeOffset? Time { get; init; }

    public double? Quantity { get; init; }

    [Description("Of one piece, in the shop's currency.")]
    public double? Price { get; init; }

    public string? Basket { get; init; }

    public string? Session { get; init; }

    public string? Placement { get; init; }

    public string? RecommendationId { get; init; }

    public double? Value { get; init; }

    public string? Text { get; init; }

    /// <returns>The event, or null and what is wrong with it.</returns>
    public (Event? Event, FieldProblem? Problem) ToEvent(DateTimeOffset now)
    {
        if (this.Type is not { } type)
            return (null, new FieldProblem("type", $"type is missing; it must be one of {string.Join(", ", EventTypeNames.All)}."));
        if (this.Id is { Length: 0 or > EventId.MaxLength })
            return (null, new FieldProblem("id", $"id must have 1 to {EventId.MaxLength} characters; leave it out and the server makes one."));

        var @event = new Event
        {
            Id = this.Id is null ? new EventId(Guid.CreateVersion7(now)) : EventId.From(this.Id),
            Type = type,
            User = this.User is null ? null : new UserId(this.User),
            Item = this.Item is null ? null : new ItemId(this.Item),
            Time = this.Time ?? now,
            Quantity = this.Quantity ?? 1,
            Price = this.Price,
            Basket = this.Basket,
            Session = this.Session,
            Placement = this.Placement,
            RecommendationId = this.RecommendationId,
            Value = this.Value,
            Text = this.Text,
        };
        return EventRules.Check(@event, now) is { } problem ? (null, problem) : (@event, null);
    }

    public static EventBody Of(Event @event) => new()
    {
        Id = @event.Id.ToString(),
        Type = @event.Type,
        User = @event.User?.Value,
        Item = @event.Item?.Value,
        Time = @event.Time,
        Quantity = @event.Quantity,
        Price = @event.Price,
        Basket = @event.Basket,
        Session = @event.Session,
        Placement = @event.Placement,
        RecommendationId = @event.RecommendationId,
        Value = @event.Value,
        Text = @event.Text,
    };
}

/// <param name="Accepted">Stored now; durable when this is read.</param>
/// <param name="Duplicates">Known already by their ids.</param>
internal sealed record EventReceipt(int Accepted, int Duplicates);

internal static class EventsApi
{
    public const int MaxBatch = 1000;

    /// <summary>Of one request, in bytes.</summary>
    private const int MaxBody = 2 << 20;

    private const int MaxProblems = 100;

    public static void MapEvents(this IEndpointRouteBuilder api)
    {
        var events = api.MapGroup("/events").WithTags("Events").RequireAuthorization(ApiAccess.Track).RequireCors(ApiCors.Tracking)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody));
        events.MapPost("/", PostAsync).WithSummary("Store one event").Accepts<EventBody>("application/json")
            .Produces<EventReceipt>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status401Unauthorized);
        events.MapPost("/batch", PostBatchAsync).WithSummary($"Store up to {MaxBatch} events: all of them, or none if one is not valid")
            .Accepts<EventBody[]>("application/json")
            .Produces<EventReceipt>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status401Unauthorized);
    }

    private static async Task<IResult> PostAsync(HttpRequest request, EventIntake intake, TimeProvider time, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<EventBody>(request, cancellation);
        if (problem is not null) return problem;
        var (@event, wrong) = body!.ToEvent(time.GetUtcNow());
        if (wrong is not null) return ApiProblems.Field(wrong.Field, wrong.Message);
        return await AcceptAsync([@event!], intake, cancellation);
    }

    private static async Task<IResult> PostBatchAsync(HttpRequest request, EventIntake intake, TimeProvider time, CancellationToken cancellation)
    {
        var (bodies, problem) = await ApiBody.ReadAsync<EventBody[]>(request, cancellation);
        if (problem is not null) return problem;
        if (bodies!.Length > MaxBatch)
            return ApiProblems.Field("$", $"The batch holds {bodies.Length} events; at most {MaxBatch} are allowed. Send several batches.");

        var now = time.GetUtcNow();
        var events = new List<Event>(bodies.Length);
        var errors = new Dictionary<string, string[]>();
        for (var i = 0; i < bodies.Length && errors.Count < MaxProblems; i++)
        {
            var (@event, wrong) = bodies[i] is { } body ? body.ToEvent(now) : (null, new FieldProblem("", "An event must be an object, not null."));
            if (wrong is null) events.Add(@event!);
            else errors[wrong.Field.Length == 0 ? $"[{i}]" : $"[{i}].{wrong.Field}"] = [wrong.Message];
        }

        return errors.Count > 0 ? ApiProblems.Fields(errors) : await AcceptAsync(events, intake, cancellation);
    }

    private static async Task<IResult> AcceptAsync(IReadOnlyList<Event> events, EventIntake intake, CancellationToken cancellation)
    {
        var receipt = await intake.AcceptAsync(events, cancellation);
        return TypedResults.Ok(new EventReceipt(receipt.Accepted, receipt.Duplicates));
    }
}
