namespace Aisle.Engine.Cleaning;

/// <summary>A file cannot be imported. The message says what was wrong, what is allowed and the next step; it holds no shopper's data.</summary>
public sealed class ImportException(string message, Exception? innerException = null) : Exception(message, innerException);
