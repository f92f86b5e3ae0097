namespace Aisle.Engine.Expressions;

/// <summary>Texts to expressions.</summary>
public static class ExpressionCompiler
{
    /// <param name="expected">What the answer must be; null for any number, text, truth or time.</param>
    /// <exception cref="ExpressionException">The text is not an expression; the only exception for whatever text.</exception>
    public static Expression Compile(string text, ExpressionEnvironment environment, ExpressionType? expected = null) =>
        CodeBuilder.Build(text, environment, expected);
}

/// <summary>Compiled expressions by their text: callers send the same ones with each request. The least recently asked are forgotten.</summary>
public sealed class ExpressionCache(ExpressionEnvironment environment, int capacity = 1000)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];

    // The most recently asked first.
    private readonly LinkedList<Entry> _order = new();

    public ExpressionEnvironment Environment => environment;

    /// <summary>Expressions that are kept, at most the capacity.</summary>
    public int Count
    {
        get
        {
            lock (this._lock) return this._entries.Count;
        }
    }

    /// <exception cref="ExpressionException">The text is not an expression. Such texts are not kept.</exception>
    public Expression Compile(string text, ExpressionType? expected = null)
    {
        var key = new Key(text, expected);
        lock (this._lock)
        {
            if (this._entries.TryGetValue(key, out var found))
            {
                this._order.Remove(found);
                this._order.AddFirst(found);
                return found.Value.Expression;
            }
        }

        var expression = ExpressionCompiler.Compile(text, environment, expected);
        lock (this._lock)
        {
            if (!this._entries.ContainsKey(key)) this._entries.Add(key, this._order.AddFirst(new Entry(key, expression)));
            while (this._entries.Count > capacity)
            {
                this._entries.Remove(this._order.Last!.Value.Key);
                this._order.RemoveLast();
            }
        }

        return expression;
    }

    private readonly record struct Key(string Text, ExpressionType? Expected);

    private sealed record Entry(Key Key, Expression Expression);
}
