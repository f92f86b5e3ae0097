namespace Aisle.Engine.Storage;

/// <summary>The store cannot do what it was asked. The message says what is wrong and what to do next; it can be shown to the operator as it is.</summary>
public sealed class StoreException(string message, Exception? innerException = null) : Exception(message, innerException);
