using Aisle.Engine.Expressions;

namespace Aisle.Engine.Tests.Expressions;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("", 1, 1, "is empty")]
    [InlineData("   ", 1, 4, "is empty")]
    [InlineData("item.prise < 3", 1, 1, "did you mean item.price?")]
    [InlineData("3 > price", 1, 5, "did you mean item.price?")]
    [InlineData("true && itm.price > 3", 1, 9, "did you mean item.price?")]
    [InlineData("item.zzzzzz > 3", 1, 1, "item has id, title")]
    [InlineData("zzzzzz > 3", 1, 1, "Names begin with item, user, request, now")]
    [InlineData("item.price.net > 3", 1, 1, "item.price is a number and has no net")]
    [InlineData("item.attributes == 'x'", 1, 1, "item.attributes.colour")]
    [InlineData("item == 'x'", 1, 9, "of one kind")]
    [InlineData("item", 1, 1, "name one of its fields")]
    [InlineData("bougt(item)", 1, 1, "did you mean bought?")]
    [InlineData("zzz(item)", 1, 1, "The functions are min, max")]
    [InlineData("bought", 1, 1, "bought is a function; write bought(item, days: …)")]
    [InlineData("bought()", 1, 1, "item is missing")]
    [InlineData("bought(item, day: 3)", 1, 14, "no parameter day; it is bought(item, days: …)")]
    [InlineData("bought(item, 3, 4)", 1, 17, "at most 2 arguments")]
    [InlineData("bought(item, days: 3, days: 4)", 1, 23, "given twice")]
    [InlineData("bought(days: 3, item)", 1, 17, "After a named argument")]
    [InlineData("bought('x')", 1, 8, "must be the item")]
    [InlineData("bought(item, days: 'x')", 1, 20, "must be a number; this is a text. Write number(…)")]
    [InlineData("min(1)", 1, 1, "b is missing")]
    [InlineData("item.price = 3", 1, 12, "write ==")]
    [InlineData("item.price == 3 & true", 1, 17, "write &&")]
    [InlineData("true | true", 1, 6, "write ||")]
    [InlineData("item.brand == “x”", 1, 15, "straight quotes")]
    [InlineData("item.brand in {'x'}", 1, 15, "square brackets")]
    [InlineData("item.brand == 'x", 1, 15, "does not end")]
    [InlineData("item.brand == 'x\n'", 1, 15, "does not end")]
    [InlineData("item.brand == '\\q'", 1, 16, "write \\\\")]
    [InlineData("item.brand == 3", 1, 15, "Put it in quotes")]
    [InlineData("item.attributes.size > 3", 1, 24, "number(…) around the text")]
    [InlineData("item.brand < 'x'", 1, 12, "compares numbers or times")]
    [InlineData("item.brand + 'x' == 'y'", 1, 1, "Texts are not joined")]
    [InlineData("item.price + true > 1", 1, 14, "condition ? 1.5 : 1")]
    [InlineData("now + now > now", 1, 5, "not defined for a time and a time")]
    [InlineData("now > '2026-01-01'", 1, 7, "date(\"2026-11-27\")")]
    [InlineData("date('soon') < now", 1, 6, "A date is a constant text")]
    [InlineData("date(item.title) < now", 1, 6, "A date is a constant text")]
    [InlineData("!item.price < 3", 1, 2, "put these in parentheses")]
    [InlineData("item.price && true", 1, 1, "Both sides of && must be true or false")]
    [InlineData("true ?? false", 1, 1, "what may be unknown")]
    [InlineData("item.price == null", 1, 15, "There is no null; write has(item.price)")]
    [InlineData("1 < 2 < 3", 1, 7, "a < b && b < c")]
    [InlineData("'x' in item.title", 1, 8, "contains(item.title, \"part\")")]
    [InlineData("item.tags in ['x']", 1, 1, "anyOf")]
    [InlineData("item.tags == ['x']", 1, 11, "anyOf")]
    [InlineData("item.price in 3", 1, 15, "stands a list")]
    [InlineData("3 in item.tags", 1, 1, "this is a number")]
    [InlineData("item.price in []", 1, 15, "list is empty")]
    [InlineData("item.price in [1, 'x']", 1, 19, "of one kind")]
    [InlineData("item.price in [item.stock]", 1, 16, "must not depend on the item")]
    [InlineData("'x' in [item.tags]", 1, 9, "A list holds numbers or texts")]
    [InlineData("anyOf(item.tags, item.category)", 1, 18, "must not depend on the item")]
    [InlineData("contains(item.tags, 'x')", 1, 10, "\"A\" in item.tags")]
    [InlineData("item.tags", 1, 1, "A list alone is no answer")]
    [InlineData("true ? 1 : 'x'", 1, 12, "both must be of one kind")]
    [InlineData("true ? 1", 1, 9, "the expression ends, but :")]
    [InlineData("3 ? 1 : 2", 1, 1, "must be true or false")]
    [InlineData("(1 + 2", 1, 7, "to close the parenthesis")]
    [InlineData("1 +", 1, 4, "but a value, a name or (")]
    [InlineData("1 2", 1, 3, "Here 2 stands, but an operator or the end")]
    [InlineData("item.", 1, 6, "a name after the dot")]
    [InlineData("item.attributes[3] == 'x'", 1, 17, "a name in quotes")]
    [InlineData("item.title.contains('x')", 1, 20, "contains(item.title, …)")]
    [InlineData("30d > 3", 1, 1, "numbers of days")]
    [InlineData("1e999 > 3", 1, 1, "too large")]
    [InlineData("round(1, digits: item.price)", 1, 18, "whole number from 0 to 10")]
    [InlineData("item.price <\n  user.avgBaskt", 2, 3, "did you mean user.avgBasket?")]
    [InlineData("true &&\n\n  $", 3, 3, "The character $ has no meaning")]
    public void Compile_NotAnExpression_SaysWhatAndWhere(string text, int line, int column, string part)
    {
        var wrong = Asked.Wrong(text);

        wrong.Problem.ShouldContain(part);
        (wrong.Line, wrong.Column).ShouldBe((line, column), wrong.Message);
        wrong.Message.ShouldContain($"line {line}, column {column}");
    }

    [Fact]
    public void Compile_OtherTypeThanExpected_SaysBoth() =>
        Asked.Wrong("item.price + 1", ExpressionType.Boolean).Problem.ShouldBe("The expression must be true or false, and is a number.");

    [Fact]
    public void Excerpt_OfAWrongPart_UnderlinesIt()
    {
        var wrong = Asked.Wrong("item.stock > 0\n  && item.prise < 3");

        wrong.Excerpt.ShouldBe("  && item.prise < 3\n     ^^^^^^^^^^");
        wrong.Length.ShouldBe(10);
    }

    [Fact]
    public void Excerpt_OfALongLine_ShowsThePartAroundThePlace()
    {
        var wrong = Asked.Wrong(string.Concat(Enumerable.Repeat("item.stock > 0 && ", 20)) + "item.prise < 3" + string.Concat(Enumerable.Repeat(" && true", 20)));

        var lines = wrong.Excerpt.Split('\n');
        lines[0].Length.ShouldBeLessThan(80);
        lines[0].Substring(lines[1].IndexOf('^'), lines[1].Count(mark => mark == '^')).ShouldBe("item.prise");
    }
}
