namespace Aisle.Learning.Data;

/// <summary>
/// What a file tells of items or of users: words about each, and attributes. Its ids are those of the data set's files; rows are brought into
/// the data set's numbering by <see cref="AddTo(Split)"/>.
/// </summary>
/// <remarks>
/// A table with a header: one column is the id (named id, item, user and the like, else the first); of items, title, description and text
/// are words about them; every other column is an attribute, several values of one cell standing between |. Columns of many different
/// numbers become bands. Or JSON: <c>{"17": [4, 9]}</c>, values of one attribute by id, or <c>{"17": {"title": "Mug", "colour": ["red", "blue"]}}</c>.
/// </remarks>
public sealed class ContentTable
{
    private readonly string _name;
    private readonly bool _ofUsers;
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly List<List<ContentCell>> _cells = [];
    private bool _hasTexts;
    private bool _hasAttributes;

    private ContentTable(string name, bool ofUsers)
    {
        this._name = name;
        this._ofUsers = ofUsers;
    }

    public int Count => this._rows.Count;

    /// <exception cref="FormatException">The text is no such table; the message names the line, what is wrong and what is allowed.</exception>
    public static ContentTable OfItems(NamedText text) => Read(text, ofUsers: false);

    /// <inheritdoc cref="OfItems"/>
    public static ContentTable OfUsers(NamedText text) => Read(text, ofUsers: true);

    /// <summary>The split with what the file tells of the items or users of its training data, and a note of rows that met nothing.</summary>
    /// <exception cref="FormatException">No id of the file stands in the data.</exception>
    public Split AddTo(Split split)
    {
        var ids = this._ofUsers ? split.Ids?.Users : split.Ids?.Items;
        var train = split.Train.Interactions;
        var places = ids is null
            ? ContentIds.Places(this._rows, this._ofUsers ? train.Users : train.Items)
            : ContentIds.Places(this._rows, ids);
        var told = places.Count(place => place >= 0);
        if (told == 0) throw new FormatException($"{this._name}: none of its {this.Count} ids stands in the data. It begins with {ContentIds.Few(this._rows.Keys)}, the data with {ContentIds.Few(ids ?? [.. Enumerable.Range(0, Math.Min(places.Length, 3)).Select(ContentIds.Word)])}; give the ids as the data files write them.");
        var what = this._ofUsers ? "users" : "items";
        var notes = new List<string>(split.Notes);
        if (told < this.Count) notes.Add($"{this._name}: {this.Count - told} of its {this.Count} {what} are not in the data and are left out.");
        if (told < places.Length) notes.Add($"{this._name}: {places.Length - told} of {places.Length} {what} of the data have no row in it, so that nothing is known of them but behaviour.");
        return split with { Train = this.AddTo(split.Train, places), Full = split.Full is null ? null : this.AddTo(split.Full, places), Notes = notes };
    }

    /// <param name="places">Of each item or user of the data its row here; −1 where there is none.</param>
    private Dataset AddTo(Dataset data, int[] places)
    {
        var attributes = this._hasAttributes ? this.AttributesOf(places) : null;
        return this._ofUsers
            ? data with { UserAttributes = attributes ?? data.UserAttributes }
            : data with
            {
                ItemTexts = this._hasTexts ? Array.ConvertAll(places, place => place < 0 ? "" : this._texts[place]) : data.ItemTexts,
                ItemAttributes = attributes ?? data.ItemAttributes,
            };
    }

    /// <summary>Bands are those of all rows of the file, so that they do not depend on how the data is divided.</summary>
    private Attributes AttributesOf(int[] places)
    {
        var columns = this._cells.SelectMany(row => row).ToLookup(cell => cell.Field);
        var bands = columns
            .Where(column => column.All(cell => !cell.IsList))
            .ToDictionary(column => column.Key, column => NumberBands.Of(column.Key, [.. column.Select(cell => cell.Word)]));
        return Attributes.From(places.Select(place => place < 0 ? [] : this._cells[place].Select(cell => (cell.Field, bands.GetValueOrDefault(cell.Field)?.GetValueOrDefault(cell.Word) ?? cell.Word))));
    }

    private static ContentTable Read(NamedText text, bool ofUsers)
    {
        var table = new ContentTable(text.Name, ofUsers);
        var rows = text.Reader.Peek() == '{' ? ContentRows.OfJson(text) : ContentRows.OfTable(text, ofUsers);
        foreach (var row in rows)
        {
            if (!table._rows.TryAdd(row.Id, table._rows.Count)) throw row.Wrong($"the id '{DelimitedRows.Shown(row.Id)}' stands in an earlier row already; give each id one row");
            table.Add(row.Cells);
        }

        return table.Count > 0 ? table : throw new FormatException($"{text.Name} has no rows; give one for each of the {(ofUsers ? "users" : "items")} that something is known of.");
    }

    private void Add(List<ContentCell> cells)
    {
        var words = this._ofUsers ? [] : cells.Where(cell => ContentRows.IsText(cell.Field)).ToList();

        // A title stands twice: it weighs more than the description.
        var text = words.Where(cell => ContentRows.IsTitle(cell.Field)).Concat(words).Select(cell => cell.Word);
        this._texts.Add(string.Join('\n', text));
        this._cells.Add([.. cells.Except(words).Where(cell => cell.Word.Length > 0)]);
        this._hasTexts |= words.Count > 0;
        this._hasAttributes |= cells.Count > words.Count;
    }
}

/// <summary>Ids of a table against those of the data.</summary>
internal static class ContentIds
{
    public static int[] Places(Dictionary<string, int> rows, IReadOnlyList<string> ids) => [.. ids.Select(id => rows.GetValueOrDefault(id, -1))];

    /// <summary>Where the indices are the ids.</summary>
    public static int[] Places(Dictionary<string, int> rows, int count) => [.. Enumerable.Range(0, count).Select(index => rows.GetValueOrDefault(Word(index), -1))];

    public static string Word(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static string Few(IEnumerable<string> ids) => string.Join(", ", ids.Take(3).Select(id => $"'{DelimitedRows.Shown(id)}'"));
}
