using System.Globalization;

namespace Aisle.Engine.Ranking;

/// <summary>What is kept of the lists that are served.</summary>
public sealed record ServedLogOptions
{
    /// <summary>Share of the lists that are logged, drawn by their ids. In [0, 1], default 1; 0 logs none.</summary>
    public double Share { get; init; } = 1;

    /// <summary>Lists logged in a second at most; what is served beyond goes unlogged. In [1, 100,000], default 200.</summary>
    public int MostPerSecond { get; init; } = 200;

    /// <summary>In [1, 3,650], default 60.</summary>
    public int KeepDays { get; init; } = 60;

    /// <summary>Lists kept at most, the latest. In [1,000, 100,000,000], default 500,000 (about 1 kB each).</summary>
    public int KeepLists { get; init; } = 500_000;

    /// <summary>AISLE_SERVED_SHARE, AISLE_SERVED_PER_SECOND, AISLE_SERVED_DAYS and AISLE_SERVED_LISTS over the defaults.</summary>
    /// <exception cref="ArgumentException">A variable is out of its range; the message names it.</exception>
    public static ServedLogOptions FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new ServedLogOptions();
        return new ServedLogOptions
        {
            Share = Read("AISLE_SERVED_SHARE", defaults.Share, 0, 1),
            MostPerSecond = (int)Read("AISLE_SERVED_PER_SECOND", defaults.MostPerSecond, 1, 100_000),
            KeepDays = (int)Read("AISLE_SERVED_DAYS", defaults.KeepDays, 1, 3650),
            KeepLists = (int)Read("AISLE_SERVED_LISTS", defaults.KeepLists, 1000, 100_000_000),
        };

        double Read(string name, double otherwise, double least, double most)
        {
            if (variable(name) is not { Length: > 0 } text) return otherwise;
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}'; it must be a number from {least} to {most}."));
        }
    }
}
