namespace Aisle.Server.Console;

/// <summary>Names the texts about families of models: by name the readable name, by <c>name.about</c> a sentence of what it does.</summary>
internal sealed class ModelText;
