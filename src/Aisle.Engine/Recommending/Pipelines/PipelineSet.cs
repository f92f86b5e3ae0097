using Aisle.Engine.Configuration;
using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending.Sources;
using Aisle.Engine.Training;
using Aisle.Learning.Models;

namespace Aisle.Engine.Recommending.Pipelines;

/// <summary>The pipelines, placements and pages of a shop: those of its document over those that come with Aisle. Immutable.</summary>
public sealed class PipelineSet
{
    public const string ConfigurationKind = "pipelines";

    private const int MaxEntries = 200;
    private const int MaxNameLength = 128;
    private const int MaxAbout = 500;
    private const int MaxSources = 20;

    private static readonly Dictionary<string, ICandidateSource> SourcesByName = CandidateSources.All.ToDictionary(source => source.Name);

    private static readonly Dictionary<string, PipelineNeeds> NeedWords = new()
    {
        ["items"] = PipelineNeeds.Items, ["user"] = PipelineNeeds.User, ["category"] = PipelineNeeds.Category,
    };

    private static readonly Dictionary<string, SeenPolicy> SeenWords = new()
    {
        ["include"] = SeenPolicy.Include, ["exclude-bought"] = SeenPolicy.ExcludeBought, ["exclude-seen"] = SeenPolicy.ExcludeSeen,
    };

    private static readonly Dictionary<string, RankedBy> RankWords = new() { ["scores"] = RankedBy.Scores, ["learned"] = RankedBy.Learned };

    private static readonly Dictionary<string, DiversityMethod> DiversityWords = new()
    {
        ["marginal"] = DiversityMethod.Marginal, ["determinantal"] = DiversityMethod.Determinantal, ["calibrated"] = DiversityMethod.Calibrated,
    };

    private readonly Dictionary<string, Pipeline> _pipelines;
    private readonly Dictionary<string, Placement> _placements;
    private readonly Dictionary<string, IReadOnlyList<string>> _pages;

    private PipelineSet(Dictionary<string, Pipeline> pipelines, Dictionary<string, Placement> placements, Dictionary<string, IReadOnlyList<string>> pages)
    {
        this._pipelines = pipelines;
        this._placements = placements;
        this._pages = pages;
    }

    /// <summary>The document that comes with Aisle.</summary>
    public static string DefaultDocument { get; } = ReadDefault();

    public IReadOnlyCollection<Pipeline> Pipelines => this._pipelines.Values;

    public IReadOnlyCollection<Placement> Placements => this._placements.Values;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Pages => this._pages;

    /// <param name="document">The shop's YAML; null for what comes with Aisle alone.</param>
    /// <exception cref="ConfigurationException">The document cannot be taken; the message says what is wrong, where, and what is allowed.</exception>
    public static PipelineSet Parse(string? document, ExpressionCache expressions)
    {
        var set = new PipelineSet([], [], []);
        set.Add(DefaultDocument, expressions);
        if (document is not null) set.Add(document, expressions);
        return set;
    }

    /// <summary>What the pipelines ask for beyond what every training run fits; see <see cref="ModelRole"/>.</summary>
    public IReadOnlyCollection<string> ModelRoles =>
    [
        .. this._pipelines.Values.SelectMany(pipeline => pipeline.SourceNames)
            .Select(name => ModelRole.FamilyOf(name) is { } family ? ModelRole.OfFamily(family) : name == ModelRole.SegmentPopular ? name : null).OfType<string>().Distinct(),
    ];

    public Pipeline? Find(Scenario scenario) => this._pipelines.GetValueOrDefault(scenario.Name);

    public Placement? PlacementOf(string? name) => name is null ? null : this._placements.GetValueOrDefault(name);

    /// <summary>Placements of a page in the order of its rows; null where there is no such page.</summary>
    public IReadOnlyList<string>? PageOf(string name) => this._pages.GetValueOrDefault(name);

    /// <summary>Why there is no such scenario, and what there is.</summary>
    public string Explain(Scenario scenario)
    {
        var meant = Suggestions.Nearest(scenario.Name, this._pipelines.Keys) is { } near ? $"; did you mean {near}?" : ".";
        return $"There is no scenario {Suggestions.Shown(scenario.Name)}{meant} It must be one of {string.Join(", ", this._pipelines.Keys)}.";
    }

