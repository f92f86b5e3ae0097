using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning;

/// <summary>
/// One file format. The file is read at least twice: <see cref="Survey"/> reads all of it before anything is written, so that a file that
/// cannot be imported leaves the store as it was, and gathers what cleaning must know beforehand; <see cref="Clean"/> then hands out
/// the events one by one.
/// </summary>
internal interface IImportFormat
{
    /// <exception cref="ImportException">The file cannot be imported.</exception>
    void Survey(ImportRun run);

    /// <summary>The events that are kept, in the order of the file; rows left out are counted and written to the rejects file.</summary>
    IEnumerable<Event> Clean(ImportRun run);

    /// <summary>Catalogue items that the file tells of; asked for when <see cref="Clean"/> has been read to its end.</summary>
    IEnumerable<Item> Items(ImportRun run);

    /// <summary>Shoppers of whom the file tells more than their events do; asked for when <see cref="Clean"/> has been read to its end.</summary>
    IEnumerable<User> Users(ImportRun run);
}
