namespace Aisle.Learning.Data;

/// <summary>How a data set is divided into a part to learn from and one to measure by.</summary>
public enum SplitKind
{
    /// <summary>Of each user the latest interaction, or one at random where there are no times, is the test.</summary>
    LeaveOneOut,

    /// <summary>Of each user a share, at random.</summary>
    Ratio,

    /// <summary>Everything from one moment on, the same for all users: what a shop would have known on that day.</summary>
    Time,

    /// <summary>Of each user the latest share.</summary>
    UserTime,

    /// <summary>Strong generalisation: some users are held out whole. Models never see them; part of what they did is given, the rest is to be found.</summary>
    Strong,

    /// <summary>
    /// Newcomers: some users are known by their attributes and their first interactions only, or by attributes alone; the rest of what they did
    /// is to be found. They stay users of the training data.
    /// </summary>
    Cold,
}

/// <summary>A way to divide a data set, and its numbers.</summary>
public sealed record SplitRule(SplitKind Kind)
{
    /// <summary>Share of the interactions (of the users for <see cref="SplitKind.Strong"/> and <see cref="SplitKind.Cold"/>) that is the test. Above 0 and below 1, default 0.2.</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>Of held-out users, the share of their interactions that is given. Above 0 and below 1, default 0.8.</summary>
    public double GivenShare { get; init; } = 0.8;

    /// <summary>Of newcomers, how many of their first interactions are given (at random where there are no times). 0 to 1,000, default 1.</summary>
    public int GivenItems { get; init; } = 1;

    /// <summary>Seed of everything drawn. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Ratings from here on are what a list should find. Default 0: all.</summary>
    public double RelevantFrom { get; init; }
}
