using System.Globalization;
using Aisle.Engine.Carts;
using Aisle.Engine.Catalog;

namespace Aisle.Server.Storefront;

/// <summary>A product as the pages show it, in one language.</summary>
public sealed record ProductView
{
    /// <summary>A product counts as new for this long.</summary>
    public static readonly TimeSpan NewFor = TimeSpan.FromDays(30);

    public required Item Item { get; init; }

    public required string Title { get; init; }

    public string? Description { get; init; }

    public required bool IsNew { get; init; }

    public required bool IsAnnounced { get; init; }

    /// <summary>Why it is in its row; null where nothing needs to be said.</summary>
    public string? Reason { get; init; }

    public string Address => ShopAddress.Of(this.Item.Id);

    public string Picture => ShopAddress.PictureOf(this.Item);

    public bool IsSoldOut => this.Item.Stock is <= 0;

    public bool CanBeBought => !this.IsSoldOut && !this.IsAnnounced;

    /// <summary>Pieces left, where they are few.</summary>
    public int? Few => this.Item.Stock is > 0 and <= CartOrder.FewLeft ? this.Item.Stock : null;

    public static ProductView Of(Item item, DateTimeOffset now, string? reason = null)
    {
        var language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
        var text = item.TextIn(language);
        return new ProductView
        {
            Item = item,
            Title = text.Title,
            Description = text.Description,
            IsNew = item.AvailableFrom <= now && item.AvailableFrom > now - NewFor,
            IsAnnounced = item.AvailableFrom > now,
            Reason = reason,
        };
    }

    /// <summary>An attribute in the page's language: attributes may carry a second value under NAME.zh.</summary>
    public string? Attribute(string name)
    {
        var language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
        return this.Item.Attributes.GetValueOrDefault($"{name}.{language}") ?? this.Item.Attributes.GetValueOrDefault(name);
    }
}
