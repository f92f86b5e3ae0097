using Aisle.Engine.Expressions;

namespace Aisle.Engine.Tests.Expressions;

/// <summary>Whatever the text, compiling gives an expression or an <see cref="ExpressionException"/>, and an expression answers.</summary>
public sealed class HostileTextTests
{
    private static readonly string[] Valid =
    [
        "item.price < user.avgBasket * 1.5 && item.brand in [\"A\",\"B\"] && !bought(item, days: 30)",
        "(item.margin ?? 0.2) > 0.3 ? round(item.price / 3, digits: 2) : max(1, item.stock, -4)",
        "anyOf(item.tags, ['sale', 'new']) || contains(lower(item.title), \"mug\") and not viewed(item, days: 7)",
        "now - item.published < 14 && weekday(now) in [6, 7] && item.attributes['screen size'] != request.context.device",
    ];

    private static readonly string[] Tokens =
    [
        "item", ".", "price", "brand", "tags", "item.price", "item.brand", "item.tags", "user.avgBasket", "request.items", "item.attributes.x", "now", "(", ")", "[", "]", ",", ":",
        "?", "??", "&&", "||", "!", "==", "!=", "<", ">=", "+", "-", "*", "/", "%", "in", "not", "and", "or", "1", "2.5", "1e9", "'a'", "\"b\"", "true", "false", "bought", "days", "min",
        "has", "contains", "anyOf", "date", "count", "round", "\n", " ", "null", "商品", "😀", "'", "\\", "\0", "_", "e", "0x1F", "//", "item[", "\u2028",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Compile_SoupOfTokens_NeverThrowsAnythingElse(int seed)
    {
        var random = new Random(seed);
        var compiled = 0;
        for (var i = 0; i < 6000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => Tokens[random.Next(Tokens.Length)] + (random.Next(4) == 0 ? "" : " ")));
            if (Try(text)) compiled++;
        }

        // Were there none, the evaluation would not be tried at all.
        compiled.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Compile_MutatedTexts_NeverThrowsAnythingElse(int seed)
    {
        var random = new Random(seed);
        var compiled = 0;
        for (var i = 0; i < 6000; i++)
        {
            var text = Valid[random.Next(Valid.Length)];
            for (var edit = random.Next(1, 5); edit > 0; edit--) text = Mutate(text, random);
            if (Try(text)) compiled++;
        }

        compiled.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Compile_RandomCharacters_NeverThrowsAnythingElse()
    {
        var random = new Random(6);
        for (var i = 0; i < 4000; i++)
            Try(new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)(random.Next(3) == 0 ? random.Next(65536) : random.Next(32, 127)))]));
    }

    [Fact]
    public void Valid_Unchanged_Compile() => Valid.ShouldAllBe(text => Try(text));

    private static string Mutate(string text, Random random)
    {
        var at = random.Next(text.Length + 1);
        var length = random.Next(Math.Min(6, text.Length - at) + 1);
        return random.Next(4) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, Tokens[random.Next(Tokens.Length)]),
            2 => text.Insert(random.Next(text.Length + 1), text.Substring(at, length)),
            _ => text.Remove(at, length).Insert(at, ((char)random.Next(32, 127)).ToString()),
        };
    }

    /// <summary>Whether it compiles; then it must answer for a full and for a bare item, with and without a shopper.</summary>
    private static bool Try(string text)
    {
        try
        {
            Asked.Value(text);
            Asked.Value(text, Asked.Bare, Asked.Stranger);
            return true;
        }
        catch (ExpressionException wrong)
        {
            wrong.Line.ShouldBeGreaterThan(0);
            wrong.Column.ShouldBeGreaterThan(0);
            wrong.Problem.Length.ShouldBeLessThan(600);
            return false;
        }
    }
}
