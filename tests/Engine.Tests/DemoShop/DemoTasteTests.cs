using Aisle.Engine.Events;

namespace Aisle.Engine.Tests.DemoShop;

/// <summary>The shop has something to learn: the past of a shopper tells more than popularity, a basket holds what belongs together.</summary>
[Collection(DemoShopCollection.Name)]
public sealed class DemoTasteTests(DemoShopFixture fixture)
{
    private const int At = 20;

    [Fact]
    public void NeighboursOfPastItems_ClearlyBeatPopularity_WithoutBeingTrivial()
    {
        var (train, test, count) = this.Split();
        var popularity = new float[count];
        var together = new float[count * count];
        foreach (var items in train.Values)
        {
            foreach (var one in items)
            {
                popularity[one]++;
                foreach (var other in items) together[one * count + other]++;
            }
        }

        var byPopularity = Recall(train, test, (_, item) => popularity[item], count);
        var byNeighbours = Recall(train, test, Neighbours, count);

        float Neighbours(HashSet<int> past, int item)
        {
            var sum = 0f;
            foreach (var one in past) sum += together[one * count + item] / MathF.Sqrt(popularity[one] * popularity[item] + 1);
            return sum;
        }

        byPopularity.ShouldBeGreaterThan(0.02, "best sellers are worth something");
        byNeighbours.ShouldBeGreaterThan(1.7 * byPopularity);
        byNeighbours.ShouldBeLessThan(0.4, "tastes are noisy");
    }

    [Fact]
    public void Baskets_HoldThingsThatGoTogether()
    {
        var kindOf = fixture.Shop.Items.ToDictionary(item => item.Id, item => item.Tags[0]);
        var baskets = fixture.Events.Where(happened => happened.Type == EventType.Purchase)
            .GroupBy(happened => happened.Basket)
            .Select(basket => basket.Select(happened => kindOf[happened.Item!.Value]).Distinct().ToList())
            .Where(kinds => kinds.Count > 1)
            .ToList();

        baskets.Count.ShouldBeGreaterThan(400);
        Lift("coffee-beans", "coffee-maker").ShouldBeGreaterThan(4);
        Lift("tent", "sleeping-bag").ShouldBeGreaterThan(4);
        Lift("pen", "notebook").ShouldBeGreaterThan(4);

        double Lift(string one, string other)
        {
            var both = baskets.Count(kinds => kinds.Contains(one) && kinds.Contains(other));
            return both * (double)baskets.Count / (baskets.Count(kinds => kinds.Contains(one)) * (double)baskets.Count(kinds => kinds.Contains(other)));
        }
    }

    [Fact]
    public void NewProducts_AreNoticedSoonAfterTheyArrive()
    {
        var views = fixture.Events.Where(happened => happened.Type == EventType.View).ToList();
        var arrivals = fixture.Shop.Items
            .Where(item => item.AvailableFrom > DemoShopFixture.End.AddDays(-120) && item.AvailableFrom < DemoShopFixture.End.AddDays(-60))
            .ToDictionary(item => item.Id, item => item.AvailableFrom!.Value);
        double first = 0, second = 0;
        foreach (var view in views)
        {
            if (!arrivals.TryGetValue(view.Item!.Value, out var from)) continue;
            if (view.Time < from.AddDays(30)) first++;
            else if (view.Time < from.AddDays(60)) second++;
        }

        arrivals.Count.ShouldBeGreaterThan(30);
        first.ShouldBeGreaterThan(1.2 * second);
    }

    private (Dictionary<string, HashSet<int>> Train, Dictionary<string, HashSet<int>> Test, int Items) Split()
    {
        var indexOf = fixture.Shop.Items.Select((item, i) => (item.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i);
        var cut = fixture.Events[(int)(fixture.Events.Count * 0.85)].Time;
        Dictionary<string, HashSet<int>> train = [], test = [];
        foreach (var happened in fixture.Events.Where(happened => happened.Type is EventType.View or EventType.Cart or EventType.Purchase))
        {
            var side = happened.Time < cut ? train : test;
            var user = happened.User!.Value.Value;
            if (!side.TryGetValue(user, out var items)) side[user] = items = [];
            items.Add(indexOf[happened.Item!.Value]);
        }

        return (train, test, indexOf.Count);
    }

    private static double Recall(
        Dictionary<string, HashSet<int>> train, Dictionary<string, HashSet<int>> test, Func<HashSet<int>, int, float> score, int count)
    {
        var users = test.Where(pair => train.ContainsKey(pair.Key)).Take(120).ToList();
        var sum = 0.0;
        var counted = 0;
        foreach (var (user, future) in users)
        {
            var past = train[user];
            var wanted = future.Except(past).ToHashSet();
            if (wanted.Count == 0) continue;
            var top = Enumerable.Range(0, count).Where(item => !past.Contains(item)).OrderByDescending(item => score(past, item)).Take(At);
            sum += top.Count(wanted.Contains) / (double)wanted.Count;
            counted++;
        }

        return sum / counted;
    }
}
