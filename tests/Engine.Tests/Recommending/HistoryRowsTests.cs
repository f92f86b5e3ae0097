using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending.Sources;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Recommending;

/// <summary>What a model is asked with is what it would have been trained on.</summary>
public sealed class HistoryRowsTests : IAsyncDisposable
{
    private static readonly UserId Anna = new("anna");

    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Of_Events_AreRowsOldestFirstWithKindsAndAges()
    {
        await this._shop.AcceptAsync(
            this._shop.Event(EventType.Purchase, "anna", "tea-1", daysAgo: 1),
            this._shop.Event(EventType.View, "anna", "tea-1", daysAgo: 3),
            this._shop.Event(EventType.View, "anna", "tea-2", daysAgo: 5),
            this._shop.Event(EventType.View, "anna", "unknown", daysAgo: 4));

        var rows = this.Rows(halfLifeDays: null, item => item.Value == "unknown" ? null : item.Value[^1] - '0');

        rows.History.Items.ToArray().ShouldBe([2, 1, 1]);
        rows.History.Kinds.ToArray().ShouldBe([(byte)EventType.View, (byte)EventType.View, (byte)EventType.Purchase]);
        rows.History.Ages.ToArray().ShouldBe([5f, 3f, 1f]);
        // Looked at and bought: log₂(1 + 1 + 5) in two parts.
        rows.History.Weights.ToArray().ShouldBe([1f, MathF.Log2(7) / 2, MathF.Log2(7) / 2]);
    }

    [Fact]
    public async Task Of_WhatWasTakenBack_IsNoRow()
    {
        await this._shop.AcceptAsync(
            this._shop.Event(EventType.Purchase, "anna", "tea-3", daysAgo: 4),
            this._shop.Event(EventType.Return, "anna", "tea-3", daysAgo: 3),
            this._shop.Event(EventType.View, "anna", "tea-4", daysAgo: 2),
            this._shop.Event(EventType.Cart, "anna", "tea-4", daysAgo: 1),
            this._shop.Event(EventType.RemoveFromCart, "anna", "tea-4", daysAgo: 0.5));

        var rows = this.Rows(halfLifeDays: null, item => item.Value[^1] - '0');

        rows.History.Items.ToArray().ShouldBe([4, 4]);
        rows.History.Weights.ToArray().ShouldBe([0.5f, 0.5f], "one point is left");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10.0)]
    public async Task Of_EveryShopper_IsTheRowOfTraining(double? halfLife)
    {
        await this._shop.FillAsync();
        var data = TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, long.MaxValue, null, CancellationToken.None);
        var trained = data.All(halfLife);

        for (var user = 0; user < data.Users.Count; user++)
        {
            var rows = HistoryRows.Of(this._shop.Engine.Histories.Of(new UserId(data.Users[user])).Events, data.Last!.Value, halfLife, item => data.Items.Find(item.Value));

            rows.History.Items.ToArray().ShouldBe(trained.Sequences!.ItemsOf(user).ToArray());
            rows.History.Kinds.ToArray().ShouldBe(trained.Sequences.KindsOf(user).ToArray());
            var items = rows.History.Items.ToArray();
            var weights = rows.History.Weights.ToArray();
            var known = trained.Interactions.ItemsOf(user);
            for (var i = 0; i < known.Length; i++)
            {
                var item = known[i];
                items.Zip(weights).Where(row => row.First == item).Sum(row => row.Second).ShouldBe(trained.Interactions.WeightsOf(user)[i], 1e-3f);
            }
        }
    }

    [Fact]
    public async Task Strongest_RowsOfAnItem_AreAddedUp()
    {
        await this._shop.AcceptAsync(
            this._shop.Event(EventType.View, "anna", "tea-1", daysAgo: 3),
            this._shop.Event(EventType.View, "anna", "tea-2", daysAgo: 2),
            this._shop.Event(EventType.View, "anna", "tea-1", daysAgo: 1));
        var rows = this.Rows(halfLifeDays: null, item => item.Value[^1] - '0');

        rows.Strongest([0.3f, 0.5f, 0.3f]).ShouldBe(new ItemId("tea-1"));
        rows.Strongest([0f, -0.5f, 0f]).ShouldBeNull();
    }

    private HistoryRows Rows(double? halfLifeDays, Func<ItemId, int?> indexOf) =>
        HistoryRows.Of(this._shop.Engine.Histories.Of(Anna).Events, this._shop.Time.GetUtcNow(), halfLifeDays, indexOf);
}
