using Aisle.Engine.Configuration;
using Aisle.Engine.Recommending;

namespace Aisle.Engine.Tests.Configuration;

public sealed class PublishedConfigurationTests : IAsyncDisposable
{
    private const string First = "placements: {side: trending}";
    private const string Second = "placements: {side: best-sellers}";

    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Publish_KeepsEveryVersion_AndRestoreIsANewOne()
    {
        var pipelines = this._shop.Engine.Pipelines;
        (await pipelines.PublishAsync(First, "one", 0, CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(1);
        (await pipelines.PublishAsync(Second, "two", 1, CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(2);

        var restored = await pipelines.RestoreAsync(1, CancellationToken.None);

        restored.ShouldNotBeNull().ShouldSatisfyAllConditions(version => version.Version.ShouldBe(3), version => version.Document.ShouldBe(First));
        pipelines.Current.PlacementOf("side")!.Pipeline.ShouldBe(Scenario.Trending.Name);
        pipelines.History(10).Select(version => version.Version).ShouldBe([3, 2, 1]);
        (await pipelines.RestoreAsync(9, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Publish_AfterAnotherAuthor_IsRefusedAndKeepsTheirs()
    {
        var pipelines = this._shop.Engine.Pipelines;
        await pipelines.PublishAsync(First, null, 0, CancellationToken.None);

        (await pipelines.PublishAsync(Second, null, 0, CancellationToken.None)).ShouldBeNull();

        pipelines.Version!.Document.ShouldBe(First);
    }

    [Fact]
    public async Task Publish_AWrongDocument_LeavesWhatServes()
    {
        var pipelines = this._shop.Engine.Pipelines;
        await pipelines.PublishAsync(First, null, 0, CancellationToken.None);

        await Should.ThrowAsync<ConfigurationException>(() => pipelines.PublishAsync("placements: {side: nothing}", null, 1, CancellationToken.None));

        pipelines.Version!.Version.ShouldBe(1);
        pipelines.Current.PlacementOf("side")!.Pipeline.ShouldBe(Scenario.Trending.Name);
    }

    [Fact]
    public async Task Published_ServesAfterARestart()
    {
        await this._shop.Engine.Pipelines.PublishAsync(First, null, 0, CancellationToken.None);

        await this._shop.ReopenAsync();

        this._shop.Engine.Pipelines.Current.PlacementOf("side").ShouldNotBeNull();
    }
}
