using Aisle.Engine.Events;
using Aisle.Engine.Training;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

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

    [Fact]
    public async Task Read_OnDisk_TellsTheSameAsInMemoryAndLeavesNothing()
    {
        await this._shop.FillAsync();
        var folder = Directory.CreateTempSubdirectory("aisle-columns");
        using var memory = this.Read();
        var disk = TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, new MappedColumns(folder.FullName), long.MaxValue, null, CancellationToken.None);

        disk.Users.Count.ShouldBe(memory.Users.Count);
        (disk.First, disk.Last, disk.Events).ShouldBe((memory.First, memory.Last, memory.Events));
        foreach (var halfLife in new double?[] { null, 30 })
        {
            disk.All(halfLife).Fingerprint().ShouldBe(memory.All(halfLife).Fingerprint());
            disk.Split(0.2).Train(halfLife).Fingerprint().ShouldBe(memory.Split(0.2).Train(halfLife).Fingerprint());
        }

        disk.Split(0.2).At.ShouldBe(memory.Split(0.2).At);
        new Dataset(disk.Split(0.2).Validation).Fingerprint().ShouldBe(new Dataset(memory.Split(0.2).Validation).Fingerprint());
        var all = disk.All(null);
        disk.Dispose();
        Should.Throw<ObjectDisposedException>(() => all.Sequences!.ItemsOf(0).Length);
        folder.GetFiles().ShouldBeEmpty();
        folder.Delete();
    }

    [Theory]
    [InlineData(BehaviourTransformerTrainer.ModelName, """{"dimensions":8,"epochs":2,"ahead":3,"patience":1}""")]
    [InlineData(SasRecTrainer.ModelName, """{"dimensions":8,"epochs":2}""")]
    [InlineData(ItemTransitionTrainer.ModelName, "{}")]
    [InlineData(AlsTrainer.ModelName, """{"factors":4,"iterations":2}""")]
    public async Task Fit_EventsOnDisk_GivesTheSameModelToTheBit(string model, string options)
    {
        await this._shop.FillAsync();
        var folder = Directory.CreateTempSubdirectory("aisle-columns");
        using var memory = this.Read();
        using (var disk = TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, new MappedColumns(folder.FullName), long.MaxValue, null, CancellationToken.None))
            Bytes(disk).ShouldBe(Bytes(memory));
        folder.Delete();

        byte[] Bytes(TrainingData data)
        {
            var stream = new MemoryStream();
            Trainers.Create(model, options).Fit(data.All(null), new FitContext { Threads = 2 }).Save(stream);
            return stream.ToArray();
        }
    }

    [Fact]
    public void ShopperRows_ManyShoppersAndGroups_ComeByShopperAndTimeAsASortWouldHaveThem()
    {
        var random = new Random(5);
        var rows = new ShopperRows(new MemoryColumns());
        List<(int Shopper, long Time, int Place)> added = [];
        for (var place = 0; place < 30_000; place++)
        {
            var (shopper, time) = (random.Next(9) * 1500, (long)random.Next(1000));
            added.Add((shopper, time, place));
            rows.Add(shopper, time, item: place, points: place, kind: (byte)(place % 7));
        }

        List<(int Shopper, long Time, int Place)> found = [];
        rows.InOrder(15_000, (shopper, own) =>
        {
            foreach (var row in own)
            {
                found.Add((shopper, row.Time, row.Item));
                row.Points.ShouldBe(row.Item);
                row.Kind.ShouldBe((byte)(row.Item % 7));
            }
        });

        found.ShouldBe(added.Order());
    }

    private TrainingData Read() => TrainingData.Read(this._shop.Engine.Events, this._shop.Engine.Catalogue, long.MaxValue, null, CancellationToken.None);

    private static string[] Names(TrainingData data, Sequences events, string user) =>
        Array.ConvertAll(events.ItemsOf(data.Users.Find(user)!.Value).ToArray(), item => data.Items[item]);

    private static EventType[] Kinds(TrainingData data, Sequences events, string user) =>
        Array.ConvertAll(events.KindsOf(data.Users.Find(user)!.Value).ToArray(), kind => (EventType)kind);

    private static int[] PairsOf(Sequences events, int user) => [.. events.ItemsOf(user).ToArray().Distinct().Order()];
}
