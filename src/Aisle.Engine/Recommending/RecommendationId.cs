using System.Globalization;

namespace Aisle.Engine.Recommending;

/// <summary>
/// Names a served list and says what made it: <c>0199…c2.m4.p2.r1</c> is a list of model 4 under pipelines 2 and rules 1. Events carry it, so that what
/// a list caused is known without a look at what was served.
/// </summary>
/// <param name="Model">Version of the model; null where none served.</param>
/// <param name="Pipelines">Version of the shop's pipelines; null where it published none.</param>
/// <param name="Rules">Version of the shop's rules; null where it published none.</param>
public readonly record struct RecommendationId(Guid List, int? Model, int? Pipelines, int? Rules)
{
    private const int GuidLength = 32;

    public static RecommendationId New(DateTimeOffset now, int? model, int? pipelines, int? rules) => new(Guid.CreateVersion7(now), model, pipelines, rules);

    public override string ToString() => $"{this.List:N}{Part('m', this.Model)}{Part('p', this.Pipelines)}{Part('r', this.Rules)}";

    /// <summary>Reads what a caller sent with an event. Anything else than an id made here is refused; unknown parts of later versions are passed over.</summary>
    public static bool TryParse(string? text, out RecommendationId id)
    {
        id = default;
        if (text is null || text.Length < GuidLength || !Guid.TryParseExact(text.AsSpan(0, GuidLength), "N", out var list)) return false;
        if (text.Length > GuidLength && text[GuidLength] != '.') return false;
        var (model, pipelines, rules) = ((int?)null, (int?)null, (int?)null);
        foreach (var part in text[GuidLength..].Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var number = int.TryParse(part.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : (int?)null;
            switch (part[0])
            {
                case 'm': model = number; break;
                case 'p': pipelines = number; break;
                case 'r': rules = number; break;
                default: break;
            }
        }

        id = new RecommendationId(list, model, pipelines, rules);
        return true;
    }

    private static string Part(char name, int? version) => version is { } number ? string.Create(CultureInfo.InvariantCulture, $".{name}{number}") : "";
}
