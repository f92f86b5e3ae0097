namespace Aisle.Engine.Simulation;

/// <summary>What to simulate, and how much of it.</summary>
public sealed record SimulationOptions
{
    /// <summary>Aisle as it comes: personal lists on the front page, similar or bought-together below a product.</summary>
    public const string DefaultArm = "default";

    /// <summary>Lists drawn from the catalogue.</summary>
    public const string RandomArm = "random";

    /// <summary>Lists by the simulated shoppers' own truth, which no shop knows: how far lists can come.</summary>
    public const string IdealArm = "ideal";

    /// <summary>No lists at all.</summary>
    public const string NoneArm = "none";

    /// <summary>What other arms are measured against, where it takes part.</summary>
    public const string BaselineArm = "best-sellers";

    public const int MaxSessions = 1_000_000;
    public const int MaxDays = 90;

    /// <summary><see cref="DefaultArm"/>, <see cref="RandomArm"/>, <see cref="IdealArm"/>, <see cref="NoneArm"/> or names of the server's pipelines; each shopper is in one.</summary>
    public IReadOnlyList<string> Arms { get; init; } = [DefaultArm, BaselineArm, RandomArm];

    /// <summary>Visits of all arms together, about: 10 to 1,000,000, default 6,000.</summary>
    public int Sessions { get; init; } = 6_000;

    /// <summary>Days up to now that the visits are spread over: 1 to 90, default 14.</summary>
    public int Days { get; init; } = 14;

    public int Seed { get; init; } = 1;

    /// <summary>Shoppers that shop at the same time: 1 to 64, default 8.</summary>
    public int Clients { get; init; } = 8;

    /// <returns>What is wrong and what is allowed; null where nothing is.</returns>
    public string? Check()
    {
        if (this.Arms.Count is 0 or > 10) return "Name 1 to 10 arms, for example default,best-sellers,random.";
        if (this.Arms.FirstOrDefault(arm => string.IsNullOrWhiteSpace(arm) || arm.Length > 64) is not null) return "An arm is default, random, ideal, none or the name of a pipeline.";
        if (this.Arms.Distinct().Count() < this.Arms.Count) return "An arm is named twice; name each once.";
        if (this.Sessions is < 10 or > MaxSessions) return $"The sessions are {this.Sessions}; allowed are 10 to {MaxSessions}.";
        if (this.Days is < 1 or > MaxDays) return $"The days are {this.Days}; allowed are 1 to {MaxDays}.";
        return this.Clients is < 1 or > 64 ? $"The clients are {this.Clients}; allowed are 1 to 64." : null;
    }
}

/// <param name="Fraction">Of the whole simulation, in [0, 1].</param>
public readonly record struct SimulationProgress(string Stage, double Fraction);
