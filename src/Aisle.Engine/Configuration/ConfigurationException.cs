namespace Aisle.Engine.Configuration;

/// <summary>Why a document of settings cannot be taken: what is wrong, where, and what is allowed.</summary>
public sealed class ConfigurationException : Exception
{
    /// <param name="problem">A sentence that names the setting, what is wrong and what is allowed.</param>
    /// <param name="line">From 1.</param>
    /// <param name="column">From 1.</param>
    internal ConfigurationException(string problem, long line, long column, Exception? inner = null)
        : base($"{problem} (line {line}, column {column})", inner)
    {
        this.Problem = problem;
        this.Line = line;
        this.Column = column;
    }

    public string Problem { get; }

    public long Line { get; }

    public long Column { get; }
}
