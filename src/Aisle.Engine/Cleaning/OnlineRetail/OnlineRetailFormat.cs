using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>
/// Sales lines of a shop's till and web shop, with the dirt of a real export. Read three times: to check the rows and learn what is
/// usual; to match cancellations with purchases; to hand out the events. The policy is explained in docs/import.md.
/// </summary>
internal sealed class OnlineRetailFormat(SourceFile file) : IImportFormat
{
    private const int RowsBetweenReports = 8192;

    private readonly SalesBooks _books = new();
    private readonly Plausibility _plausibility = new();
    private readonly Cancellations _cancellations = new();

    public void Survey(ImportRun run)
    {
        var audit = new RowAudit(file.Name);
        run.Begin("checking", 0.05, 0.12);
        foreach (var row in this.Rows(run))
        {
            audit.Add(row.Line, row.Problem);
            if (row.Problem is not null || !row.Product.IsProduct) continue;
            if (row.IsCancellation)
            {
                if (row.Customer is { } customer && row.Quantity < 0) this._cancellations.Expect(customer, row.Product);
            }
            else if (row is { Quantity: > 0, Price: > 0 })
            {
                this._plausibility.AddSale(row.Quantity, row.Product.Prices, row.Price);
                row.Customer?.Pace.Add(row.Time, row.Invoice);
            }
        }

        audit.Finish(file);
        if (this._cancellations.Any) this.SettleCancellations(run);
    }

    public IEnumerable<Event> Clean(ImportRun run)
    {
        var repeats = new RepeatedRows();
        foreach (var row in this.Rows(run))
        {
            run.Tally.RowsRead++;
            var problem = row.Problem;
            Event? kept = null;
            if (problem is null)
            {
                var isNew = repeats.IsNew(row.Content(), row.Wording(), out var identity);
                SalesFindings.Count(run.Tally, row, isNew);
                if (!isNew)
                {
                    run.Tally.RepeatedRows++;
                    continue;
                }

                row.Customer?.SeenIn(row.Country, row.Time);
                problem = this.Judge(row) ?? this.Build(row, EventId.FromContent(row.Time, identity), run.Now, out kept);
            }

            if (problem is not null)
            {
                run.Reject(row.Line, problem, row.Raw);
                continue;
            }

            Learn(row, run.Tally);
            yield return kept!;
        }

        this.Summarise(run.Tally);
    }

    public IEnumerable<Item> Items(ImportRun run)
    {
        foreach (var product in this._books.Products)
            if (product.Sales > 0 && SalesCatalogue.ItemOf(product, run.Stores.Catalogue) is { } item) yield return item;
    }

    public IEnumerable<User> Users(ImportRun run)
    {
        foreach (var customer in this._books.Customers)
        {
            var known = run.Stores.Users.Find(customer.Id);
            if (known is not null && (customer.Country is null || known.Attributes.GetValueOrDefault("country") == customer.Country)) continue;
            var attributes = known?.Attributes.ToDictionary() ?? [];
            if (customer.Country is { } country) attributes["country"] = country;
            yield return new User { Id = customer.Id, Attributes = attributes };
        }
    }

    private IEnumerable<SalesRows> Rows(ImportRun run)
    {
        using var rows = new SalesRows(run, file, this._books);
        for (var read = 0; rows.Read(); read++)
        {
            if (read % RowsBetweenReports == 0) run.At(rows.Fraction);
            yield return rows;
        }
    }

    private void SettleCancellations(ImportRun run)
    {
        run.Begin("matching cancellations", 0.12, 0.2);
        var repeats = new RepeatedRows();
        foreach (var row in this.Rows(run))
        {
            if (row.Problem is not null || !this._cancellations.Concern(row) || JudgeForm(row) is not null) continue;
            if (!repeats.IsNew(row.Content(), row.Wording(), out var identity)) continue;
            var id = EventId.FromContent(row.Time, identity);
            if (row.IsCancellation) this._cancellations.AddCancellation(row, id);
            else if (JudgeUser(row) is null) this._cancellations.AddPurchase(row, id, wholeOnly: this.JudgeSize(row) is not null);
        }

        this._cancellations.Settle(run.Stores.Events);
    }

    /// <summary>The first rule of cleaning that the row breaks, or null.</summary>
    private RowProblem? Judge(SalesRows row)
    {
        if (JudgeForm(row) is { } problem) return problem;
        if (row.IsCancellation) return this._cancellations.TryGetBasket(row.Line, out _) ? null : SalesProblems.CancellationUnmatched;
        return JudgeUser(row) ?? (this._cancellations.IsTakenBackWhole(row.Line) ? null : this.JudgeSize(row));
    }

    private static RowProblem? JudgeForm(SalesRows row)
    {
        if (!row.Product.IsProduct) return SalesProblems.NotAProduct;
        if (row.Quantity == 0) return SalesProblems.ZeroQuantity;
        if (row.IsCancellation) return row.Quantity > 0 ? SalesProblems.CancellationNotNegative : row.Price < 0 ? SalesProblems.NegativePrice : null;
        if (row.Quantity < 0) return SalesProblems.NegativeQuantity;
        return row.Price < 0 ? SalesProblems.NegativePrice : row.Price == 0 ? SalesProblems.ZeroPrice : null;
    }

    private static RowProblem? JudgeUser(SalesRows row) => row.Customer?.Pace.IsBotLikeOn(row.Time) == true ? RowProblem.BotLike : null;

    private RowProblem? JudgeSize(SalesRows row) => this._plausibility.Check(row.Quantity, row.Product.Prices, row.Price);

    private RowProblem? Build(SalesRows row, EventId id, DateTimeOffset now, out Event? built)
    {
        var basket = row.Invoice;
        if (row.IsCancellation && this._cancellations.TryGetBasket(row.Line, out var cancelled)) basket = cancelled ?? row.Invoice;
        built = new Event
        {
            Id = id,
            Type = row.IsCancellation ? EventType.Return : EventType.Purchase,
            User = row.Customer?.Id,
            Item = new ItemId(row.Product.Id),
            Time = row.Time,
            Quantity = Math.Abs(row.Quantity),
            Price = row.Price,
            Basket = basket,
        };
        return EventRules.Check(built, now) is { } broken ? new RowProblem($"bad-{broken.Field}", broken.Field, broken.Message) : null;
    }

    private static void Learn(SalesRows row, ImportTally tally)
    {
        if (row.IsCancellation) tally.Found("cancellations_matched");
        else row.Product.Sold(row.Time, row.Title);
        if (row.Customer is null) tally.Found("anonymous_events");
    }

    private void Summarise(ImportTally tally)
    {
        var sold = this._books.Products.Where(product => product.Sales > 0).ToList();
        tally.Items = sold.Count;
        tally.Users = this._books.Customers.Count;
        tally.Found("titles_resolved", sold.Count(product => product.HasConflict));
        tally.Found("codes_in_two_cases", this._books.Products.Count(product => product is { SeenAsIs: true, SeenInOtherCase: true }));
    }
}
