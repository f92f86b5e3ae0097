using Aisle.Engine.Expressions;

namespace Aisle.Engine.Tests.Expressions;

public sealed class FunctionTests
{
    [Theory]
    [InlineData("min(item.price, 5)", 5)]
    [InlineData("min(4, 3, item.price, 9)", 3)]
    [InlineData("max(item.price, user.avgBasket, 5)", 50)]
    [InlineData("abs(0 - item.price)", 20)]
    [InlineData("round(2.5)", 3)]
    [InlineData("round(item.price / 3, digits: 2)", 6.67)]
    [InlineData("floor(2.9) + ceil(2.1)", 5)]
    [InlineData("sqrt(item.price + 5)", 5)]
    [InlineData("log(1)", 0)]
    [InlineData("length(item.brand)", 4)]
    [InlineData("number(item.attributes.weight) / 1000", 0.35)]
    [InlineData("number(' 12 ')", 12)]
    [InlineData("count(item.tags) + count(['a', 'b', 'A']) + count([1])", 5)]
    [InlineData("hour(now) * 10 + weekday(now)", 153)]
    [InlineData("weekday(date('2026-06-07'))", 7)]
    [InlineData("month(item.published)", 5)]
    public void Function_OfNumbers_Answers(string text, double value) => Asked.Value(text).ShouldBe(value);

    [Theory]
    [InlineData("contains(item.title, 'MUG')", true)]
    [InlineData("contains(item.title, 'pan')", false)]
    [InlineData("startsWith(item.title, 'blue')", true)]
    [InlineData("startsWith(item.title, 'mug')", false)]
    [InlineData("endsWith(item.title, 'mug')", true)]
    [InlineData("endsWith(item.title, 'blue')", false)]
    [InlineData("anyOf(item.tags, ['new', 'SALE'])", true)]
    [InlineData("anyOf(item.tags, ['new'])", false)]
    [InlineData("anyOf(['new', 'sale'], item.tags)", true)]
    [InlineData("anyOf([1, 2], [2, 3])", true)]
    [InlineData("allOf(item.tags, ['gift', 'sale'])", true)]
    [InlineData("allOf(item.tags, ['gift', 'new'])", false)]
    [InlineData("allOf(['sale', 'gift', 'new'], item.tags)", true)]
    [InlineData("allOf([1, 2, 3], [2, 3])", true)]
    [InlineData("allOf([1, 2], [2, 3])", false)]
    [InlineData("has(item.price) && has(item.brand) && has(item.published) && has(item.tags)", true)]
    [InlineData("viewed(item)", true)]
    [InlineData("viewed(item, days: 2)", true)]
    [InlineData("viewed(item, days: 1.9)", false)]
    [InlineData("viewed(item, 2)", true)]
    [InlineData("bought(item)", true)]
    [InlineData("bought(item, days: 30)", false)]
    [InlineData("bought(item, days: user.avgBasket)", true)]
    [InlineData("inCart(item)", false)]
    [InlineData("favourite(item)", false)]
    public void Function_OfTheMug_Answers(string text, bool value) => Asked.IsTrue(text).ShouldBe(value);

    [Fact]
    public void Lower_OfAnItemsText_IsInLowerCase() => Asked.Value("lower(item.title)").ShouldBe("blue mug");

    [Fact]
    public void History_ReturnedAndCarted_FollowsWhatIsLeft()
    {
        var pan = Asked.Mug with { Id = new Engine.Catalog.ItemId("pan") };
        var cup = Asked.Mug with { Id = new Engine.Catalog.ItemId("cup") };

        Asked.IsTrue("bought(item)", pan).ShouldBeFalse();
        Asked.IsTrue("favourite(item, days: 4)", pan).ShouldBeTrue();
        Asked.IsTrue("inCart(item) && inCart(item, days: 1)", cup).ShouldBeTrue();
        Asked.IsTrue("bought(item) && !bought(item, days: 39)", cup).ShouldBeTrue();
    }

    [Fact]
    public void Functions_Each_AreTestedHereAndTellTheirSignature()
    {
        var own = File.ReadAllText(Path.Combine(SourceFolder(), "FunctionTests.cs")) + File.ReadAllText(Path.Combine(SourceFolder(), "ExpressionTests.cs"));

        foreach (var function in ExpressionEnvironment.Functions)
        {
            own.ShouldContain(function.Name + "(");
            function.Signature.ShouldStartWith(function.Name + "(");
            function.Summary.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Docs_ListEveryFieldAndFunction()
    {
        var docs = File.ReadAllText(Path.Combine(SourceFolder(), "../../../docs/expressions.md"));

        foreach (var field in ShopEnvironment.Instance.Fields) docs.ShouldContain($"`{field.Name}`");
        foreach (var function in ExpressionEnvironment.Functions) docs.ShouldContain($"`{function.Name}(");
    }

    private static string SourceFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Aisle.slnx"))) folder = folder.Parent;
        return Path.Combine(folder.ShouldNotBeNull().FullName, "tests", "Engine.Tests", "Expressions");
    }
}
