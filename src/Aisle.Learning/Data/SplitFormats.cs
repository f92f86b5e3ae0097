using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>A text to read and the name to call it by in errors.</summary>
public sealed record NamedText(string Name, TextReader Reader);

/// <summary>The texts of a published split. Which of them a format needs, it says when one is missing.</summary>
public sealed record SplitTexts(NamedText Train, NamedText? Validation = null, NamedText? Test = null);

/// <summary>A data set divided for evaluation.</summary>
/// <param name="Train">What models are fitted on.</param>
/// <param name="Validation">What choices are made by; null where the format has none.</param>
/// <param name="Test">What is measured once, when all choices are made.</param>
/// <param name="Full">Training and validation data together, on which the final model may be fitted when all choices are made; null where there is no such.</param>
public sealed record Split(Dataset Train, RankingCases? Validation, RankingCases Test, Dataset? Full = null);

/// <summary>The layouts of published splits that this program reads: the one list by which their names become readers.</summary>
public static class SplitFormats
{
    public static IReadOnlyList<SplitFormat> All { get; } =
    [
        new("lightgcn", "a line per user: user item item …, ids from 0", LightGcnFormat.Read),
        new("sequence", "the same in time order; without a test file each user's last item is the test, the last but one validation", SequenceFormat.Read, NeedsTest: false),
        new("session", "a line per session: item item …; in test and validation a line per case, whose last item is the one to find", SessionFormat.Read),
    ];

    /// <exception cref="ArgumentException">No format has that name; the message lists those that there are.</exception>
    public static SplitFormat Find(string name) =>
        All.FirstOrDefault(format => format.Name == name)
        ?? throw new ArgumentException($"There is no format '{name}' to evaluate on. The formats are: {string.Join(", ", All.Select(format => format.Name))}.");
}

/// <param name="Layout">The layout in a few words, for help texts.</param>
/// <param name="NeedsTest">False where the format can take the test part from the training file.</param>
/// <param name="Read">
/// Reads the texts. Throws <see cref="ArgumentException"/> where a text is missing and <see cref="FormatException"/>, naming text
/// and line, where one does not have the layout.
/// </param>
public sealed record SplitFormat(string Name, string Layout, Func<SplitTexts, Split> Read, bool NeedsTest = true);
