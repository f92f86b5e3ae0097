namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>Why cleaning leaves out a sales line that can be read.</summary>
internal static class SalesProblems
{
    public static readonly RowProblem NotAProduct = new(
        "not-a-product", "StockCode", "The stock code stands for postage, a fee, a voucher or a correction, not for a product.");

    public static readonly RowProblem ZeroQuantity = new("zero-quantity", "Quantity", "Nothing was sold.");

    public static readonly RowProblem NegativeQuantity = new(
        "negative-quantity", "Quantity", "Less than nothing was sold, and the invoice is no cancellation: stock written off.");

    public static readonly RowProblem ZeroPrice = new("zero-price", "UnitPrice", "Nothing was paid: a gift, a sample or a correction of stock.");

    public static readonly RowProblem NegativePrice = new("negative-price", "UnitPrice", "A price must not be negative: a correction of accounts.");

    public static readonly RowProblem CancellationNotNegative = new(
        "cancellation-not-negative", "Quantity", "A cancellation (invoice C…) must have a negative quantity.");

    public static readonly RowProblem CancellationUnmatched = new(
        "cancellation-unmatched", "InvoiceNo", "No earlier purchase of this product by this customer has as much left to take back.");
}
