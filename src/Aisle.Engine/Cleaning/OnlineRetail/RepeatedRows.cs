namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>
/// Finds rows that say exactly what an earlier row said, and gives every other row an identity of its own: a row that differs only in
/// its wording from one with the same content (a renamed product in one invoice) gets the next number after it.
/// </summary>
/// <remarks>
/// Looks back over the last 2 × 131,072 rows, so that memory does not grow with the file; repeats stand within their invoice. Repeats farther
/// apart are still stored only once, because their event id is the same.
/// </remarks>
internal sealed class RepeatedRows
{
    private const int GenerationSize = 1 << 17;

    private Dictionary<UInt128, UInt128> _young = [];
    private Dictionary<UInt128, UInt128> _old = [];

    /// <returns>False for a repeat.</returns>
    public bool IsNew(UInt128 content, UInt128 wording, out UInt128 identity)
    {
        for (identity = content; this._young.TryGetValue(identity, out var known) || this._old.TryGetValue(identity, out known); identity++)
            if (known == wording) return false;

        if (this._young.Count == GenerationSize)
        {
            (this._young, this._old) = (this._old, this._young);
            this._young.Clear();
        }

        this._young.Add(identity, wording);
        return true;
    }
}
