using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aisle.Engine.Recommending;

/// <summary>What a placement asks for, by its word: the name of a pipeline. Those named here come with Aisle; a shop adds its own.</summary>
[JsonConverter(typeof(ScenarioJson))]
public readonly record struct Scenario(string Name)
{
    public static Scenario RecommendedForYou { get; } = new("recommended-for-you");

    public static Scenario Similar { get; } = new("similar");

    public static Scenario BoughtTogether { get; } = new("bought-together");

    public static Scenario BestSellers { get; } = new("best-sellers");

    public static Scenario Trending { get; } = new("trending");

    public static Scenario NewArrivals { get; } = new("new-arrivals");

    public static Scenario RecentlyViewed { get; } = new("recently-viewed");

    public static Scenario Category { get; } = new("category");

    public static Scenario Cart { get; } = new("cart");

    public static Scenario FreeShipping { get; } = new("free-shipping");

    public override string ToString() => this.Name;

    private sealed class ScenarioJson : JsonConverter<Scenario>
    {
        public override Scenario Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetString() ?? throw new JsonException("A scenario is a word."));

        public override void Write(Utf8JsonWriter writer, Scenario value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
    }
}
