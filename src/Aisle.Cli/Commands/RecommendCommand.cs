using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Engine;
using Aisle.Engine.Catalog;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle recommend</c>: the list that a placement would show, with sources and reasons, and with each item's way there.</summary>
internal static class RecommendCommand
{
    private const string UsualPlacement = "command-line";

    public static Command Create()
    {
        var store = StoreOption.Create();
        var user = new Option<string?>("--user") { Description = "Id of the shopper." };
        var item = new Option<string[]>("--item") { Description = "Id of an item; for similar and bought-together.", AllowMultipleArgumentsPerToken = true };
        var scenario = new Option<string>("--scenario") { Description = "A pipeline's name: recommended-for-you, similar, cart…", DefaultValueFactory = _ => Scenario.RecommendedForYou.Name };
        var placement = new Option<string>("--placement") { Description = "Where the list would stand, e.g. home/hero; the shop's pipeline for it goes before --scenario, and rules of the placement hold.", DefaultValueFactory = _ => UsualPlacement };
        var count = new Option<int>("-n", "--count") { Description = "Length of the list.", DefaultValueFactory = _ => 10 };
        var filter = new Option<string?>("--filter") { Description = "An expression that is true for every item of the list: 'item.price < 20 && !bought(item, days: 30)'." };
        var boost = new Option<string?>("--boost") { Description = "An expression that multiplies scores: 'item.stock > 100 ? 1.5 : 1'." };
        var explain = new Option<bool>("--explain") { Description = "Show the way of every item: rank and score in each source, blend, boosts, rules, place." };
        var language = new Option<string>("--language") { Description = "Language of titles and reasons: en or zh.", DefaultValueFactory = _ => "en" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };
        var command = new Command("recommend", "Show the list that a placement would show.") { store, user, item, scenario, placement, count, filter, boost, explain, language, json };
        command.SetAction(async (call, _) =>
        {
            await using var engine = EngineServices.Open(call.GetRequiredValue(store), TimeProvider.System, NullLoggerFactory.Instance);
            var request = new RecommendationRequest
            {
                Scenario = new Scenario(call.GetRequiredValue(scenario)),
                User = call.GetValue(user) is { Length: > 0 } id ? new UserId(id) : null,
                Items = [.. (call.GetValue(item) ?? []).Select(given => new ItemId(given))],
                Count = call.GetValue(count),
                Placement = call.GetRequiredValue(placement),
                Condition = Compile("--filter", call.GetValue(filter), ExpressionType.Boolean, engine),
                Boost = Compile("--boost", call.GetValue(boost), ExpressionType.Number, engine),
                Explain = call.GetValue(explain),
            };
            if (engine.Recommendations.Check(request) is { } wrong) throw new WrongCallException(wrong.Message);
            var list = engine.Recommendations.Recommend(request);
            if (list.Items.Count == 0)
            {
                await Console.Error.WriteLineAsync(engine.Catalogue.Count == 0
                    ? "The store holds no items that can be shown. Import a file first: aisle import FILE --format …"
                    : $"No item can be shown: {(request.Condition is null ? $"nothing that {list.Scenario.Name} brings" : "none that meets --filter")} is in stock and not hidden.");
                return CommandRunner.Failed;
            }

            var rows = list.Items.Select(entry => Row.Of(entry, engine.Catalogue, call.GetRequiredValue(language))).ToList();
            if (call.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(new { recommendation_id = list.Id, model_version = list.ModelVersion, scenario = list.Scenario.Name, items = rows }, Json));
            else Write(rows, list.ModelVersion);
            return CommandRunner.Success;
        });
        return command;
    }

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The message has line, column and, below, the place underlined.</summary>
    private static Expression? Compile(string option, string? text, ExpressionType type, EngineServices engine)
    {
        if (text is null) return null;
        try
        {
            return engine.Expressions.Compile(text, type);
        }
        catch (ExpressionException wrong)
        {
            throw new WrongCallException($"{option}: {wrong.Message}", wrong);
        }
    }

    private static void Write(List<Row> rows, int? version)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("item", "title", "score", "source", "reason");
        var explains = rows.Exists(row => row.Steps is not null);
        if (explains) table.AddColumn("way");
        foreach (var row in rows)
        {
            string[] cells = [row.Id, row.Title, Number(row.Score), row.Source, row.Reason];
            table.AddRow([.. cells.Concat(explains ? [string.Join('\n', row.Steps!.Select(Line))] : []).Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
        Console.WriteLine(version is null ? "No model serves yet; run aisle train." : $"Model version {version}.");

        static string Line(ScoreStep step) => string.Join(
            ' ', new[] { step.Stage, step.Detail, step.Score is { } score ? Number(score) : null, step.Rank is { } rank ? string.Create(CultureInfo.InvariantCulture, $"#{rank}") : null }.OfType<string>());
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private sealed record Row(string Id, string Title, double Score, string Source, string Reason, IReadOnlyList<ScoreStep>? Steps)
    {
        public static Row Of(Recommendation entry, Catalogue catalogue, string language)
        {
            var because = entry.Reason.Because is { } id ? catalogue.Find(id)?.TextIn(language).Title ?? id.Value : null;
            return new Row(
                entry.Id.Value, entry.Item?.TextIn(language).Title ?? "", entry.Score, entry.Source, entry.Reason.Sentence(because, language), entry.Steps.Count > 0 ? entry.Steps : null);
        }
    }
}
