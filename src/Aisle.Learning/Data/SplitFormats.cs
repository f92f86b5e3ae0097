using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>A text to read and the name to call it by in errors.</summary>
public sealed record NamedText(string Name, TextReader Reader);

/// <summary>The texts of a published split. Which of them a format needs, it says when one is missing.</summary>
public sealed record SplitTexts(NamedText Train, NamedText? Validation = null, NamedText? Test = null)
{
    /// <summary>The candidates of each test case, where a protocol publishes them.</summary>
    public NamedText? Negatives { get; init; }

    /// <summary>Ratings from here on are what a list should find; lower ones are measured as ratings only. 0: all of them.</summary>
    public double RelevantFrom { get; init; }
}

/// <summary>A data set divided for evaluation.</summary>
/// <param name="Train">What models are fitted on.</param>
/// <param name="Validation">What choices are made by; null where the format has none.</param>
/// <param name="Test">What is measured once, when all choices are made.</param>
/// <param name="Full">Training and validation data together, on which the final model may be fitted when all choices are made; null where there is no such.</param>
public sealed record Split(Dataset Train, RankingCases? Validation, RankingCases Test, Dataset? Full = null)
{
    /// <summary>What the test users said, for models that predict ratings; null where the weights are no ratings.</summary>
    public Interactions? TestRatings { get; init; }

    /// <summary>As <see cref="TestRatings"/>, of the validation part.</summary>
    public Interactions? ValidationRatings { get; init; }

    /// <summary>The ids of the files where they are not the indices themselves.</summary>
    public RawIds? Ids { get; init; }

    /// <summary>What a reader of the figures has to know: who was left out, why a metric misleads.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A data set that is not divided yet. Where it has sequences, what a user touched before may come again and is to be found again.</summary>
/// <param name="HasRatings">Whether weights are ratings, which can be predicted.</param>
/// <param name="Ids">The ids of the file where they are not the indices themselves.</param>
public sealed record WholeData(Dataset Data, bool HasRatings = false, RawIds? Ids = null);

/// <summary>Ids as they stand in the files; the place in a list is the index.</summary>
public sealed record RawIds(IReadOnlyList<string> Users, IReadOnlyList<string> Items);

/// <summary>The layouts of published splits that this program reads: the one list by which their names become readers.</summary>
public static class SplitFormats
{
    public static IReadOnlyList<SplitFormat> All { get; } =
    [
        new("lightgcn", "a line per user: user item item …, ids from 0", LightGcnFormat.Read) { ReadWhole = LightGcnFormat.ReadWhole },
        new("sequence", "the same in time order; without a test file each user's last item is the test, the last but one validation", SequenceFormat.Read, NeedsTest: false),
        new("session", "a line per session: item item …; in test and validation a line per case, whose last item is the one to find", SessionFormat.Read) { NamesUsers = false },
        new("ncf", "a line per interaction: user item rating [time], ids from 0; --negatives holds the candidates of each test case", NcfFormat.Read) { ReadWhole = NcfFormat.ReadWhole },
        new("ratings", "a header, then user,item,rating[,time]; ids may be any text", RatingsFormat.Read) { ReadWhole = RatingsFormat.ReadWhole, ReadEvents = RatingsFormat.ReadEvents },
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
public sealed record SplitFormat(string Name, string Layout, Func<SplitTexts, Split> Read, bool NeedsTest = true)
{
    /// <summary>Whether the files say which user is which, so that something can be told of them.</summary>
    public bool NamesUsers { get; init; } = true;

    /// <summary>Reads one text that is not divided yet; null where the layout is that of a division.</summary>
    public Func<NamedText, WholeData>? ReadWhole { get; init; }

    /// <summary>As <see cref="ReadWhole"/>, with an event for every row, in order and with times, so that what comes again can be told; null where the layout does not say when.</summary>
    public Func<NamedText, WholeData>? ReadEvents { get; init; }
}
