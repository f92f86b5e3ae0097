using System.Runtime.InteropServices;

namespace Aisle.Engine.Cleaning;

/// <summary>The counters behind the report. Rows are counted by the reading task, stored events by the storing one.</summary>
internal sealed class ImportTally
{
    private readonly Dictionary<string, long> _rejected = [];
    private readonly Dictionary<string, long> _found = [];

    public long RowsRead { get; set; }

    public long RepeatedRows { get; set; }

    public long EventsStored { get; set; }

    public long KnownEvents { get; set; }

    public long Users { get; set; }

    public long Items { get; set; }

    public long ItemsChanged { get; set; }

    public void Reject(string reason) => CollectionsMarshal.GetValueRefOrAddDefault(this._rejected, reason, out _)++;

    public void Found(string what, long count = 1) => CollectionsMarshal.GetValueRefOrAddDefault(this._found, what, out _) += count;

    public ImportReport Report(string format, double seconds, string? rejectsPath) => new()
    {
        Format = format,
        RowsRead = this.RowsRead,
        EventsStored = this.EventsStored,
        RepeatedRows = this.RepeatedRows,
        KnownEvents = this.KnownEvents,
        Users = this.Users,
        Items = this.Items,
        ItemsChanged = this.ItemsChanged,
        Rejected = this._rejected.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(),
        Found = this._found.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(),
        Seconds = seconds,
        RejectsPath = rejectsPath,
    };
}
