using Aisle.Engine.Catalog;
using Aisle.Engine.Expressions;

namespace Aisle.Engine.Tests.Expressions;

public sealed class ExpressionTests
{
    [Theory]
    [InlineData("1 + 2 * 3", 7)]
    [InlineData("(1 + 2) * 3", 9)]
    [InlineData("10 - 4 - 3", 3)]
    [InlineData("24 / 4 / 2", 3)]
    [InlineData("7 % 4 * 2", 6)]
    [InlineData("-2 * -3", 6)]
    [InlineData("2 - -3", 5)]
    [InlineData("item.margin ?? 1 + 1", 0.4)]
    [InlineData("user.avgPrice * 0 + 1.5e1", 15)]
    [InlineData("true ? 1 : false ? 2 : 3", 1)]
    [InlineData("false ? 1 : false ? 2 : 3", 3)]
    public void Number_ByPrecedence_IsWorkedOut(string text, double value) => Asked.Value(text).ShouldBe(value);

    [Theory]
    [InlineData("true || false && false", true)]
    [InlineData("(true || false) && false", false)]
    [InlineData("!true || true", true)]
    [InlineData("!(true || true)", false)]
    [InlineData("1 + 1 == 2 && 3 > 2", true)]
    [InlineData("1 < 2 == true", null)]
    [InlineData("(1 < 2) == true", true)]
    [InlineData("(1 < 2) != (2 < 1)", true)]
    [InlineData("item.margin ?? 0 > 0.3", true)]
    [InlineData("1 in [1, 2] && 3 not in [1, 2]", true)]
    [InlineData("not false and true or false", true)]
    [InlineData("1 < 2 ? true : false", true)]
    public void Boolean_ByPrecedence_IsWorkedOut(string text, bool? value)
    {
        if (value is null) Asked.Wrong(text).Problem.ShouldContain("do not follow each other");
        else Asked.IsTrue(text).ShouldBe(value.Value);
    }

    [Theory]
    [InlineData("item.price == 20")]
    [InlineData("item.price != 21")]
    [InlineData("item.price < 21 && item.price <= 20 && item.price > 19 && item.price >= 20")]
    [InlineData("!(item.price < 20) && !(item.price > 20)")]
    [InlineData("item.brand == 'leaf'")]
    [InlineData("item.brand != \"Iron\"")]
    [InlineData("item.brand in [\"iron\", \"LEAF\"]")]
    [InlineData("item.brand in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'leaf']")]
    [InlineData("item.brand not in ['a', 'b']")]
    [InlineData("item.price in [10, 20]")]
    [InlineData("item.price not in [1, 2]")]
    [InlineData("\"SALE\" in item.tags")]
    [InlineData("\"winter\" not in item.tags")]
    [InlineData("item.id in request.items")]
    [InlineData("item.attributes.colour == \"blue\"")]
    [InlineData("item.attributes[\"screen size\"] == 'x'")]
    [InlineData("item.department == 'kitchen' && 'Mugs' in item.category")]
    [InlineData("item.title == 'Blue Mug' && item.description == 'holds tea.'")]
    [InlineData("item.stock == 7 && item.margin == 0.4 && item.seller == 'Potter'")]
    [InlineData("item.age == 10")]
    [InlineData("item.published == now - 10")]
    [InlineData("now - item.published == 10")]
    [InlineData("now > date('2026-06-03') && now < date('2026-06-04')")]
    [InlineData("now == date('2026-06-03T15:30') && now == date('2026-06-03T17:30+02:00')")]
    [InlineData("user.id == 'ann' && user.known && user.segment == 'loyal' && user.attributes.country == 'FR'")]
    [InlineData("user.avgBasket == 50 && user.orders == 2 && user.spent == 100 && user.avgPrice == 25")]
    [InlineData("user.cartPieces == 1 && now - user.lastOrder == 5")]
    [InlineData("request.scenario == 'similar' && request.placement == 'home' && request.context.device == 'mobile'")]
    [InlineData("number(request.context.budget) > item.price")]
    [InlineData("item.price < user.avgBasket * 1.5 && item.brand in [\"Leaf\",\"B\"] && !bought(item, days: 30)")]
    [InlineData("item.brand in [user.segment, 'leaf']")]
    [InlineData("item.price > 10 ? item.brand == 'Leaf' : false")]
    [InlineData("(item.price > 10 ? item.brand : item.title) == 'Leaf'")]
    [InlineData("'it\\'s \\\"q\\\" \\\\' == \"it's \\\"q\\\" \\\\\"")]
    public void Mug_AskedWhatHolds_IsTrue(string text) => Asked.IsTrue(text).ShouldBeTrue();

    [Theory]
    [InlineData("item.price == 19")]
    [InlineData("item.price != 20")]
    [InlineData("item.brand != 'LEAF'")]
    [InlineData("item.brand not in ['leaf', 'iron']")]
    [InlineData("'sale' not in item.tags")]
    [InlineData("item.price in [1, 2]")]
    [InlineData("now != date('2026-06-03T15:30')")]
    [InlineData("user.known == false")]
    public void Mug_AskedWhatDoesNotHold_IsFalse(string text) => Asked.IsTrue(text).ShouldBeFalse();

