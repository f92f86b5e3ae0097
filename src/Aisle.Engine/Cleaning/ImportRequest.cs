namespace Aisle.Engine.Cleaning;

/// <summary>What to import and how to read it.</summary>
public sealed record ImportRequest
{
    /// <summary>A file, gzipped or not; for <c>movielens</c> a folder too.</summary>
    public required string Path { get; init; }

    /// <summary>One of <see cref="ImportFormats.Names"/>.</summary>
    public required string Format { get; init; }

    /// <summary>Column of the file → field of the format, where their names differ.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the rejected rows are written, replaced as a whole at the end; null writes none.</summary>
    public string? RejectsPath { get; init; }
}

/// <summary>How far an import is, for progress displays.</summary>
/// <param name="Stage">What is being done, e.g. <c>checking</c>.</param>
/// <param name="Fraction">Of the whole import, 0 to 1, ascending.</param>
public readonly record struct ImportStep(string Stage, double Fraction);
