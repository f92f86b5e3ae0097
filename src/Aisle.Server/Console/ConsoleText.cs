namespace Aisle.Server.Console;

/// <summary>Names the console's texts: ConsoleText.zh.resx holds the Chinese, the keys are the English.</summary>
internal sealed class ConsoleText;
