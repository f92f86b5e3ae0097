using Aisle.Engine;
using Aisle.Engine.ChoicePoints;
using Aisle.Engine.Configuration;
using Aisle.Engine.Experiments;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;
using Aisle.Server.Console.Pages;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace Aisle.Server.Console.Merchandisers;

/// <summary>What stands in the editor of a merchandising page when its form is sent.</summary>
public sealed record MerchandisingForm
{
    /// <summary>rules, pipelines, experiments, choices or ranking.</summary>
    public string Kind { get; init; } = RuleSet.ConfigurationKind;

    public string Document { get; init; } = "";

    public string? Note { get; init; }

    /// <summary>The version that the author saw.</summary>
    public int After { get; init; }

    /// <summary>Whom the preview is for.</summary>
    public string? User { get; init; }

    public string? Scenario { get; init; }

    public string? Placement { get; init; }

    public string? Item { get; init; }

    /// <summary>The choice, or the pipeline, whose log is asked what others would have earned.</summary>
    public string? Judge { get; init; }

    public static MerchandisingForm Of(string kind, IFormCollection form) => new()
    {
        Kind = kind,
        Document = Of(form, "document") ?? "",
        Note = Of(form, "note"),
        After = int.TryParse(Of(form, "after"), out var after) ? after : 0,
        User = Of(form, "user"),
        Scenario = Of(form, "scenario"),
        Placement = Of(form, "placement"),
        Item = Of(form, "item"),
    };

    private static string? Of(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } value ? value : null;
}

/// <summary>The pages on which merchandisers see, try, publish and undo rules, pipelines, experiments, choices and what the ranker is trained for.</summary>
internal static class MerchandisingPages
{
    public static void MapMerchandising(this RouteGroupBuilder pages)
    {
        var merchandising = pages.MapGroup("/merchandising");
        merchandising.MapGet("/", () => Results.LocalRedirect("/console/merchandising/rules"));
        merchandising.MapGet("/{kind}", Show);
        merchandising.MapPost("/{kind}", SendAsync);
        merchandising.MapPost("/{kind}/versions/{version:int}/restore", RestoreAsync);
        merchandising.MapPost("/experiments/{name}/start", StartAsync);
    }

    private static IResult Show(string kind, string? judge, EngineServices engine)
    {
        if (!IsKind(kind)) return Results.NotFound();
        var version = VersionOf(kind, engine);
        return Page(new MerchandisingForm { Kind = kind, Document = version?.Document ?? "", After = version?.Version ?? 0, Judge = judge });
    }

    private static async Task<IResult> SendAsync(
        string kind, HttpContext context, IAntiforgery antiforgery, EngineServices engine, IStringLocalizer<ConsoleText> text, CancellationToken cancellation)
    {
        if (!IsKind(kind)) return Results.NotFound();
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        var fields = await context.Request.ReadFormAsync(cancellation);
        var form = MerchandisingForm.Of(kind, fields);
        try
        {
            switch (fields["act"].ToString())
            {
                case "add":
                    return Page(form with { Document = RuleDocument.Append(form.Document, RuleForm.Settings(fields)) }, preview: true);
                case "publish":
                    var published = await (kind switch
                    {
                        RuleSet.ConfigurationKind => engine.Rules.PublishAsync(form.Document, form.Note, form.After, cancellation),
                        PipelineSet.ConfigurationKind => engine.Pipelines.PublishAsync(form.Document, form.Note, form.After, cancellation),
                        ChoicePointSet.ConfigurationKind => engine.ChoicePoints.PublishAsync(form.Document, form.Note, form.After, cancellation),
                        RankingSettings.ConfigurationKind => engine.Ranking.PublishAsync(form.Document, form.Note, form.After, cancellation),
                        _ => engine.Experiments.PublishAsync(form.Document, form.Note, form.After, cancellation),
                    });
                    return published is null
                        ? Page(form, problem: text["Somebody else published meanwhile. Open the page anew in another window, and bring your change over."])
                        : Results.LocalRedirect($"/console/merchandising/{kind}");
                default:
                    return Page(form, preview: true);
            }
        }
        catch (ConfigurationException wrong)
        {
            return Page(form, problem: wrong.Message);
        }
    }

