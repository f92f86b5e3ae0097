using Aisle.Engine.Access;

namespace Aisle.Engine.Tests.Access;

public sealed class ApiKeysTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Check_AnIssuedKey_KnowsItAndItsRole()
    {
        var (key, text) = await this._shop.Engine.Keys.IssueAsync("web", ApiRole.Tracker, CancellationToken.None);

        this._shop.Engine.Keys.Check(text)!.Id.ShouldBe(key.Id);
        this._shop.Engine.Keys.Check(text)!.Role.ShouldBe(ApiRole.Tracker);
    }

    [Fact]
    public async Task Check_AnyChangedCharacter_IsRefused()
    {
        var (_, text) = await this._shop.Engine.Keys.IssueAsync("web", ApiRole.Tracker, CancellationToken.None);

        for (var i = 0; i < text.Length; i++)
        {
            var changed = text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..];
            this._shop.Engine.Keys.Check(changed).ShouldBeNull($"changed at {i}");
        }

        this._shop.Engine.Keys.Check("").ShouldBeNull();
        this._shop.Engine.Keys.Check(new string('_', 60)).ShouldBeNull();
    }

    [Fact]
    public async Task Store_NeverHoldsTheSecret()
    {
        var (_, text) = await this._shop.Engine.Keys.IssueAsync("web", ApiRole.Admin, CancellationToken.None);
        await this._shop.Engine.DisposeAsync();

        var secret = System.Text.Encoding.UTF8.GetBytes(text.Split('_', 3)[2]);
        foreach (var file in Directory.EnumerateFiles(this._shop.Directory, "*", SearchOption.AllDirectories))
            (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(secret).ShouldBe(-1, file);
        await this._shop.ReopenAsync();
    }

    [Fact]
    public async Task Revoke_ElsewhereToo_TakesEffectWhenTheCacheHasAged()
    {
        var (key, text) = await this._shop.Engine.Keys.IssueAsync("web", ApiRole.Shop, CancellationToken.None);
        await using var other = EngineServices.Open(this._shop.Directory, this._shop.Time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        other.Keys.Check(text).ShouldNotBeNull();

        (await this._shop.Engine.Keys.RevokeAsync(key.Id, CancellationToken.None)).ShouldBeTrue();

        this._shop.Engine.Keys.Check(text).ShouldBeNull();
        this._shop.Time.Advance(ApiKeys.CacheTime);
        other.Keys.Check(text).ShouldBeNull();
    }
}
