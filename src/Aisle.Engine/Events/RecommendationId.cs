using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aisle.Engine.Events;

/// <summary>
/// Names a served list and says what made it: <c>0199…c2.m4.p2.r1.x9ab3f21c-1</c> is a list of model 4 under pipelines 2 and rules 1, in variant 1 of the
/// experiment whose name hashes so. Events carry it, so that what a list caused is known without a look at what was served.
/// </summary>
/// <param name="Model">Version of the model; null where none served.</param>
/// <param name="Pipelines">Version of the shop's pipelines; null where it published none.</param>
/// <param name="Rules">Version of the shop's rules; null where it published none.</param>
/// <param name="Experiments">The experiments that the list was in, at most <see cref="MostExperiments"/>, with the number of the variant of each.</param>
public sealed record RecommendationId(Guid List, int? Model, int? Pipelines, int? Rules, IReadOnlyList<(uint Experiment, int Variant)> Experiments)
{
    /// <summary>An id stays within the 128 characters that events keep.</summary>
    public const int MostExperiments = 5;

    private const int GuidLength = 32;
    private const int HashLength = 8;

    public override string ToString() =>
        $"{this.List:N}{Part('m', this.Model)}{Part('p', this.Pipelines)}{Part('r', this.Rules)}"
        + string.Concat(this.Experiments.Take(MostExperiments).Select(part => string.Create(CultureInfo.InvariantCulture, $".x{part.Experiment:x8}-{part.Variant}")));

    /// <summary>Reads what a caller sent with an event. Anything else than an id made here is refused; unknown parts of later versions are passed over.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RecommendationId? id)
    {
        id = null;
        if (text is null || text.Length < GuidLength || !Guid.TryParseExact(text.AsSpan(0, GuidLength), "N", out var list)) return false;
        if (text.Length > GuidLength && text[GuidLength] != '.') return false;
        var (model, pipelines, rules) = ((int?)null, (int?)null, (int?)null);
        var experiments = new List<(uint, int)>();
        foreach (var part in text[GuidLength..].Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (part[0])
            {
                case 'm': model = Number(part.AsSpan(1)); break;
                case 'p': pipelines = Number(part.AsSpan(1)); break;
                case 'r': rules = Number(part.AsSpan(1)); break;
                case 'x' when ReadExperiment(part) is { } experiment && experiments.Count < MostExperiments: experiments.Add(experiment); break;
                default: break;
            }
        }

        id = new RecommendationId(list, model, pipelines, rules, experiments);
        return true;
    }

    private static (uint, int)? ReadExperiment(string part) =>
        part.Length > HashLength + 2 && part[HashLength + 1] == '-'
        && uint.TryParse(part.AsSpan(1, HashLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash)
        && Number(part.AsSpan(HashLength + 2)) is { } variant
            ? (hash, variant)
            : null;

    private static int? Number(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Part(char name, int? version) => version is { } number ? string.Create(CultureInfo.InvariantCulture, $".{name}{number}") : "";
}
