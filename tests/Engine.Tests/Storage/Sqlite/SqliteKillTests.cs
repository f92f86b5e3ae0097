using Aisle.Engine.Events;
using Aisle.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Aisle.Engine.Tests.Storage.Sqlite;

public sealed class SqliteKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => this._folder.Dispose();

    [Fact]
    public async Task Intake_KilledAgainAndAgain_LosesNoAcknowledgedEvent()
    {
        var acknowledged = new List<KilledRequest>();
        for (var round = 0; round < 5; round++)
        {
            acknowledged.AddRange(await this.TakeInAndKillAsync(round, acknowledgements: 40 + 90 * round));
            this.VerifyStoreHolds(acknowledged);
        }

        await this.VerifyRetryAddsWhatIsMissingAsync(acknowledged);
    }

    private async Task<List<KilledRequest>> TakeInAndKillAsync(int round, int acknowledgements)
    {
        using var shop = KilledShop.Start(this._folder.Path, round);
        var lines = new List<string>();
        while (lines.Count < acknowledgements && await shop.StandardOutput.ReadLineAsync() is { } line) lines.Add(line);
        shop.HasExited.ShouldBeFalse("the process must still be taking in events when it is killed");

        shop.Kill(); // SIGKILL on Unix
        var rest = await shop.StandardOutput.ReadToEndAsync();
        await shop.WaitForExitAsync();
        // A last line without its end may be half a number.
        lines.AddRange(rest.Split('\n')[..^1]);
        return lines.ConvertAll(KilledRequest.Parse);
    }

    private void VerifyStoreHolds(List<KilledRequest> acknowledged)
    {
        using var store = SqliteStore.Open(this._folder.Path, TimeProvider.System);
        var stored = store.Events.Read().Select(found => found.Event).ToDictionary(shopEvent => shopEvent.Id);

        var lost = acknowledged.SelectMany(request => request.Events()).Where(sent => !stored.TryGetValue(sent.Id, out var found) || found != sent).ToList();
        lost.ShouldBeEmpty();
        store.Events.Totals().ShouldBe(new EventTotals(
            stored.Count, stored.Values.Select(shopEvent => shopEvent.User).Distinct().Count(), stored.Values.Select(shopEvent => shopEvent.Item).Distinct().Count()));
        store.Events.DailyCounts().Sum(day => day.Count).ShouldBe(stored.Count);
        this.IntegrityCheck().ShouldBe("ok");
    }

    private async Task VerifyRetryAddsWhatIsMissingAsync(List<KilledRequest> acknowledged)
    {
        using var store = SqliteStore.Open(this._folder.Path, TimeProvider.System);
        var before = store.Events.Read().Select(found => found.Event.Id).ToHashSet();
        // Beyond what was acknowledged: the requests that were on their way, stored or not, and some that were never sent.
        var last = acknowledged.GroupBy(request => (request.Round, request.Caller)).Select(group => group.MaxBy(request => request.Number));
        var retried = acknowledged.Concat(last.SelectMany(request => Enumerable.Range(1, 3).Select(ahead => request with { Number = request.Number + ahead })));

        foreach (var events in retried.Select(request => request.Events()))
        {
            var result = await store.Events.AppendAsync(events, CancellationToken.None);
            result.Stored.Select(stored => stored.Event.Id).ShouldBe(events.Select(sent => sent.Id).Where(id => !before.Contains(id)));
            (result.Stored.Count is 0 || result.Duplicates is 0).ShouldBeTrue("a request is stored whole or not at all");
        }
    }

    private string IntegrityCheck()
    {
        using var connection = new SqliteConnection($"Data Source={this._folder.File(SqliteStore.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }
}
