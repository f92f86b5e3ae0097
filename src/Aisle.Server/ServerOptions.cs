using System.Globalization;
using Aisle.Engine;

namespace Aisle.Server;

/// <summary>Settings of the server, from the command line, the environment (AISLE_…) or appsettings.json; a wrong one refuses to start.</summary>
internal sealed record ServerOptions
{
    /// <summary>Folder of the store. Setting: <c>store</c>.</summary>
    public string Store { get; init; } = StoreLocation.Default;

    /// <summary>Build the demo shop where the store is empty. Setting: <c>demo</c>, true or false.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>How often to train if there are new events; zero for never. Setting: <c>train-every</c>, a time span such as 06:00:00.</summary>
    public TimeSpan TrainEvery { get; init; } = TimeSpan.FromHours(6);

    /// <exception cref="ArgumentException">A setting is not valid; the message names it and what is allowed.</exception>
    public static ServerOptions From(IConfiguration configuration)
    {
        var defaults = new ServerOptions();
        var store = configuration["store"] ?? defaults.Store;
        if (string.IsNullOrWhiteSpace(store)) throw new ArgumentException("store is empty; give the folder of the store, e.g. --store .aisle/store.");
        return new ServerOptions
        {
            Store = store,
            Demo = Parse(configuration, "demo", defaults.Demo, bool.TryParse, "true or false"),
            TrainEvery = Parse(
                configuration, "train-every", defaults.TrainEvery,
                (string? text, out TimeSpan span) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span) && span >= TimeSpan.Zero && span <= TimeSpan.FromDays(49),
                "a time span such as 06:00:00, at most 49 days, or 0 for never"),
        };
    }

    private delegate bool Parser<T>(string? text, out T value);

    private static T Parse<T>(IConfiguration configuration, string name, T fallback, Parser<T> parse, string allowed)
    {
        if (configuration[name] is not { } text) return fallback;
        return parse(text, out var value) ? value : throw new ArgumentException($"{name} is “{text}”; it must be {allowed}.");
    }
}
