using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Aisle.Engine;
using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle recommend</c>: the list that a placement would show, with sources and reasons.</summary>
internal static class RecommendCommand
{
    public static Command Create()
    {
        var store = StoreOption.Create();
        var user = new Option<string?>("--user") { Description = "Id of the shopper." };
        var item = new Option<string[]>("--item") { Description = "Id of an item; for similar and bought-together.", AllowMultipleArgumentsPerToken = true };
        var scenario = new Option<string>("--scenario") { Description = "A pipeline's name: recommended-for-you, similar, cart…", DefaultValueFactory = _ => Scenario.RecommendedForYou.Name };
        var count = new Option<int>("-n", "--count") { Description = "Length of the list.", DefaultValueFactory = _ => 10 };
        var language = new Option<string>("--language") { Description = "Language of titles and reasons: en or zh.", DefaultValueFactory = _ => "en" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };
        var command = new Command("recommend", "Show the list that a placement would show.") { store, user, item, scenario, count, language, json };
        command.SetAction(async (call, _) =>
        {
            var request = new RecommendationRequest
            {
                Scenario = new Scenario(call.GetRequiredValue(scenario)),
                User = call.GetValue(user) is { Length: > 0 } id ? new UserId(id) : null,
                Items = [.. (call.GetValue(item) ?? []).Select(given => new ItemId(given))],
                Count = call.GetValue(count),
                Placement = "command-line",
            };
            await using var engine = EngineServices.Open(call.GetRequiredValue(store), TimeProvider.System, NullLoggerFactory.Instance);
            if (engine.Recommendations.Check(request) is { } wrong) throw new WrongCallException(wrong.Message);
            var list = engine.Recommendations.Recommend(request);
            if (list.Items.Count == 0)
            {
                await Console.Error.WriteLineAsync("The store holds no items that can be shown. Import a file first: aisle import FILE --format …");
                return CommandRunner.Failed;
            }

            var rows = list.Items.Select(entry => Row.Of(entry, engine.Catalogue, call.GetRequiredValue(language))).ToList();
            if (call.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(new { recommendation_id = list.Id, model_version = list.ModelVersion, items = rows }, Json));
            else Write(rows, list.ModelVersion);
            return CommandRunner.Success;
        });
        return command;
    }

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private static void Write(List<Row> rows, int? version)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("item", "title", "score", "source", "reason");
        foreach (var row in rows)
            table.AddRow(Markup.Escape(row.Id), Markup.Escape(row.Title), row.Score.ToString("0.####", CultureInfo.InvariantCulture), row.Source, Markup.Escape(row.Reason));
        AnsiConsole.Write(table);
        Console.WriteLine(version is null ? "No model serves yet; run aisle train." : $"Model version {version}.");
    }

    private sealed record Row(string Id, string Title, double Score, string Source, string Reason)
    {
        public static Row Of(Recommendation entry, Catalogue catalogue, string language)
        {
            var because = entry.Reason.Because is { } id ? catalogue.Find(id)?.TextIn(language).Title ?? id.Value : null;
            return new Row(entry.Id.Value, entry.Item?.TextIn(language).Title ?? "", entry.Score, entry.Source, entry.Reason.Sentence(because, language));
        }
    }
}
