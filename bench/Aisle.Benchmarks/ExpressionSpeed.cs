using System.Diagnostics;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;
using Node = System.Linq.Expressions.Expression;

namespace Aisle.Benchmarks;

/// <summary>
/// What an expression costs to compile and to evaluate, one thread: closures (the product) beside the same condition as a
/// System.Linq.Expressions tree compiled by the runtime, and as plain C#.
/// </summary>
internal static class ExpressionSpeed
{
    private const string Example = "item.price < user.avgBasket * 1.5 && item.brand in [\"A\",\"B\"] && !bought(item, days: 30)";
    private const int Items = 10_000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static void Print(TextWriter output)
    {
        var items = Catalogue();
        var facts = new ShopperFacts(History());
        var inputs = new ExpressionInputs { Now = Now, LatestEvent = Now, User = new UserId("u"), ReadShopper = () => facts };
        var expression = ExpressionCompiler.Compile(Example, ShopEnvironment.Instance);
        var bound = expression.Bind(inputs);
        var tree = Tree(facts).Compile();

        output.WriteLine($"passing: {items.Count(bound.IsTrue)} of {items.Length} (tree {items.Count(tree)}, C# {items.Count(item => Plain(item, facts))})");
        output.WriteLine($"compile, closures: {Micros(() => ExpressionCompiler.Compile(Example, ShopEnvironment.Instance), 2000):F1} µs");
        output.WriteLine($"compile, runtime:  {Micros(() => Tree(facts).Compile(), 300):F1} µs (tree made by hand, without parsing and checking)");
        output.WriteLine($"bind: {Micros(() => expression.Bind(inputs), 20_000):F2} µs");
        Rate(output, "runtime tree", items, tree);
        Rate(output, "plain C#", items, item => Plain(item, facts));
        foreach (var text in new[]
                 {
                     "item.price < 20", "item.stock > 100 ? 1.5 : item.stock < 3 ? 0.5 : 1", "anyOf(item.tags, ['sale', 'gift'])",
                     "contains(item.title, 'mug')", "number(item.attributes.weight) < 300",
                 })
        {
            var other = ExpressionCompiler.Compile(text, ShopEnvironment.Instance);
            var own = other.Bind(inputs);
            Rate(output, text, items, other.Type == ExpressionType.Boolean ? own.IsTrue : item => own.Number(item) > 1);
        }

        // Last, when the runtime has compiled anew what the others share with it.
        Rate(output, "closures", items, bound.IsTrue);
    }

    private static double Micros(Func<object> run, int times)
    {
        // Warms up past the first tier of compilation.
        for (var i = 0; i < 200; i++) run();
        var best = double.PositiveInfinity;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < times; i++) run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / times);
        }

        return best;
    }

    private static void Rate(TextWriter output, string name, Item[] items, Func<Item, bool> evaluate)
    {
        var best = double.PositiveInfinity;
        long allocated = 0;
        // Long enough for the runtime to compile the code anew with what it has seen.
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < Duration;)
        {
            allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            foreach (var item in items) evaluate(item);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / items.Length);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        output.WriteLine($"{name}: {best:F1} ns, {1e3 / best:F1} million/s, {allocated} bytes allocated in a round");
    }

    private static bool Plain(Item item, ShopperFacts facts) =>
        item.Price < facts.AverageBasket * 1.5 && IsWanted(item.Brand) && !IsBought(facts, item.Id);

    private static bool IsWanted(string? brand) => string.Equals(brand, "A", StringComparison.OrdinalIgnoreCase) || string.Equals(brand, "B", StringComparison.OrdinalIgnoreCase);

    private static bool IsBought(ShopperFacts facts, ItemId item) => facts.Last(item, Touch.Bought) is { } last && (Now - last).TotalDays <= 30;

    private static System.Linq.Expressions.Expression<Func<Item, bool>> Tree(ShopperFacts facts)
    {
        var item = Node.Parameter(typeof(Item), "item");
        var limit = Node.Constant(facts.AverageBasket * 1.5);
        var affordable = Node.LessThan(Node.Coalesce(Node.Property(item, nameof(Item.Price)), Node.Constant(double.NaN)), limit);
        var wanted = Node.Call(((Func<string?, bool>)IsWanted).Method, Node.Property(item, nameof(Item.Brand)));
        var bought = Node.Call(((Func<ShopperFacts, ItemId, bool>)IsBought).Method, Node.Constant(facts), Node.Property(item, nameof(Item.Id)));
        var body = Node.AndAlso(Node.AndAlso(affordable, wanted), Node.Not(bought));
        return Node.Lambda<Func<Item, bool>>(body, item);
    }

    private static Item[] Catalogue()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Items).Select(i => new Item
        {
            Id = new ItemId($"item-{i}"), Title = $"A plain title of the item {i}", Brand = ((char)('A' + random.Next(4))).ToString(), Price = random.Next(1, 100),
            Stock = random.Next(200), Tags = ["new", "summer", "blue"], Attributes = new Dictionary<string, string> { ["weight"] = random.Next(1000).ToString() },
        })];
    }

    /// <summary>100 purchases of two months at 50 each.</summary>
    private static List<Event> History() =>
        [.. Enumerable.Range(0, 100).Select(i => new Event
        {
            Id = EventId.From($"e{i}"), Type = EventType.Purchase, User = new UserId("u"), Item = new ItemId($"item-{i * 97}"), Time = Now.AddDays(-i * 0.6),
            Price = 50, Basket = $"b{i}",
        })];
}
