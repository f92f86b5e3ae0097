namespace Aisle.Learning.Models;

/// <summary>
/// Explains scores that are no sum over the history: an event's contribution is what the score loses when the event is left out. These are
/// shares, not parts: they do not add up to the score.
/// </summary>
internal static class LeaveOneOut
{
    /// <param name="score">Scores of some items for a history of events; −∞ for what is not known.</param>
    public static void Explain(History history, ReadOnlySpan<int> items, Span<float> contributions, Func<int[], int[], float[]> score)
    {
        contributions.Clear();
        var events = history.Items.ToArray();
        var asked = items.ToArray();
        if (events.Length < 2) return;
        var whole = score(events, asked);
        for (var left = 0; left < events.Length; left++)
        {
            var without = score([.. events.AsSpan(0, left), .. events.AsSpan(left + 1)], asked);
            for (var row = 0; row < asked.Length; row++)
            {
                var difference = whole[row] - without[row];
                if (float.IsFinite(difference)) contributions[(row * events.Length) + left] = difference;
            }
        }
    }
}
