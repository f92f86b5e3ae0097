using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Training;

public sealed class ModelRegistryTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Theory]
    [InlineData("one byte changed")]
    [InlineData("cut off")]
    [InlineData("not a model")]
    [InlineData("empty")]
    public async Task Activate_DamagedFile_IsRefusedAndTheLastGoodModelServesOn(string damage)
    {
        await this.TrainAsync();
        await this.TrainAsync();
        var models = this._shop.Engine.Models;
        models.Activate(1);
        this.Damage(2, damage);

        Should.Throw<InvalidDataException>(() => models.Activate(2)).Message.ShouldContain("000002.model");

        models.Serving!.Manifest.Version.ShouldBe(1);
        models.Versions().Select(manifest => manifest.Version).ShouldBe([1]);
        await this._shop.ReopenAsync();
        this._shop.Engine.Models.Serving!.Manifest.Version.ShouldBe(1);
    }

    [Fact]
    public async Task Activate_NewerFormat_SaysWhichVersionItReads()
    {
        await this.TrainAsync();
        var path = this.PathOf(1);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[8] = 9;
        await File.WriteAllBytesAsync(path, bytes);

        Should.Throw<InvalidDataException>(() => this._shop.Engine.Models.Activate(1)).Message.ShouldContain("format version 9; this program reads version 1");
    }

    [Fact]
    public async Task Refresh_AnotherProcessPublished_ServesItsModel()
    {
        await this.TrainAsync();
        await using var other = EngineServices.Open(this._shop.Directory, this._shop.Time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await this.TrainAsync();

        other.Models.Serving!.Manifest.Version.ShouldBe(1);
        other.CatchUp();

        other.Models.Serving!.Manifest.Version.ShouldBe(2);
    }

    [Fact]
    public async Task Manifest_OfAPublishedModel_TellsDataOptionsAndScores()
    {
        await this.TrainAsync();

        var manifest = this._shop.Engine.Models.Versions().Single();

        manifest.Window.Items.ShouldBe(2 * SmallShop.ItemsPerTaste);
        manifest.Window.Users.ShouldBe(60);
        manifest.Window.Baskets.ShouldBe(10);
        manifest.Parts.Select(part => part.Role).ShouldBe([ModelRole.Personal, ModelRole.Similar, ModelRole.BoughtTogether, ModelRole.LookAlike]);
        manifest.Chosen!.Metrics.Keys.ShouldContain("ndcg@5");
        manifest.Parts[0].Options.ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Object);
    }

    private async Task TrainAsync()
    {
        if (this._shop.Engine.Events.LastSequence() == 0) await this._shop.FillAsync();
        await this._shop.Engine.Training.RunAsync(new TrainingOptions { Threads = 2, Cutoff = 5, ValidationShare = 0.2 }, "test", null, CancellationToken.None);
    }

    private string PathOf(int version) => Path.Combine(this._shop.Directory, "models", $"{version:D6}.model");

    private void Damage(int version, string how)
    {
        var bytes = File.ReadAllBytes(this.PathOf(version));
        if (how == "one byte changed") bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(this.PathOf(version), how switch
        {
            "cut off" => bytes[..(bytes.Length / 2)],
            "not a model" => new byte[1000],
            "empty" => [],
            _ => bytes,
        });
    }
}
