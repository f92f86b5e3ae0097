namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>Products, customers and countries that occur in the file: what memory grows with.</summary>
internal sealed class SalesBooks
{
    private const int MostCountries = 1000;

    private readonly Dictionary<string, Product> _products = new(Utf8Keys.Comparer);
    private readonly Dictionary<string, Customer> _customers = new(Utf8Keys.Comparer);
    private readonly Utf8Pool _countries = new(MostCountries);

    public IReadOnlyCollection<Product> Products => this._products.Values;

    public IReadOnlyCollection<Customer> Customers => this._customers.Values;

    public Product ProductOf(ReadOnlySpan<byte> code)
    {
        Span<byte> buffer = stackalloc byte[code.Length];
        var normalised = StockCodes.Normalise(code, buffer);
        var lookup = this._products.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(normalised, out var product)) return product;
        product = new Product(Utf8Keys.Comparer.Create(normalised));
        this._products.Add(product.Id, product);
        return product;
    }

    public Customer CustomerOf(ReadOnlySpan<byte> id)
    {
        var lookup = this._customers.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(id, out var customer)) return customer;
        customer = new Customer(Utf8Keys.Comparer.Create(id));
        this._customers.Add(customer.Id.Value, customer);
        return customer;
    }

    /// <summary>Null where the file does not tell; Ireland where it says EIRE.</summary>
    public string? CountryOf(ReadOnlySpan<byte> text) =>
        text.IsEmpty || text.SequenceEqual("Unspecified"u8) ? null
        : text.SequenceEqual("EIRE"u8) ? "Ireland"
        : this._countries.Get(text);
}
