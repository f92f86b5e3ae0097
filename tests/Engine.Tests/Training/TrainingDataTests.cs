using Aisle.Engine.Events;
using Aisle.Engine.Training;
using Aisle.Learning.Data;

namespace Aisle.Engine.Tests.Training;

public sealed class TrainingDataTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task All_Events_AreInOrderWithRepeatsKindsAndTimes()
    {
        var late = this._shop.Event(EventType.Purchase, "anna", "tea-1", daysAgo: 1);
        await this._shop.AcceptAsync(
            late,
            this._shop.Event(EventType.View, "anna", "tea-1", daysAgo: 3),
            this._shop.Event(EventType.View, "anna", "tea-2", daysAgo: 5),
            this._shop.Event(EventType.Cart, "anna", "tea-1", daysAgo: 2),
            this._shop.Event(EventType.Impression, "anna", "tea-3", daysAgo: 4),
            this._shop.Event(EventType.Click, "anna", "tea-4", daysAgo: 2),
            this._shop.Event(EventType.View, "bob", "tea-2", daysAgo: 6));

        var data = this.Read();

        var events = data.All(null).Sequences.ShouldNotBeNull();
        Names(data, events, "anna").ShouldBe(["tea-2", "tea-1", "tea-1", "tea-4", "tea-1"], "oldest first; of one moment as they came");
        Kinds(data, events, "anna").ShouldBe([EventType.View, EventType.View, EventType.Cart, EventType.Click, EventType.Purchase]);
        events.TimesOf(data.Users.Find("anna")!.Value)[^1].ShouldBe(late.Time.ToUnixTimeSeconds());
        Names(data, events, "bob").ShouldBe(["tea-2"]);
    }

    [Fact]
    public async Task All_WhatWasTakenBack_IsNoStep()
    {
        await this._shop.AcceptAsync(
            this._shop.Event(EventType.View, "anna", "tea-2", daysAgo: 5),
            this._shop.Event(EventType.Purchase, "anna", "tea-3", daysAgo: 4),
            this._shop.Event(EventType.Return, "anna", "tea-3", daysAgo: 3),
            this._shop.Event(EventType.View, "anna", "tea-4", daysAgo: 2),
            this._shop.Event(EventType.Cart, "anna", "tea-4", daysAgo: 1),
            this._shop.Event(EventType.RemoveFromCart, "anna", "tea-4", daysAgo: 0.5));

        var data = this.Read();

        var all = data.All(null);
        Names(data, all.Sequences!, "anna").ShouldBe(["tea-2", "tea-4", "tea-4"], "tea-3 went back altogether, tea-4 was looked at all the same");
        PairsOf(all.Sequences!, user: 0).ShouldBe(all.Interactions.ItemsOf(0).ToArray());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(30.0)]
    public async Task Split_Sequences_CoverTheTrainingWindowAndNothingOfValidation(double? halfLife)
    {
        await this._shop.FillAsync();
        var data = this.Read();

        var split = data.Split(0.2);

        var train = split.Train(halfLife);
        var events = train.Sequences.ShouldNotBeNull();
        var cut = split.At.ToUnixTimeSeconds();
        for (var user = 0; user < events.Users; user++)
        {
            foreach (var time in events.TimesOf(user)) time.ShouldBeLessThan(cut);
            PairsOf(events, user).ShouldBe(train.Interactions.ItemsOf(user).ToArray());
        }

        events.Count.ShouldBe(this._shop.Engine.Events.Read().Count(stored => stored.Event.User is not null && stored.Event.Time.ToUnixTimeSeconds() < cut));
        data.All(halfLife).Sequences!.Count.ShouldBeGreaterThan(events.Count);
        split.Validation.Count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task All_Catalogue_IsToldOfEveryItem()
    {
        await this._shop.FillAsync();

        var data = this.Read();

        foreach (var told in new[] { data.All(null), data.Split(0.2).Train(30), data.AllBaskets() })
        {
            told.ItemTexts.ShouldNotBeNull().Count.ShouldBe(data.Items.Count);
            told.ItemAttributes.ShouldNotBeNull().Rows.ShouldBe(data.Items.Count);
        }
    }

    private TrainingData Read() => TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, long.MaxValue, null, CancellationToken.None);

    private static string[] Names(TrainingData data, Sequences events, string user) =>
        Array.ConvertAll(events.ItemsOf(data.Users.Find(user)!.Value).ToArray(), item => data.Items[item]);

    private static EventType[] Kinds(TrainingData data, Sequences events, string user) =>
        Array.ConvertAll(events.KindsOf(data.Users.Find(user)!.Value).ToArray(), kind => (EventType)kind);

    private static int[] PairsOf(Sequences events, int user) => [.. events.ItemsOf(user).ToArray().Distinct().Order()];
}
