using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning;

/// <summary>What a format needs while it reads a file: the file, the shop's state as it is, and where counts, rejects and progress go.</summary>
internal sealed class ImportRun
{
    private readonly IProgress<ImportStep>? _progress;
    private (string Name, double From, double To) _stage;

    public ImportRun(ImportRequest request, ShopStores stores, DateTimeOffset now, IProgress<ImportStep>? progress, CancellationToken cancellation)
    {
        this.Request = request;
        this.Stores = stores;
        this.Now = now;
        this.Cancellation = cancellation;
        this._progress = progress;
    }

    public ImportRequest Request { get; }

    public string Format => this.Request.Format;

    public IReadOnlyDictionary<string, string> Columns => this.Request.Columns;

    public ShopStores Stores { get; }

    public DateTimeOffset Now { get; }

    public CancellationToken Cancellation { get; }

    public ImportTally Tally { get; } = new();

    /// <summary>Null while the file is only checked, and where no rejects file is wanted.</summary>
    public RejectsFile? Rejects { get; set; }

    public void Reject(long line, RowProblem problem, ReadOnlySpan<byte> row)
    {
        this.Tally.Reject(problem.Reason);
        this.Rejects?.Add(line, problem, row);
    }

    /// <summary>Names what is done from here on and which part of the whole import it is.</summary>
    public void Begin(string stage, double from, double to)
    {
        this._stage = (stage, from, to);
        this.At(0);
    }

    /// <summary>How far the stage is, 0 to 1.</summary>
    public void At(double fraction) =>
        this._progress?.Report(new ImportStep(this._stage.Name, this._stage.From + (this._stage.To - this._stage.From) * Math.Clamp(fraction, 0, 1)));
}

/// <summary>The stores that an import writes to and looks things up in.</summary>
internal sealed record ShopStores(IEventStore Events, ICatalogStore Catalogue, IUserStore Users);
