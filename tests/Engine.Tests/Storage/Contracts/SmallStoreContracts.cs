using Aisle.Engine.Access;
using Aisle.Engine.Shop;
using Aisle.Engine.Storage;
using Aisle.Engine.Training;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Storage.Contracts;

public abstract class ApiKeyStoreContract
{
    protected abstract IApiKeyStore Open();

    [Fact]
    public async Task Add_Key_IsFoundListedAndRemoved()
    {
        var store = this.Open();
        var web = new ApiKey("k-web", "web shop", ApiRole.Tracker, [1, 2, 3, 0, 255], Noon);
        var admin = new ApiKey("k-admin", "管理员", ApiRole.Admin, [9], Noon.AddDays(-1));
        await store.AddAsync(web, CancellationToken.None);
        await store.AddAsync(admin, CancellationToken.None);

        store.Find("k-web").ShouldBeEquivalentTo(web);
        this.Open().List().Select(key => key.Id).ShouldBe(["k-admin", "k-web"]);
        (await store.RemoveAsync("k-web", CancellationToken.None)).ShouldBeTrue();
        (await store.RemoveAsync("k-web", CancellationToken.None)).ShouldBeFalse();
        store.Find("k-web").ShouldBeNull();
        store.Find("k-admin").ShouldNotBeNull();
    }

    [Fact]
    public async Task Add_SameIdTwice_IsRefusedAndKeepsTheFirst()
    {
        var store = this.Open();
        await store.AddAsync(new ApiKey("k", "first", ApiRole.Shop, [1], Noon), CancellationToken.None);

        await Should.ThrowAsync<StoreException>(() => store.AddAsync(new ApiKey("k", "second", ApiRole.Admin, [2], Noon), CancellationToken.None));

        store.Find("k")!.Name.ShouldBe("first");
    }
}

public abstract class TrainingRunStoreContract
{
    protected abstract ITrainingRunStore Open();

    [Fact]
    public async Task Start_ThenFinish_TellsTheWholeRun()
    {
        var store = this.Open();
        var id = await store.StartAsync("schedule", Noon, CancellationToken.None);
        store.Find(id).ShouldBe(new TrainingRunRecord(id, "schedule", TrainingState.Running, Noon, null, null, null, null));

        var finished = new TrainingRunRecord(id, "schedule", TrainingState.Published, Noon, Noon.AddMinutes(3), "als-7", "{\"ndcg@20\":0.15}", null);
        await store.FinishAsync(finished, CancellationToken.None);

        this.Open().Find(id).ShouldBe(finished);
        store.Find(id + 1).ShouldBeNull();
    }

    [Fact]
    public async Task Latest_SeveralRuns_ComeNewestFirst()
    {
        var store = this.Open();
        var ids = new List<long>();
        for (var i = 0; i < 4; i++) ids.Add(await store.StartAsync("api", Noon.AddHours(i), CancellationToken.None));

        store.Latest(3).Select(run => run.Id).ShouldBe([ids[3], ids[2], ids[1]]);
    }

    [Fact]
    public async Task Finish_UnknownRun_IsRefused()
    {
        var store = this.Open();

        var failure = await Should.ThrowAsync<StoreException>(
            () => store.FinishAsync(new TrainingRunRecord(41, "api", TrainingState.Failed, Noon, Noon, null, null, "no events"), CancellationToken.None));

        failure.Message.ShouldContain("41");
    }
}

public abstract class ShopSettingsContract
{
    protected abstract IShopSettings Open();

    [Fact]
    public async Task Set_ValueThenAnotherThenNull_IsRemembered()
    {
        var settings = this.Open();
        settings.Get("shop.kind").ShouldBeNull();

        await settings.SetAsync("shop.kind", "demo", CancellationToken.None);
        await settings.SetAsync("shop.name", "礼品店", CancellationToken.None);
        this.Open().Get("shop.kind").ShouldBe("demo");
        await settings.SetAsync("shop.kind", "real", CancellationToken.None);
        settings.Get("shop.kind").ShouldBe("real");
        await settings.SetAsync("shop.kind", null, CancellationToken.None);

        settings.Get("shop.kind").ShouldBeNull();
        settings.Get("shop.name").ShouldBe("礼品店");
    }
}
