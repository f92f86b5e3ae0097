namespace Aisle.Engine.Simulation;

/// <summary>
/// How a shopper goes down a list: the dependent click model (Guo, Liu, Wang, "Efficient multiple-click models in web search", WSDM 2009).
/// The list comes into view or not; each place is reached from the one above it, less often after a click.
/// </summary>
internal static class ListAttention
{
    /// <summary>Goes on to the next place where nothing was clicked.</summary>
    public const double GoesOn = 0.88;

    /// <summary>Comes back to the list after a click, and goes on.</summary>
    public const double ComesBack = 0.5;

    /// <summary>Probability of a click on each place of a list in view: reached(k + 1) = reached(k) · ((1 − a(k)) · GoesOn + a(k) · ComesBack).</summary>
    /// <param name="attractions">Probability of a click on what is examined, from the top.</param>
    public static double[] Clicks(ReadOnlySpan<double> attractions)
    {
        var clicks = new double[attractions.Length];
        var reached = 1.0;
        for (var k = 0; k < attractions.Length; k++)
        {
            clicks[k] = reached * attractions[k];
            reached *= ((1 - attractions[k]) * GoesOn) + (attractions[k] * ComesBack);
        }

        return clicks;
    }
}
