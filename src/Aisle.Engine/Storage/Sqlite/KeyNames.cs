namespace Aisle.Engine.Storage.Sqlite;

/// <summary>
/// Names of the small integer keys that stand for users (or items) in event rows, shared by all readers: a scan of a million events makes
/// one string a user, not one an event. Holds committed keys only, because a key that was rolled back is given to another name later.
/// </summary>
internal sealed class KeyNames(string table)
{
    /// <summary>Keys beyond it are read from the table each time; the names below take about 100 bytes each.</summary>
    private const int Capacity = 4_000_000;

    private readonly string _select = $"SELECT id FROM {table} WHERE key = ?1";
    private readonly Lock _growing = new();
    private volatile string?[] _names = new string?[1024];

    public string Get(SqliteSession session, long key)
    {
        var names = this._names;
        if (key < names.Length && names[key] is { } known) return known;

        var statement = session.Prepare(this._select);
        statement.Bind(1, key);
        if (!statement.Step()) throw new StoreException($"The store is damaged: an event names {table} {key}, which is missing. Restore it from a backup.");
        var name = statement.Text(0);
        statement.Reset();
        this.Add(key, name);
        return name;
    }

    public void Add(long key, string name)
    {
        if (key >= Capacity) return;
        lock (this._growing)
        {
            if (key >= this._names.Length)
            {
                var longer = this._names;
                Array.Resize(ref longer, (int)Math.Min(Capacity, Math.Max(key + 1, 2L * longer.Length)));
                this._names = longer;
            }

            this._names[key] = name;
        }
    }
}
