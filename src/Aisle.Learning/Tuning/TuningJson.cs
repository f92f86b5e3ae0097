using System.Text.Json.Serialization;

namespace Aisle.Learning.Tuning;

/// <summary>Reads and writes what a search has found so far.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TuningState))]
[JsonSerializable(typeof(double))]
internal sealed partial class TuningJson : JsonSerializerContext;