    private void Add(string document, ExpressionCache expressions)
    {
        var root = ConfigurationNode.Parse(document).Map("pipelines", "placements", "pages");
        foreach (var (name, node) in Named(root["pipelines"]))
            this._pipelines[name] = this.ReadPipeline(name, node, expressions);
        foreach (var (name, node) in Named(root["placements"]))
            this._placements[name] = this.ReadPlacement(name, node);
        foreach (var (name, node) in Named(root["pages"]))
        {
            var rows = node.List(MaxSources);
            if (rows.Count == 0) throw node.Wrong($"{node.Path} has no rows; name at least one placement.");
            this._pages[name] = [.. rows.Select(row => row.Text(MaxNameLength))];
            foreach (var row in rows)
                if (!this._placements.ContainsKey(row.Text(MaxNameLength))) throw row.Wrong($"{row.Path}: there is no placement {row.Text(MaxNameLength)}; give it a pipeline under placements.");
        }
    }

    private static IEnumerable<(string Name, ConfigurationNode Value)> Named(ConfigurationNode? node)
    {
        if (node is null) return [];
        var entries = node.AnyMap().Entries.ToList();
        if (entries.Count > MaxEntries) throw node.Wrong($"{node.Path} has {entries.Count} entries; at most {MaxEntries} are allowed.");
        foreach (var (name, value) in entries)
            if (name.Length > MaxNameLength || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '/' or '.')))
                throw value.Wrong($"The name {Suggestions.Shown(name)} in {node.Path} must have at most {MaxNameLength} letters, digits, - _ . or /.", atKey: name);
        return entries;
    }

    private Pipeline ReadPipeline(string name, ConfigurationNode node, ExpressionCache expressions)
    {
        var map = node.Map("about", "like", "needs", "sources", "fallback", "among", "seen", "filter", "rank", "boost", "limits", "diversity", "exposure", "new-items", "explore", "pool", "shadow");
        var start = map["like"] is { } like ? like.OneOf(this._pipelines, "pipeline") with { Name = name } : new Pipeline { Name = name };
        var pipeline = start with
        {
            // What another pipeline is for is not what this one is for.
            About = map["about"]?.Text(MaxAbout) ?? (map["like"] is null || map["like"]!.Text(MaxNameLength) == name ? start.About : null),
            Needs = map["needs"] is { } needs ? needs.List(3).Aggregate(PipelineNeeds.None, (sum, need) => sum | need.OneOf(NeedWords, "need")) : start.Needs,
            Sources = map["sources"] is { } sources ? [.. sources.List(MaxSources).Select(ReadSource)] : start.Sources,
            Fallback = map["fallback"] is { } fallback ? [.. fallback.List(MaxSources).Select(SourceOf)] : start.Fallback,
            AmongItems = map["among"] is { } among ? among.OneOf(new Dictionary<string, bool> { ["items"] = true, ["all"] = false }, "choice") : start.AmongItems,
            Seen = map["seen"]?.OneOf(SeenWords, "policy") ?? start.Seen,
            Filter = map["filter"]?.Expression(expressions, ExpressionType.Boolean) ?? start.Filter,
            Rank = map["rank"]?.OneOf(RankWords, "order") ?? start.Rank,
            Boost = map["boost"]?.Expression(expressions, ExpressionType.Number) ?? start.Boost,
            Limits = map["limits"] is { } limits ? [.. limits.List(MaxSources).Select(GroupLimits.Read)] : start.Limits,
            Diversity = map["diversity"] is { } diversity ? ReadDiversity(diversity.Map("by", "strength")) : start.Diversity,
            Exposure = map["exposure"] is { } exposure ? ReadExposure(exposure, expressions) : start.Exposure,
            NewItems = map["new-items"] is { } fresh ? ReadNewItems(fresh.Map("share", "days")) : start.NewItems,
            Explore = map["explore"] is { } explore ? ReadExploration(explore.Map("share", "below")) : start.Explore,
            Pool = map["pool"]?.Whole(10, Pipeline.MaxPool) ?? start.Pool,
            // Not of the pipeline that this one is like: each says itself what it is to be compared with.
            Shadow = map["shadow"]?.OneOf(this._pipelines, "pipeline").Name,
        };
        if (pipeline.Sources.Count == 0) throw node.Wrong($"{node.Path} has no sources; name at least one of {string.Join(", ", SourcesByName.Keys)}.");
        if (pipeline.AmongItems && !pipeline.Needs.HasFlag(PipelineNeeds.Items)) throw node.Wrong($"{node.Path}: among: items asks for needs: [items].");
        return pipeline;
    }

    private static Diversity ReadDiversity(ConfigurationMap map) =>
        new(map["by"]?.OneOf(DiversityWords, "way") ?? DiversityMethod.Marginal, map.Required("strength").Number(0, 1));

    private static List<ExposureShare> ReadExposure(ConfigurationNode node, ExpressionCache expressions)
    {
        var shares = node.List(MaxSources).Select(entry =>
        {
            var map = entry.Map("name", "at-least", "where");
            var where = map.Required("where").Expression(expressions, ExpressionType.Boolean);
            if (!where.DependsOnItem) throw map.Required("where").Wrong($"{entry.Path}.where must speak of the item: it says which items belong to the group.");
            return new ExposureShare(map["name"]?.Text(MaxNameLength) ?? where.Text, map.Required("at-least").Number(0.01, 1), where);
        }).ToList();
        return shares.Sum(share => share.AtLeast) <= 1 + 1e-9 ? shares : throw node.Wrong($"{node.Path}: the shares are more than 1 together; no list can keep them.");
    }

    private static NewItemShare ReadNewItems(ConfigurationMap map) => new(map.Required("share").Number(0, 1), map["days"]?.Number(0.1, 3650) ?? 30);

    private static Exploration ReadExploration(ConfigurationMap map) => new(map.Required("share").Number(0, 0.5), map["below"]?.Whole(1, 1_000_000) ?? 200);

    /// <summary>A source by its name, or its name with a weight.</summary>
    private static WeightedSource ReadSource(ConfigurationNode node)
    {
        if (!node.IsMap) return new WeightedSource(SourceOf(node), 1);
        var entries = node.AnyMap().Entries.ToList();
        if (entries.Count != 1) throw node.Wrong($"{node.Path} must name one source with its weight, such as personal: 2.");
        var (name, weight) = entries[0];
        return new WeightedSource(SourceOf(name, problem => weight.Wrong($"{node.Path}: {problem}", atKey: name)), weight.Number(0.001, 1000));
    }

    private static ICandidateSource SourceOf(ConfigurationNode node) => SourceOf(node.Text(MaxNameLength), problem => node.Wrong($"{node.Path}: {problem}"));

    private static ICandidateSource SourceOf(string name, Func<string, ConfigurationException> wrong)
    {
        if (SourcesByName.TryGetValue(name, out var source)) return source;
        if (ModelRole.FamilyOf(name) is { } family)
        {
            if (Trainers.All.Any(known => known.Name == family)) return name == ModelRole.OfFamily(family) ? new ModelSource(family) : NeighbourSource.OfFamily(family);
            throw wrong($"there is no model {Suggestions.Shown(family)}{Meant(family, Trainers.All.Select(known => known.Name))} Models are {string.Join(", ", Trainers.All.Select(known => known.Name))}.");
        }

        throw wrong($"there is no source {Suggestions.Shown(name)}{Meant(name, SourcesByName.Keys)} Allowed are {string.Join(", ", SourcesByName.Keys)}, and for a family of models model:NAME and similar:NAME, such as model:{AlsTrainer.ModelName}.");

        static string Meant(string word, IEnumerable<string> known) => Suggestions.Nearest(word, known) is { } near ? $"; did you mean {near}?" : ".";
    }

    private Placement ReadPlacement(string name, ConfigurationNode node)
    {
        if (!node.IsMap) return new Placement(name, node.OneOf(this._pipelines, "pipeline").Name, null);
        var map = node.Map("pipeline", "count");
        return new Placement(name, map.Required("pipeline").OneOf(this._pipelines, "pipeline").Name, map["count"]?.Whole(1, RecommendationRequest.MaxCount));
    }

    private static string ReadDefault()
    {
        using var reader = new StreamReader(typeof(PipelineSet).Assembly.GetManifestResourceStream("Pipelines.default.yaml")!);
        return reader.ReadToEnd();
    }
}
