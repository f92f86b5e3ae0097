using System.Globalization;
using System.Text;
using Aisle.Engine.Catalog;

namespace Aisle.Server.Storefront;

/// <summary>Addresses of the shop's pages.</summary>
internal static class ShopAddress
{
    public static string Of(ItemId item) => "/product/" + Escaped(item);

    public static string PictureOf(Item item) =>
        item.Image is { } image && IsPicture(image) ? image : $"/images/products/{Escaped(item.Id)}.svg";

    public static string Of(CategoryNode category) => "/category/" + string.Join('/', category.Path.Select(Slug));

    /// <summary>The category at an address, or null.</summary>
    public static CategoryNode? Find(CategoryTree categories, string? path)
    {
        var node = categories.Root;
        foreach (var part in (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node.Children.FirstOrDefault(child => Slug(child.Path[^1]) == part) is not { } child) return null;
            node = child;
        }

        return node;
    }

    /// <summary>Letters (of any script) and digits in lower case, everything between them one hyphen.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            if (char.IsLetterOrDigit(character)) slug.Append(char.ToLower(character, CultureInfo.InvariantCulture));
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }

        return slug.ToString().TrimEnd('-');
    }

    private static string Escaped(ItemId item) => string.Join('/', item.Value.Split('/').Select(Uri.EscapeDataString));

    // A catalogue comes from outside: its picture may be a path of this server or a web address, never a script.
    private static bool IsPicture(string image) =>
        (image.StartsWith('/') && !image.StartsWith("//", StringComparison.Ordinal))
        || (Uri.TryCreate(image, UriKind.Absolute, out var address) && address.Scheme is "https" or "http");
}
