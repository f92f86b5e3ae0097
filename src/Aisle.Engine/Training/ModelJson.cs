using System.Text.Json.Serialization;

namespace Aisle.Engine.Training;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(TrainingReport))]
internal sealed partial class ModelJson : JsonSerializerContext;
