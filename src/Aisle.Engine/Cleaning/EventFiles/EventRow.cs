using System.Text;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning.EventFiles;

/// <summary>Turns a row's fields, given as UTF-8, into an event. One instance serves all rows of a file.</summary>
internal sealed class EventRow(DateTimeOffset now)
{
    /// <summary>"evnt": the kind of content that ids are made of where the file gives none.</summary>
    private const ulong HashKind = 0x65766E74;

    // Repeated texts (placements, sessions of neighbouring rows) share one string; beyond it each row gets its own.
    private const int MostPooledTexts = 100_000;

    private static readonly Dictionary<string, EventType> OtherTypeNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["addtocart"] = EventType.Cart,
        ["add-to-cart"] = EventType.Cart,
        ["removefromcart"] = EventType.RemoveFromCart,
        ["transaction"] = EventType.Purchase,
        ["buy"] = EventType.Purchase,
        ["order"] = EventType.Purchase,
        ["refund"] = EventType.Return,
        ["favorite"] = EventType.Favourite,
        ["wishlist"] = EventType.Favourite,
    };

    private readonly Utf8Pool _users = new(int.MaxValue);
    private readonly Utf8Pool _items = new(int.MaxValue);
    private readonly Utf8Pool _texts = new(MostPooledTexts);

    public RowProblem? Read(IRows row, out Event? read)
    {
        read = null;
        if (row.Problem is { } problem) return problem;
        if (Type(row[EventFields.Type], out var type) is { } badType) return badType;
        if (Time(row[EventFields.Time], out var time) is { } badTime) return badTime;
        if (Number(row[EventFields.Quantity], "quantity", out var quantity) is { } badQuantity) return badQuantity;
        if (Number(row[EventFields.Price], "price", out var price) is { } badPrice) return badPrice;
        if (Number(row[EventFields.Value], "value", out var value) is { } badValue) return badValue;
        if (quantity <= 0) return quantity == 0 ? SignProblem("zero", "quantity") : SignProblem("negative", "quantity");
        if (price < 0) return SignProblem("negative", "price");
        if (TooLong(row) is { } tooLong) return tooLong;

        var made = new Event
        {
            Id = Identify(row, type, time),
            Type = type,
            User = row[EventFields.User] is { IsEmpty: false } user ? new UserId(this._users.Get(user)) : null,
            Item = row[EventFields.Item] is { IsEmpty: false } item ? new ItemId(this._items.Get(item)) : null,
            Time = time,
            Quantity = quantity ?? 1,
            Price = price,
            Basket = this.Pooled(row[EventFields.Basket]),
            Session = this.Pooled(row[EventFields.Session]),
            Placement = this.Pooled(row[EventFields.Placement]),
            RecommendationId = this.Pooled(row[EventFields.RecommendationId]),
            Value = value,
            Text = this.Pooled(row[EventFields.Text]),
        };
        if (EventRules.Check(made, now) is { } broken) return Describe(broken, made);
        read = made;
        return null;
    }

    private static EventId Identify(IRows row, EventType type, DateTimeOffset time)
    {
        if (row[EventFields.Id] is { IsEmpty: false } id) return EventId.From(Encoding.UTF8.GetString(id));

        // Numbers go in as they are written: 1 and 1.0 in two exports are two events, as any other difference is.
        var hash = new ContentHash(HashKind);
        hash.Add((ulong)type);
        hash.Add((ulong)time.ToUnixTimeMilliseconds());
        for (var i = EventFields.User; i <= EventFields.Text; i++)
            if (i != EventFields.Time) hash.Add(row[i]);
        return EventId.FromContent(time, hash.ToUInt128());
    }

    private static RowProblem? Type(ReadOnlySpan<byte> text, out EventType type)
    {
        type = default;
        if (text.IsEmpty) return RowProblem.Missing("type");
        if (text.Length <= 32)
        {
            var name = Encoding.UTF8.GetString(text).ToLowerInvariant().Replace('_', '-').Replace(' ', '-');
            if (EventTypeNames.TryParse(name, out type) || OtherTypeNames.TryGetValue(name, out type)) return null;
        }

        return RowProblem.Bad("type", $"one of {string.Join(", ", EventTypeNames.All)}");
    }

    private static RowProblem? Time(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.IsEmpty) return RowProblem.Missing("time");
        return FieldValues.TryTime(text, out time) ? null : RowProblem.Bad("time", "ISO 8601 (2024-05-06T12:00:00Z) or Unix time in seconds or milliseconds");
    }

    private static RowProblem? Number(ReadOnlySpan<byte> text, string name, out double? number)
    {
        number = null;
        if (text.IsEmpty) return null;
        if (!FieldValues.TryNumber(text, out var value)) return RowProblem.Bad(name, "a number, with a point for decimals");
        number = value;
        return null;
    }

    /// <summary>Refuses what cannot keep to the rules before it would be kept in a pool: bytes are at most four times the characters.</summary>
    private static RowProblem? TooLong(IRows row)
    {
        for (var i = 0; i < EventFields.All.Count; i++)
        {
            var most = i == EventFields.Text ? EventRules.MaxTextLength : EventRules.MaxContextLength;
            if (row[i].Length > most * 4) return RowProblem.Bad(EventFields.All[i].Name, $"at most {most} characters");
        }

        return null;
    }

    private string? Pooled(ReadOnlySpan<byte> text) => text.IsEmpty ? null : this._texts.Get(text);

    private static RowProblem SignProblem(string kind, string name) => new($"{kind}-{name}", name, $"{name} must be above 0.");

    private static RowProblem Describe(FieldProblem broken, Event made)
    {
        var isMissing = broken.Field switch
        {
            "user" => made.User is null,
            "item" => made.Item is null,
            "value" => made.Value is null,
            "text" => string.IsNullOrWhiteSpace(made.Text),
            _ => false,
        };
        return new RowProblem($"{(isMissing ? "missing" : "bad")}-{broken.Field}", broken.Field, broken.Message);
    }
}
