using System.Diagnostics;
using Aisle.Engine.DemoShop;

namespace Aisle.Engine.Simulation;

/// <summary>
/// The demo shop's shoppers against a live server, through its public API alone: what they are shown is the server's, what they do with it is
/// the demo shop's own truth. docs/simulation.md has the model.
/// </summary>
public sealed class ShopSimulation(Uri server, string key, TimeProvider time)
{
    public async Task<SimulationReport> RunAsync(SimulationOptions options, IProgress<SimulationProgress>? progress, CancellationToken cancellation)
    {
        if (options.Check() is { } wrong) throw new SimulationException(wrong);
        var watch = Stopwatch.StartNew();
        using var client = new ShopClient(server, key);
        var world = SimulatedWorld.Create(client, options, time.GetUtcNow(), cancellation);
        CheckArms(client, world, options, cancellation);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var outcomes = new (ArmCounts, ArmCounts)?[world.Visits.Length];
        var (next, done) = (-1, 0);

        // Pages wait for the server on their thread: a thread for each client.
        var clients = Enumerable.Range(0, options.Clients).Select(_ => Task.Factory.StartNew(Shop, stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await Task.WhenAll(clients);
        var arms = Enumerable.Range(0, options.Arms.Count)
            .Select(arm => (IReadOnlyList<(ArmCounts, ArmCounts)>)[.. outcomes.Where((outcome, i) => outcome is not null && world.Arms[i] == arm).Select(outcome => outcome!.Value)]);
        return SimulationReport.Of(options, [.. arms], watch.Elapsed.TotalSeconds);

        void Shop()
        {
            var shopping = new SimulatedShopping(world, client, options, stop.Token);
            try
            {
                for (var i = Interlocked.Increment(ref next); i < outcomes.Length; i = Interlocked.Increment(ref next))
                {
                    stop.Token.ThrowIfCancellationRequested();
                    if (world.Visits[i].Length > 0) outcomes[i] = shopping.Run(i);
                    progress?.Report(new SimulationProgress("shopping", (double)Interlocked.Increment(ref done) / outcomes.Length));
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException || cancellation.IsCancellationRequested)
            {
                stop.Cancel();
                throw;
            }
        }
    }

    private static void CheckArms(ShopClient client, SimulatedWorld world, SimulationOptions options, CancellationToken cancellation)
    {
        var shopper = world.Shoppers[0].User.Id.Value;
        foreach (var arm in options.Arms.Where(arm => arm is not (SimulationOptions.RandomArm or SimulationOptions.IdealArm or SimulationOptions.NoneArm)))
            client.Recommend(arm == SimulationOptions.DefaultArm ? ServerLists.FrontScenario : arm, shopper, null, 1, ListShopping.FrontPlacement, cancellation);
    }
}

/// <summary>All that is fixed before the first visit.</summary>
/// <param name="Visits">Times by shopper.</param>
/// <param name="Arms">Arm by shopper.</param>
/// <param name="Doubles">The same shoppers once more.</param>
/// <param name="RunSeed">For ids, which no other run may have.</param>
internal sealed record SimulatedWorld(
    IReadOnlyList<Product> Products, IReadOnlyList<Shopper> Shoppers, IReadOnlyList<Shopper> Doubles, long[][] Visits, int[] Arms, long Begin, long End, ulong Seed, ulong RunSeed)
{
    /// <summary>Of the products, this share must be the demo shop's; a shop may have changed or added some.</summary>
    private const double LeastKnown = 0.95;

    public static SimulatedWorld Create(ShopClient client, SimulationOptions options, DateTimeOffset now, CancellationToken cancellation)
    {
        var products = SameShop(client.Items(2 * ProductRange.Size, cancellation), now);
        var seed = (ulong)options.Seed;
        var end = now.ToUnixTimeMilliseconds();
        var shoppers = products.MakeShoppers();
        return new SimulatedWorld(
            products.Products, shoppers, products.MakeShoppers(), VisitPlan.Create(shoppers, options.Sessions, options.Days, end, seed),
            VisitPlan.Assign(shoppers.Count, options.Arms.Count, seed),
            end - (options.Days * 86_400_000L), end, seed, Chance.Hash(seed, (ulong)end));
    }

    /// <summary>The demo shop with the products of the server: what shoppers know of a product beside its page depends on the day of the server's first start.</summary>
    private static DemoData SameShop(List<ShopItem> items, DateTimeOffset now)
    {
        var here = DemoData.Create(DemoShopBuild.Seed, now);
        var known = here.Products.ToDictionary(product => product.Item.Id.Value);
        var same = items.Where(item => known.TryGetValue(item.Id, out var product) && product.Item.Title == item.Title).ToList();
        if (same.Count < LeastKnown * known.Count)
        {
            throw new SimulationException(
                $"The server's shop is not the demo shop: {same.Count} of its {items.Count} products are known. Simulated shoppers know the demo shop's products only; start a server with an empty store.");
        }

        var dated = same.First(item => item.AvailableFrom is not null);
        return DemoData.Create(DemoShopBuild.Seed, now + (dated.AvailableFrom!.Value - known[dated.Id].Item.AvailableFrom!.Value));
    }
}
