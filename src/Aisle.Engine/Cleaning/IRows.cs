namespace Aisle.Engine.Cleaning;

/// <summary>A file read row by row, whatever its notation. Spans hold until the next <see cref="Read"/>.</summary>
internal interface IRows : IDisposable
{
    /// <summary>Where the current row starts, from 1.</summary>
    long Line { get; }

    /// <summary>The row as it stands in the file.</summary>
    ReadOnlySpan<byte> Raw { get; }

    /// <summary>What is wrong with the row's form, or null.</summary>
    RowProblem? Problem { get; }

    /// <summary>Share of the file read so far.</summary>
    double Fraction { get; }

    /// <summary>A field of the row as UTF-8 text; empty where it has none.</summary>
    ReadOnlySpan<byte> this[int field] { get; }

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="ImportException">The rest of the file cannot be told apart into rows.</exception>
    bool Read();
}
