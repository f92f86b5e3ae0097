namespace Aisle.Engine.Configuration;

/// <summary>The requests that a rule or an experiment is about: where and when it holds. Immutable.</summary>
public sealed record RequestScope
{
    private const int MaxPlaces = 50;
    private const int MaxNameLength = 128;

    public static readonly RequestScope Everything = new();

    /// <summary>The settings that <see cref="Read"/> takes.</summary>
    internal static readonly string[] Settings = ["enabled", "placements", "scenarios", "from", "until"];

    public bool Enabled { get; init; } = true;

    /// <summary>Placements that it holds for, <c>*</c> at the end for any rest; none for all.</summary>
    public IReadOnlyList<string> Placements { get; init; } = [];

    /// <summary>Scenarios that it holds for; none for all.</summary>
    public IReadOnlyList<string> Scenarios { get; init; } = [];

    /// <summary>It holds from this moment…</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>… to before this one.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether it is awake at a moment.</summary>
    public bool IsActive(DateTimeOffset now) => this.Enabled && !(now < this.From) && !(now >= this.Until);

    /// <summary>Whether it may speak of a request by its scenario and placement.</summary>
    public bool Covers(string scenario, string? placement) =>
        (this.Scenarios.Count == 0 || this.Scenarios.Contains(scenario)) && (this.Placements.Count == 0 || this.Placements.Any(pattern => Fits(pattern, placement)));

    /// <exception cref="ConfigurationException">A setting cannot be taken; the message says what is wrong, where, and what is allowed.</exception>
    internal static RequestScope Read(ConfigurationMap map)
    {
        var scope = new RequestScope
        {
            Enabled = map["enabled"]?.Flag() ?? true,
            Placements = map["placements"]?.Texts(MaxPlaces, MaxNameLength) ?? [],
            Scenarios = map["scenarios"]?.Texts(MaxPlaces, MaxNameLength) ?? [],
            From = map["from"]?.Time(),
            Until = map["until"]?.Time(),
        };
        return scope.From >= scope.Until ? throw map.Required("until").Wrong($"{map.Node.Path}.until must lie after from.") : scope;
    }

    private static bool Fits(string pattern, string? placement) =>
        placement is not null && (pattern.EndsWith('*') ? placement.StartsWith(pattern[..^1], StringComparison.Ordinal) : placement == pattern);
}
