namespace Aisle.Engine.Cleaning;

/// <summary>
/// Watches the rows of the first reading for what rejecting single rows would hide: a last line that was only half written, and a file in
/// which no row at all can be read.
/// </summary>
internal sealed class RowAudit(string fileName)
{
    private long _good;
    private (long Line, RowProblem Problem)? _first;
    private (long Line, RowProblem Problem)? _last;

    public void Add(long line, RowProblem? problem)
    {
        if (problem is null)
        {
            this._good++;
            this._last = null;
            return;
        }

        this._last = (line, problem);
        this._first ??= this._last;
    }

    /// <exception cref="ImportException">The last line is half written, or no row could be read.</exception>
    public void Finish(SourceFile file)
    {
        if (this._last is { } last && !file.EndsWithLineBreak)
        {
            throw new ImportException(
                $"{fileName}, line {last.Line}: the last line breaks off{At(last.Problem)}. {last.Problem.Message} "
                + "Nothing was stored. Export the file again, or complete or remove the line.");
        }

        if (this._good == 0 && this._first is { } first)
        {
            throw new ImportException(
                $"{fileName}: no row can be read. The first, line {first.Line}{At(first.Problem)}: {first.Problem.Message} "
                + "Nothing was stored. Check --format and --map.");
        }
    }

    private static string At(RowProblem problem) => problem.Column.Length == 0 ? "" : $", column {problem.Column}";
}
