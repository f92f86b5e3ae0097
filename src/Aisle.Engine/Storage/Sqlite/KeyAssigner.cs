namespace Aisle.Engine.Storage.Sqlite;

/// <summary>
/// Gives users (or items) their integer keys while events are appended, and remembers them. Used by the writer only, inside its transaction.
/// </summary>
internal sealed class KeyAssigner(KeyNames names, string find, string insert, string? mark = null)
{
    /// <summary>Names remembered between transactions; beyond it all are forgotten and found in the table again.</summary>
    private const int Capacity = 1_000_000;

    private readonly Dictionary<string, long> _keys = [];
    private readonly List<(string Name, long Key)> _found = [];

    /// <summary>How many names appear in events for the first time in this transaction.</summary>
    public int Added { get; private set; }

    public static KeyAssigner ForUsers(KeyNames names) => new(
        names,
        find: "SELECT key, in_events FROM user WHERE id = ?1",
        insert: "INSERT INTO user (id, in_events) VALUES (?1, 1)",
        mark: "UPDATE user SET in_events = 1 WHERE key = ?1");

    public static KeyAssigner ForItems(KeyNames names) => new(
        names,
        find: "SELECT key, 1 FROM event_item WHERE id = ?1",
        insert: "INSERT INTO event_item (id) VALUES (?1)");

    /// <summary>True where there is nothing to look up: the key is remembered, or the event has no such name (and so no key).</summary>
    public bool TryGet(string? name, out long? key)
    {
        key = null;
        if (name is null) return true;
        if (!this._keys.TryGetValue(name, out var known)) return false;
        key = known;
        return true;
    }

    /// <summary>Finds the key of a name that is not remembered, or makes one.</summary>
    public long Add(SqliteSession session, string name)
    {
        var key = this.FindOrInsert(session, name);
        this._keys.Add(name, key);
        this._found.Add((name, key));
        return key;
    }

    public void Committed()
    {
        foreach (var (name, key) in this._found) names.Add(key, name);
        if (this._keys.Count > Capacity) this._keys.Clear();
        this.Begin();
    }

    public void RolledBack()
    {
        foreach (var (name, _) in this._found) this._keys.Remove(name);
        this.Begin();
    }

    private void Begin()
    {
        this._found.Clear();
        this.Added = 0;
    }

    private long FindOrInsert(SqliteSession session, string name)
    {
        var statement = session.Prepare(find);
        statement.Bind(1, name);
        if (statement.Step())
        {
            var (key, inEvents) = (statement.Integer(0), statement.Integer(1));
            statement.Reset();
            if (inEvents == 1) return key;

            var marking = session.Prepare(mark!);
            marking.Bind(1, key);
            marking.Execute();
            this.Added++;
            return key;
        }

        this.Added++;
        var inserting = session.Prepare(insert);
        inserting.Bind(1, name);
        return inserting.Insert();
    }
}