    [Fact]
    public void Boost_OnTheItem_ChoosesNumbers()
    {
        Asked.Value("item.stock > 5 ? 1.5 : 1").ShouldBe(1.5);
        Asked.Value("item.stock > 5 ? 1.5 : 1", Asked.Bare).ShouldBe(1.0);
        Asked.Value("1 + item.margin * 2").ShouldBe(1.8);
        Asked.Value("item.brand").ShouldBe("Leaf");
        Asked.Value("item.brand ?? user.segment", Asked.Bare).ShouldBe("loyal");
        Asked.Value("item.published + 1").ShouldBe(Asked.Now.AddDays(-9));
    }

    [Fact]
    public void Bind_ItemAfterItem_AnswersForEach()
    {
        var bound = ExpressionCompiler.Compile("item.price < user.avgBasket", ShopEnvironment.Instance).Bind(Asked.Inputs);

        bound.IsTrue(Asked.Mug).ShouldBeTrue();
        bound.IsTrue(Asked.Mug with { Price = 51 }).ShouldBeFalse();
        bound.IsTrue(Asked.Mug with { Price = 49 }).ShouldBeTrue();
    }

    [Fact]
    public void Bind_WhatDoesNotDependOnTheItem_IsReadOnceForARequest()
    {
        var read = 0;
        var inputs = new ExpressionInputs { Now = Asked.Now, LatestEvent = Asked.Now, ReadAttributes = () => Count(ref read) };
        var expression = ExpressionCompiler.Compile("number(user.attributes.budget) * 2 > item.price", ShopEnvironment.Instance);

        var bound = expression.Bind(inputs);
        for (var i = 0; i < 10; i++) bound.IsTrue(Asked.Mug).ShouldBeTrue();

        read.ShouldBe(1);
        static IReadOnlyDictionary<string, string> Count(ref int read)
        {
            read++;
            return new Dictionary<string, string> { ["budget"] = "11" };
        }
    }

    [Fact]
    public void Expression_Compiled_TellsTypeAndWhatItReads()
    {
        var filter = ExpressionCompiler.Compile(
            "item.price < user.avgBasket * 1.5 && item.attributes.colour in ['red'] && !bought(item, days: 30)", ShopEnvironment.Instance);
        var forEverybody = ExpressionCompiler.Compile("user.orders > 3 ? 2 : 1", ShopEnvironment.Instance);

        filter.Type.ShouldBe(ExpressionType.Boolean);
        filter.Dependencies.ShouldBe(["bought()", "item.attributes.colour", "item.price", "user.avgBasket"]);
        filter.DependsOnItem.ShouldBeTrue();
        forEverybody.Type.ShouldBe(ExpressionType.Number);
        forEverybody.DependsOnItem.ShouldBeFalse();
    }

    [Theory]
    [InlineData("item.price < user.avgBasket * 1.5 && item.brand in [\"Leaf\",\"B\"] && !bought(item, days: 30)")]
    [InlineData("lower(item.title) == 'x'")]
    [InlineData("contains(item.title, 'y')")]
    [InlineData("anyOf(item.tags, ['a', 'b']) || 'z' in item.category")]
    [InlineData("number(item.attributes.weight) < 3")]
    [InlineData("(item.brand ?? 'none') in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] || allOf(item.tags, ['a']) || weekday(item.published) == 9 || has(item.tags) && false")]
    public void Evaluation_ThousandsOfItems_AllocatesNothing(string text)
    {
        var bound = ExpressionCompiler.Compile(text, ShopEnvironment.Instance).Bind(Asked.Inputs);
        bound.IsTrue(Asked.Mug);
        bound.IsTrue(Asked.Bare);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5000; i++)
        {
            bound.IsTrue(Asked.Mug);
            bound.IsTrue(Asked.Bare);
        }

        // The runtime may allocate a few bytes when it compiles the loop anew; an allocation a call would be 10,000 objects.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
    }

    [Fact]
    public void Environment_EachField_CanBeReadOfAKnownAndOfABareItem()
    {
        foreach (var field in ShopEnvironment.Instance.Fields)
        {
            var name = field.Name.Replace("*", "anything");
            var text = field.Type switch
            {
                ExpressionType.Texts => $"count({name}) >= 0",
                ExpressionType.Boolean => $"{name} || true",
                _ => $"has({name}) || true",
            };
            Asked.IsTrue(text, Asked.Mug).ShouldBeTrue(field.Name);
            Asked.IsTrue(text, Asked.Bare, Asked.Stranger).ShouldBeTrue(field.Name);
        }
    }

    [Fact]
    public void BoundExpression_AskedForAnotherType_SaysWhichItIs()
    {
        var bound = ExpressionCompiler.Compile("item.price", ShopEnvironment.Instance).Bind(Asked.Inputs);

        Should.Throw<InvalidOperationException>(() => bound.IsTrue(new Item { Id = new ItemId("x"), Title = "x" })).Message.ShouldContain("a number");
    }
}
