using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Aisle.Learning.Models;

/// <summary>Reads options records from JSON. Names are those of the records, bound at compile time; nothing unknown is accepted.</summary>
internal static class TrainerOptions
{
    /// <exception cref="ArgumentException">A member is unknown or of the wrong kind; the message names what is allowed.</exception>
    public static T Read<T>(string model, string? json, JsonTypeInfo<T> type)
        where T : class, new()
    {
        if (string.IsNullOrWhiteSpace(json)) return new T();
        JsonObject given;
        try
        {
            given = JsonNode.Parse(json) as JsonObject ?? throw new ArgumentException($"{model}: options must be a JSON object such as {{ {Example(type)} }}.");
        }
        catch (JsonException failure)
        {
            throw new ArgumentException($"{model}: options are not valid JSON ({failure.Message}).", failure);
        }

        // Laid over the defaults: generated readers set every init-only member, those that the JSON leaves out to zero.
        var whole = JsonSerializer.SerializeToNode(new T(), type)!.AsObject();
        foreach (var (name, value) in given)
        {
            Check(model, name, value, type);
            whole[name] = value!.DeepClone();
        }

        return whole.Deserialize(type)!;
    }

    public static IReadOnlyList<string> Names(JsonTypeInfo type) => [.. type.Properties.Select(property => property.Name)];

    /// <summary>Tries each member alone, so that the message can say which one is wrong and what it takes.</summary>
    private static void Check(string model, string name, JsonNode? value, JsonTypeInfo type)
    {
        var property = type.Properties.FirstOrDefault(p => p.Name == name)
            ?? throw new ArgumentException($"{model} has no option '{name}'. Its options are: {string.Join(", ", Names(type))}.");
        try
        {
            _ = JsonSerializer.Deserialize(value, type.Options.GetTypeInfo(property.PropertyType)) ?? throw new JsonException();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new ArgumentException($"{model}: {name} takes {Describe(property.PropertyType, type.Options)}, not {value?.ToJsonString() ?? "null"}.", failure);
        }
    }

    private static string Describe(Type type, JsonSerializerOptions options) =>
        type == typeof(int) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type == typeof(bool) ? "true or false"
        : type == typeof(string) ? "a text"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetValuesAsUnderlyingType(type).Cast<int>().Select(value => JsonSerializer.Serialize(Enum.ToObject(type, value), options.GetTypeInfo(type))))}"
        : type == typeof(IReadOnlyList<double>) ? "a list of numbers, such as [1, 0.5]"
        : type == typeof(IReadOnlyDictionary<string, double>) ? "an object of numbers by name, such as {\"brand\": 2}"
        : type == typeof(HybridMember) ? "the name of a model, or an object such as {\"model\": \"als\", \"options\": {\"factors\": 64}}"
        : type == typeof(IReadOnlyList<HybridMember>) ? "a list of models, such as [\"itemknn\", {\"model\": \"als\", \"options\": {\"factors\": 64}}]"
        : throw new NotSupportedException($"Say what an option of type {type} takes.");

    private static string Example(JsonTypeInfo type) => $"\"{type.Properties[0].Name}\": …";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true)]

// Popularity
[JsonSerializable(typeof(PopularityOptions))]
[JsonSerializable(typeof(CoPurchaseOptions))]
[JsonSerializable(typeof(TrendingOptions))]
[JsonSerializable(typeof(SegmentPopularityOptions))]

// Neighbours
[JsonSerializable(typeof(ItemNeighboursOptions))]
[JsonSerializable(typeof(UserNeighboursOptions))]

// Linear
[JsonSerializable(typeof(Rp3BetaOptions))]
[JsonSerializable(typeof(SpectralOptions))]
[JsonSerializable(typeof(EaseOptions))]
[JsonSerializable(typeof(SlimOptions))]
[JsonSerializable(typeof(SparseEaseOptions))]

// Factorisation
[JsonSerializable(typeof(AlsOptions))]
[JsonSerializable(typeof(BiasedMfOptions))]
[JsonSerializable(typeof(SvdPlusPlusOptions))]
[JsonSerializable(typeof(FactorisationMachineOptions))]
[JsonSerializable(typeof(TruncatedSvdOptions))]
[JsonSerializable(typeof(BprOptions))]
[JsonSerializable(typeof(WarpOptions))]
[JsonSerializable(typeof(LogisticMfOptions))]

// Graph
[JsonSerializable(typeof(LightGcnOptions))]
[JsonSerializable(typeof(GraphSoftmaxOptions))]
[JsonSerializable(typeof(UltraGcnOptions))]

// Sessions
[JsonSerializable(typeof(SessionKnnOptions))]
[JsonSerializable(typeof(MarkovOptions))]
[JsonSerializable(typeof(ItemTransitionOptions))]
[JsonSerializable(typeof(SequentialRulesOptions))]
[JsonSerializable(typeof(SessionBlendOptions))]
[JsonSerializable(typeof(SessionRankerOptions))]
[JsonSerializable(typeof(RepeatPurchaseOptions))]

// Content
[JsonSerializable(typeof(ContentTextOptions))]
[JsonSerializable(typeof(ContentAttributesOptions))]
[JsonSerializable(typeof(ContentEmbeddingsOptions))]
[JsonSerializable(typeof(ContentVectorsOptions))]

// Autoencoders
[JsonSerializable(typeof(MultDaeOptions))]
[JsonSerializable(typeof(MultVaeOptions))]
[JsonSerializable(typeof(RecVaeOptions))]

// Interaction
[JsonSerializable(typeof(NeuMfOptions))]
[JsonSerializable(typeof(TwoTowerOptions))]
[JsonSerializable(typeof(DinOptions))]
[JsonSerializable(typeof(ClickOptions))]

// Hybrid
[JsonSerializable(typeof(EnsembleOptions))]
[JsonSerializable(typeof(SwitchingOptions))]
[JsonSerializable(typeof(FeatureAugmentedOptions))]

// Sequential
[JsonSerializable(typeof(Gru4RecOptions))]
[JsonSerializable(typeof(CaserOptions))]

// Transformer
[JsonSerializable(typeof(SasRecOptions))]
[JsonSerializable(typeof(Bert4RecOptions))]
[JsonSerializable(typeof(BehaviourTransformerOptions))]

// Generative
[JsonSerializable(typeof(CfganOptions))]
[JsonSerializable(typeof(BehaviourGeneratorOptions))]
internal sealed partial class TrainerOptionsJson : JsonSerializerContext;
