using System.Xml.Linq;
using Aisle.Engine.Catalog;
using Aisle.Engine.DemoShop;

namespace Aisle.Engine.Tests.DemoShop;

[Collection(DemoShopCollection.Name)]
public sealed class ProductPictureTests(DemoShopFixture fixture)
{
    [Fact]
    public void Svg_EveryProduct_IsWellFormedAndHasNoColourWordLeft()
    {
        foreach (var item in fixture.Shop.Items)
        {
            var svg = ProductPicture.Svg(item);

            XDocument.Parse(svg).Root!.Name.LocalName.ShouldBe("svg", item.Title);
            svg.Contains('$', StringComparison.Ordinal).ShouldBeFalse(item.Title);
            svg.Length.ShouldBeLessThan(12_000, item.Title);
        }
    }

    [Fact]
    public void Svg_SameItem_SamePicture()
    {
        var item = fixture.Shop.Items[3];

        ProductPicture.Svg(item).ShouldBe(ProductPicture.Svg(item));
    }

    [Fact]
    public void Drawings_EachIsUsedAndEveryProductHasOne()
    {
        var used = fixture.Shop.Items.Select(item => item.Attributes["drawing"]).Distinct().Order().ToList();

        used.ShouldBe(ProductPicture.DrawingNames.Order());
        used.Count.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Svg_UnknownItemWithHostileWords_DrawsABoxWithoutThem()
    {
        var item = new Item
        {
            Id = new ItemId("\"><script>alert(1)</script>"),
            Title = "<script>",
            Category = ["<b>", "$x"],
            Tags = ["playful", "$main"],
            Attributes = new Dictionary<string, string> { ["drawing"] = "../../secret", ["tint"] = "\"/>", ["collection"] = "<svg onload=alert(1)>" },
        };

        var svg = ProductPicture.Svg(item);

        XDocument.Parse(svg).Descendants().ShouldNotContain(element => element.Name.LocalName == "script");
        svg.Contains("alert", StringComparison.Ordinal).ShouldBeFalse();
        svg.Contains('$', StringComparison.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public void Svg_OtherColours_OtherPictures()
    {
        var mugs = fixture.Shop.Items.Where(item => item.Tags[0] == "mug").GroupBy(item => item.Attributes["tint"]).Select(group => ProductPicture.Svg(group.First()));

        mugs.Distinct().Count().ShouldBeGreaterThan(3);
    }
}
