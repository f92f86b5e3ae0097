using System.Diagnostics;
using Aisle.Engine.Expressions;

namespace Aisle.Engine.Tests.Expressions;

public sealed class LimitTests
{
    [Fact]
    public void Text_AtTheLimit_IsTaken_AndOneMoreRefused()
    {
        Asked.IsTrue("true".PadRight(ExpressionLimits.MaxLength)).ShouldBeTrue();
        Asked.Wrong("true".PadRight(ExpressionLimits.MaxLength + 1)).Problem.ShouldContain("at most 10000");
    }

    [Theory]
    [InlineData("(", "true", ")")]
    [InlineData("!", "true", "")]
    [InlineData("-", "1", "")]
    [InlineData("abs(", "1", ")")]
    [InlineData("true ? true : ", "true", "")]
    public void Depth_BeyondTheLimit_IsRefused(string open, string core, string close)
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat(open, depth)) + core + string.Concat(Enumerable.Repeat(close, depth));

        Asked.Value(Nested(ExpressionLimits.MaxDepth - 1)).ShouldNotBeNull();
        Asked.Wrong(Nested(ExpressionLimits.MaxDepth)).Problem.ShouldContain("within each other");
        Asked.Wrong(Nested(9000 / (open.Length + close.Length))).Problem.ShouldContain("within each other");
    }

    [Fact]
    public void Nodes_BeyondTheLimit_AreRefused()
    {
        Asked.Value(string.Join("+", Enumerable.Repeat("1", ExpressionLimits.MaxNodes / 2))).ShouldBe(200.0);
        Asked.Wrong(string.Join("+", Enumerable.Repeat("1", ExpressionLimits.MaxNodes))).Problem.ShouldContain("more than 400 parts");
    }

    [Fact]
    public void Lists_BeyondTheLimit_AreRefused()
    {
        string List(int length) => $"item.price in [{string.Join(",", Enumerable.Range(0, length))}]";

        Asked.IsTrue(List(ExpressionLimits.MaxListElements)).ShouldBeTrue();
        Asked.Wrong(List(ExpressionLimits.MaxListElements + 1)).Problem.ShouldContain("more than 1000 elements");
    }

    [Fact]
    public void Names_AndTextsBeyondTheLimit_AreRefused_AndNotEchoed()
    {
        Asked.Wrong($"item.brand == '{new string('x', 201)}'").Problem.ShouldContain("at most 200");
        Asked.Wrong(new string('x', 201)).Problem.ShouldContain("at most 200");
        Asked.Wrong(new string('x', 200)).Problem.ShouldNotContain(new string('x', 50));
        Asked.Wrong(string.Join('.', Enumerable.Repeat("x", 20))).Problem.ShouldContain("so many members");
    }

    [Fact]
    public void Cost_BeyondTheLimit_IsRefused()
    {
        string Searches(int times) => string.Join(" || ", Enumerable.Repeat("contains(item.description, 'x')", times));

        Asked.IsTrue(Searches(18)).ShouldBeFalse();
        Asked.Wrong(Searches(20)).Problem.ShouldContain("at most 1000 are allowed");
    }

    [Fact]
    public void Evaluation_OfTheDearestAcceptedText_StaysCheap()
    {
        var text = string.Join(" || ", Enumerable.Range(0, 18).Select(i => $"contains(item.description, '{i}bc')"));
        var bound = ExpressionCompiler.Compile(text, ShopEnvironment.Instance).Bind(Asked.Inputs);
        var longest = Asked.Mug with { Description = new string('a', 20_000) };
        bound.IsTrue(longest);

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++) bound.IsTrue(longest).ShouldBeFalse();

        // The largest description that the catalogue takes, in each search; the bound is generous for busy machines.
        (clock.Elapsed / 20).ShouldBeLessThan(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void Cache_MoreTextsThanItsCapacity_ForgetsThoseNotAskedFor()
    {
        var cache = new ExpressionCache(ShopEnvironment.Instance, capacity: 3);
        var first = cache.Compile("item.price < 0");
        for (var i = 1; i < 10; i++)
        {
            cache.Compile($"item.price < {i}");
            cache.Compile("item.price < 0").ShouldBeSameAs(first);
        }

        cache.Count.ShouldBe(3);
        Should.Throw<ExpressionException>(() => cache.Compile("nonsense"));
        cache.Count.ShouldBe(3);
        Should.Throw<ExpressionException>(() => cache.Compile("item.price < 0", ExpressionType.Number)).Problem.ShouldContain("must be a number");
    }
}
