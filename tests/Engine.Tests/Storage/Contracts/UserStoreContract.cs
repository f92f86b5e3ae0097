using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Storage.Contracts;

/// <summary>What every user store must do, together with the event store beside it.</summary>
public abstract class UserStoreContract
{
    protected abstract (IUserStore Users, IEventStore Events) Open();

    [Fact]
    public async Task Upsert_Attributes_AreReplacedAsAWhole()
    {
        var (users, _) = this.Open();
        await users.UpsertAsync([With("ann", ("country", "FR"), ("城市", "里昂"))], CancellationToken.None);
        users.Find(new UserId("ann")).ShouldBeEquivalentTo(With("ann", ("country", "FR"), ("城市", "里昂")));

        await users.UpsertAsync([With("ann", ("country", "BE"))], CancellationToken.None);

        this.Open().Users.Find(new UserId("ann")).ShouldBeEquivalentTo(With("ann", ("country", "BE")));
    }

    [Fact]
    public async Task Find_UserKnownOnlyFromEvents_IsFoundWithoutAttributes()
    {
        var (users, events) = this.Open();
        users.Find(new UserId("ann")).ShouldBeNull();

        await events.AppendAsync([View("a", user: "ann")], CancellationToken.None);

        users.Find(new UserId("ann")).ShouldBeEquivalentTo(With("ann"));
    }

    [Fact]
    public async Task Totals_UserToldBeforeTheirFirstEvent_CountsOnceWithTheEvent()
    {
        var (users, events) = this.Open();
        await users.UpsertAsync([With("ann", ("country", "FR")), With("bob")], CancellationToken.None);
        events.Totals().Users.ShouldBe(0);

        await events.AppendAsync([View("a", user: "ann"), View("b", user: "ann")], CancellationToken.None);
        await users.UpsertAsync([With("ann", ("country", "BE"))], CancellationToken.None);
        await events.AppendAsync([View("c", user: "ann")], CancellationToken.None);

        events.Totals().Users.ShouldBe(1);
        users.Find(new UserId("ann"))!.Attributes["country"].ShouldBe("BE");
        events.LatestOf(new UserId("ann"), 10).Count.ShouldBe(3);
    }

    [Fact]
    public async Task List_PageByPage_GivesEveryUserOnceInOrder()
    {
        var (users, events) = this.Open();
        await users.UpsertAsync([With("b"), With("B"), With("é"), With("用户")], CancellationToken.None);
        await events.AppendAsync([View("1", user: "a10"), View("2", user: "a9"), View("3", user: "b")], CancellationToken.None);

        var listed = new List<string>();
        for (UserId? after = null; users.List(after, 2) is { Count: > 0 } page; after = page[^1].Id) listed.AddRange(page.Select(user => user.Id.Value));

        listed.ShouldBe(["B", "a10", "a9", "b", "é", "用户"]);
        users.List(null, 0).ShouldBeEmpty();
    }

    private static User With(string id, params (string Name, string Value)[] attributes) =>
        new() { Id = new UserId(id), Attributes = attributes.ToDictionary(pair => pair.Name, pair => pair.Value) };
}
