using System.Text.Json.Serialization;

namespace Aisle.Engine.Ranking;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RankerReport))]
internal sealed partial class RankerJson : JsonSerializerContext;
