using Aisle.Engine.Carts;
using Aisle.Engine.Events;

namespace Aisle.Engine.Tests.Carts;

public sealed class CartModelTrainingTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private EngineServices Engine => this._shop.Engine;

    [Fact]
    public async Task Training_OfCartsThatDependOnTheShopper_IsPublishedAndCalibrated()
    {
        await this.FillAsync(loyal: 0.9, others: 0.1);

        var report = await this.Engine.CartTraining.RunAsync();

        report.Version.ShouldBe(1);
        report.Judgement.LogLoss.ShouldBeLessThan(0.8 * report.Judgement.BaseLogLoss);
        report.Judgement.Auc.ShouldBeGreaterThan(0.75);
        report.Judgement.Error.ShouldBeLessThan(0.08);
        report.GainLow.ShouldBeGreaterThan(0);
        report.LeftShare.ShouldBe(0.5, 0.08);
        report.Verdict.ShouldContain("Published cart model 1");
        report.Weights["carts-left"].ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Training_WhereLaterCartsEndTheOtherWay_PublishesNothing()
    {
        await this.FillAsync(loyal: 0.9, others: 0.1, turnsAt: 7);

        var report = await this.Engine.CartTraining.RunAsync();

        report.Version.ShouldBeNull();
        report.Verdict.ShouldContain("Published nothing");
        this.Engine.CartModels.Serving.ShouldBeNull();
    }

    [Fact]
    public async Task Training_OnTooFewCarts_SaysWhatItTakes()
    {
        await this._shop.AcceptAsync(this._shop.Event(EventType.Cart, "ann", "tea-1", daysAgo: 5));

        (await Should.ThrowAsync<InvalidOperationException>(() => this.Engine.CartTraining.RunAsync())).Message.ShouldContain("needs 200 carts");
        (await Should.ThrowAsync<ArgumentException>(() => this.Engine.CartTraining.RunAsync(new CartModelOptions { WindowHours = 0 }))).Message.ShouldContain("window hours is 0");
    }

    [Fact]
    public async Task Published_IsReadAgainAfterARestart_AndADamagedFileIsRefused()
    {
        await this.FillAsync(loyal: 0.9, others: 0.1);
        await this.Engine.CartTraining.RunAsync();
        var before = this.Engine.CartModels.Serving.ShouldNotBeNull();
        await this._shop.ReopenAsync();

        var after = this.Engine.CartModels.Serving.ShouldNotBeNull();
        after.Bought.Weights.ShouldBe(before.Bought.Weights);
        (after.Version, after.WindowHours).ShouldBe((before.Version, before.WindowHours));
        after.Report.Judgement.Bins.ShouldBe(before.Report.Judgement.Bins);

        var file = Path.Combine(this._shop.Directory, "models", "carts.json");
        var text = await File.ReadAllTextAsync(file);
        foreach (var damaged in new[] { text[..(text.Length / 2)], text.Replace("\"looks\"", "\"luck\"", StringComparison.Ordinal), text.Replace("\"format\": 1", "\"format\": 9", StringComparison.Ordinal), "null", "{}" })
        {
            await File.WriteAllTextAsync(file, damaged);
            await this._shop.ReopenAsync();
            this.Engine.CartModels.Serving.ShouldBeNull(damaged[..Math.Min(40, damaged.Length)]);
        }
    }

    [Fact]
    public async Task Training_Twice_GivesTheSameNumbers()
    {
        await this.FillAsync(loyal: 0.9, others: 0.1);

        var first = await this.Engine.CartTraining.RunAsync(new CartModelOptions { Threads = 1 });
        var second = await this.Engine.CartTraining.RunAsync(new CartModelOptions { Threads = 2 });

        second.Weights.ShouldBe(first.Weights);
        second.GainLow.ShouldBe(first.GainLow);
        second.Version.ShouldBe(2);
    }

    /// <summary>100 shoppers with ten carts each over 100 days; every other shopper is loyal, and a cart is bought with the probability of its shopper.</summary>
    /// <param name="turnsAt">From this cart on loyal shoppers do as the others did, and the others as they.</param>
    private Task FillAsync(double loyal, double others, int turnsAt = 10)
    {
        var random = new Random(11);
        var events = new List<Event>();
        for (var shopper = 0; shopper < 100; shopper++)
        {
            for (var cart = 0; cart < 10; cart++)
            {
                var daysAgo = 100 - cart * 10 + random.NextDouble() * 5;
                var item = $"tea-{random.Next(12)}";
                events.Add(this._shop.Event(EventType.Cart, $"s{shopper}", item, daysAgo));
                if (random.NextDouble() < (shopper % 2 == 0 == cart < turnsAt ? loyal : others))
                    events.Add(this._shop.Event(EventType.Purchase, $"s{shopper}", item, daysAgo - random.NextDouble() * 0.5, $"o{shopper}-{cart}"));
            }
        }

        return this._shop.AcceptAsync([.. events.OrderBy(given => given.Time)]);
    }
}
