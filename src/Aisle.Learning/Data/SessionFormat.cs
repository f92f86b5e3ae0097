using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>
/// Training: a line per session, its items in the order of time. Test and validation: a line per case; the last item is to be found,
/// those before it are the session so far, and may be suggested again. Items are numbered from 0, or from 1 where no item is 0.
/// </summary>
internal static class SessionFormat
{
    private const string Layout = "A line of the session format is: item item …";

    public static Split Read(SplitTexts texts)
    {
        var test = texts.Test ?? throw new ArgumentException("The session format needs a test file beside the training file.");
        var train = IdLines.Read(texts.Train, Layout).Select(line => line.Ids).ToList();
        var validationCases = texts.Validation is null ? null : Cases(texts.Validation);
        var testCases = Cases(test);
        var numbering = IdNumbering.Of(train.Concat(testCases).Concat(validationCases ?? []).SelectMany(ids => ids));
        return new Split(
            Data(train, numbering),
            validationCases is null ? null : Ranking(validationCases, numbering),
            Ranking(testCases, numbering),
            validationCases is null ? null : Data([.. train, .. validationCases], numbering))
        {
            Ids = numbering.First == 0 ? null : new RawIds([], numbering.Written()),
        };
    }

    private static Dataset Data(List<int[]> sessions, IdNumbering numbering) => new(Sequences.From(numbering.Count, numbering.Indices(sessions)));

    private static List<int[]> Cases(NamedText text)
    {
        var cases = new List<int[]>();
        foreach (var (number, ids) in IdLines.Read(text, Layout))
        {
            if (ids.Length < 2) throw new FormatException($"{text.Name}, line {number}: a case needs at least one item before the one to find.");
            cases.Add(ids);
        }

        return cases;
    }

    private static RankingCases Ranking(List<int[]> cases, IdNumbering numbering)
    {
        var indices = numbering.Indices(cases);
        return RankingCases.OfHistories(
            Sequences.From(numbering.Count, indices.ConvertAll(items => items[..^1])),
            Interactions.From(indices.Count, numbering.Count, [.. Enumerable.Range(0, indices.Count)], [.. indices.Select(items => items[^1])]),
            mayRepeat: true);
    }
}