    private static async Task<IResult> RestoreAsync(string kind, int version, HttpContext context, IAntiforgery antiforgery, EngineServices engine, CancellationToken cancellation)
    {
        if (!IsKind(kind)) return Results.NotFound();
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        try
        {
            await (kind switch
            {
                RuleSet.ConfigurationKind => engine.Rules.RestoreAsync(version, cancellation),
                PipelineSet.ConfigurationKind => engine.Pipelines.RestoreAsync(version, cancellation),
                ChoicePointSet.ConfigurationKind => engine.ChoicePoints.RestoreAsync(version, cancellation),
                RankingSettings.ConfigurationKind => engine.Ranking.RestoreAsync(version, cancellation),
                _ => engine.Experiments.RestoreAsync(version, cancellation),
            });
            return Results.LocalRedirect($"/console/merchandising/{kind}");
        }
        catch (ConfigurationException wrong)
        {
            var serving = VersionOf(kind, engine);
            return Page(new MerchandisingForm { Kind = kind, Document = serving?.Document ?? "", After = serving?.Version ?? 0 }, problem: wrong.Message);
        }
    }

    private static async Task<IResult> StartAsync(string name, HttpContext context, IAntiforgery antiforgery, EngineServices engine, CancellationToken cancellation)
    {
        if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
        await engine.ExperimentStops.StartAgainAsync(name, cancellation);
        return Results.LocalRedirect("/console/merchandising/experiments");
    }

    private static bool IsKind(string kind) => kind is RuleSet.ConfigurationKind or PipelineSet.ConfigurationKind or ExperimentSet.ConfigurationKind or ChoicePointSet.ConfigurationKind
        or RankingSettings.ConfigurationKind;

    private static ConfigurationVersion? VersionOf(string kind, EngineServices engine) => kind switch
    {
        RuleSet.ConfigurationKind => engine.Rules.Version,
        PipelineSet.ConfigurationKind => engine.Pipelines.Version,
        ChoicePointSet.ConfigurationKind => engine.ChoicePoints.Version,
        RankingSettings.ConfigurationKind => engine.Ranking.Version,
        _ => engine.Experiments.Version,
    };

    private static RazorComponentResult<MerchandisingPage> Page(MerchandisingForm form, bool preview = false, string? problem = null) => new(new Dictionary<string, object?>
    {
        [nameof(MerchandisingPage.Form)] = form, [nameof(MerchandisingPage.Preview)] = preview, [nameof(MerchandisingPage.Problem)] = problem,
    });
}

/// <summary>The form that makes a rule without writing YAML.</summary>
internal static class RuleForm
{
    private static readonly string[] Texts = ["name", "do", "where", "when", "from", "until", "by"];
    private static readonly string[] Lists = ["items", "placements"];

    /// <summary>What was filled in, as the settings of a rule; whether they fit together is told when the document is read.</summary>
    public static Dictionary<string, object> Settings(IFormCollection form)
    {
        var settings = new Dictionary<string, object>();
        foreach (var name in Texts)
            if (Of(name) is { } value) settings[name] = value;
        foreach (var name in Lists)
            if (Of(name) is { } value) settings[name] = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (Of("position") is { } position && Is("pin")) settings["position"] = position;
        if (Of("share") is { } share && Is("promote")) settings["share"] = share;
        if (Of("budget") is { } budget && Is("promote")) settings["budget"] = budget;
        if (Is("limit")) settings["limit"] = new Dictionary<string, string> { ["at-most"] = Of("at-most") ?? "", ["same"] = Of("same") ?? "" };
        if (!Is("boost")) settings.Remove("by");
        return settings;

        bool Is(string action) => form["rule-do"] == action;

        string? Of(string name) => form[$"rule-{name}"].ToString().Trim() is { Length: > 0 } value ? value : null;
    }
}
