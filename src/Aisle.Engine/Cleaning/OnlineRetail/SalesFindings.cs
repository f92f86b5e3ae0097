namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>Counts the dirt of each readable row before any rule leaves rows out, so that the report can be held against what is known of a file.</summary>
internal static class SalesFindings
{
    public static void Count(ImportTally tally, SalesRows row, bool isNew)
    {
        row.Product.SawCode(row.Code);
        if (!isNew) tally.Found("exact_duplicates");
        if (row.Customer is null) tally.Found("rows_without_customer");
        if (row.Title.IsEmpty) tally.Found("rows_without_title");
        else if (row.HasSpacesAroundTitle) tally.Found("titles_with_outer_spaces");
        if (row.Code[^1] is >= (byte)'a' and <= (byte)'z') tally.Found("codes_in_lower_case");
        if (!row.Product.IsProduct) tally.Found("non_product_rows");
        if (row.IsCancellation) tally.Found("cancellation_rows");
        if (row.Quantity < 0)
        {
            tally.Found("negative_quantity");
            if (!row.IsCancellation) tally.Found("negative_quantity_without_cancellation");
        }

        if (row.Quantity == 0) tally.Found("zero_quantity");
        if (row.Price < 0) tally.Found("negative_price");
        if (row.Price == 0) tally.Found("zero_price");
    }
}
