namespace Aisle.Engine.Tests.Cleaning.OnlineRetail;

/// <summary>Sales lines in the layout of the UCI file, with as little said as a test needs.</summary>
internal static class SalesText
{
    public const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

    public static string File(params IEnumerable<string> lines) => string.Join('\n', lines.Prepend(Header)) + "\n";

    public static string Line(
        string invoice = "536365", string code = "85123A", string title = "WHITE HANGING HEART", string quantity = "6", string time = "2010-12-01 08:26:00",
        string price = "2.55", string customer = "17850", string country = "United Kingdom") =>
        $"{invoice},{code},{title},{quantity},{time},{price},{customer},{country}";
}
