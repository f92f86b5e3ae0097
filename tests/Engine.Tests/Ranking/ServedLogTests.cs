using Aisle.Engine.Catalog;
using Aisle.Engine.Ranking;
using Aisle.Engine.Storage.Sqlite;
using Aisle.Engine.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Engine.Tests.Ranking;

public sealed class ServedLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SqliteStore _store;

    public ServedLogTests() => this._store = SqliteStore.Open(this._folder.Path, this._time);

    public void Dispose()
    {
        this._store.Dispose();
        this._folder.Dispose();
    }

    [Fact]
    public async Task Lists_ComeBackAsTheyWere_InTheirOrder()
    {
        var log = this.Log(new ServedLogOptions());
        var lists = Enumerable.Range(0, 3).Select(number => this.List(number)).ToList();
        foreach (var list in lists) log.Add(list);
        await log.FlushAsync(CancellationToken.None);

        var read = log.Latest(2);

        read.Count.ShouldBe(2);
        for (var place = 0; place < 2; place++)
        {
            var (expected, found) = (lists[place + 1], read[place]);
            (found with { Items = expected.Items, Features = expected.Features }).ShouldBe(expected);
            found.Items.ShouldBe(expected.Items);
            found.Features.ShouldBe(expected.Features);
        }
    }

    [Fact]
    public async Task MoreListsThanCanWait_AreDroppedAndCounted()
    {
        var log = this.Log(new ServedLogOptions());

        for (var number = 0; number < ServedLog.QueueLength + 10; number++) log.Add(this.List(number));

        log.Dropped.ShouldBe(10);
        await log.FlushAsync(CancellationToken.None);
        this._store.Served.Count().ShouldBe(ServedLog.QueueLength);
    }

    [Fact]
    public async Task OldLists_AndThoseBeyondTheirNumber_AreForgotten()
    {
        var log = this.Log(new ServedLogOptions { KeepDays = 10, KeepLists = 1000 });
        log.Add(this.List(0));
        await log.FlushAsync(CancellationToken.None);
        this._time.Advance(TimeSpan.FromDays(11));
        for (var number = 1; number < 1200; number++) log.Add(this.List(number));

        await log.FlushAsync(CancellationToken.None);

        this._store.Served.Count().ShouldBe(1000);
        log.Latest(5000)[0].Items[0].ShouldBe(new ItemId("a200"));
    }

    [Fact]
    public void Wants_DrawsAShare_AndNoMoreThanSoManyASecond()
    {
        var half = this.Log(new ServedLogOptions { Share = 0.5, MostPerSecond = 100_000 });
        Enumerable.Range(0, 2000).Count(number => half.Wants(Numbered(number))).ShouldBeInRange(850, 1150);

        var few = this.Log(new ServedLogOptions { MostPerSecond = 7 });
        Enumerable.Range(0, 100).Count(number => few.Wants(Numbered(number))).ShouldBe(7);
        this._time.Advance(TimeSpan.FromSeconds(1));
        few.Wants(Numbered(0)).ShouldBeTrue();
        this.Log(new ServedLogOptions { Share = 0 }).Wants(Numbered(0)).ShouldBeFalse();
    }

    [Fact]
    public void Options_OutOfRange_NameTheirVariable() =>
        Should.Throw<ArgumentException>(() => ServedLogOptions.FromEnvironment(name => name == "AISLE_SERVED_SHARE" ? "2" : null))
            .Message.ShouldBe("AISLE_SERVED_SHARE is '2'; it must be a number from 0 to 1.");

    [Fact]
    public void DamagedBlobs_AreNotRead()
    {
        var blob = FeatureBlob.Pack([1, float.NaN, 3, float.NaN], 2);

        FeatureBlob.Unpack(blob, 2).ShouldBe([1, float.NaN, 3, float.NaN]);
        FeatureBlob.Unpack(blob.AsSpan(0, blob.Length - 1), 2).ShouldBeNull();
        FeatureBlob.Unpack(blob, 3).ShouldBeNull();
        FeatureBlob.Unpack([0xFF, 0xFF], 1).ShouldBeNull();
    }

    private static Guid Numbered(int number) => new(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private ServedLog Log(ServedLogOptions options) => new(this._store.Served, options, this._time, NullLogger<ServedLog>.Instance);

    private ServedList List(int number) => new(
        Guid.CreateVersion7(this._time.GetUtcNow()), this._time.GetUtcNow(), "found", number % 2 == 0, number, [new ItemId($"a{number}"), new ItemId("b")], [number, float.NaN, float.PositiveInfinity, -0.5f])
    {
        AfterEvent = 40 + number,
    };
}
