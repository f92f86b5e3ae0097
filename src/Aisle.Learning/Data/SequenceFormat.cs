using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>
/// A line per user: the user's id, then the items in the order of time. Without a test file the last item of each user is the test and
/// the last but one validation; users with fewer than three items only train. With one, its items follow those of the training
/// file. Whatever a user has touched before is no candidate. Ids are numbered from 0, or from 1 where no id is 0.
/// </summary>
internal static class SequenceFormat
{
    private const string Layout = "A line of the sequence format is: user item item …";

    public static Split Read(SplitTexts texts)
    {
        if (texts.Test is null && texts.Validation is not null)
            throw new ArgumentException("The sequence format takes a validation file beside a test file only; without both, the last items of each user are validation and test.");
        var lines = Lines(texts.Train);
        var validationLines = texts.Validation is null ? [] : Lines(texts.Validation);
        var testLines = texts.Test is null ? [] : Lines(texts.Test);
        var all = lines.Concat(validationLines).Concat(testLines).ToList();
        var users = IdNumbering.Of(all.Select(ids => ids[0]));
        var items = IdNumbering.Of(all.SelectMany(ids => ids.Skip(1)));
        var rows = Rows(lines, users, items);
        var ids = IdNumbering.Ids(users, items);
        if (texts.Test is null) return LeaveTwoOut(rows, items.Count) with { Ids = ids };

        var validation = texts.Validation is null ? null : Rows(validationLines, users, items);
        var before = validation is null ? rows : [.. rows.Zip(validation, (row, later) => (int[])[.. row, .. later])];
        return new Split(
            Data(rows, items.Count),
            validation is null ? null : Cases(rows, validation, items.Count),
            Cases(before, Rows(testLines, users, items), items.Count),
            validation is null ? null : Data(before, items.Count))
        {
            Ids = ids,
        };
    }

    private static Split LeaveTwoOut(List<int[]> rows, int items)
    {
        var train = rows.ConvertAll(row => row.Length < 3 ? row : row[..^2]);
        var full = rows.ConvertAll(row => row.Length < 3 ? row : row[..^1]);
        return new Split(
            Data(train, items),
            Cases(train, rows.ConvertAll(row => row.Length < 3 ? [] : row[^2..^1]), items),
            Cases(full, rows.ConvertAll(row => row.Length < 3 ? [] : row[^1..]), items),
            Data(full, items));
    }

    private static List<int[]> Lines(NamedText text) => [.. IdLines.Read(text, Layout).Select(line => line.Ids)];

    /// <summary>Items by user; lines of the same user follow one another.</summary>
    private static List<int[]> Rows(List<int[]> lines, IdNumbering users, IdNumbering items)
    {
        var rows = new List<int[]>(Enumerable.Repeat<int[]>([], users.Count));
        foreach (var line in lines)
        {
            var user = line[0] - users.First;
            var more = items.Indices(line[1..]);
            rows[user] = rows[user].Length == 0 ? more : [.. rows[user], .. more];
        }

        return rows;
    }

    private static Dataset Data(List<int[]> rows, int items) => new(Sequences.From(items, rows));

    private static RankingCases Cases(List<int[]> histories, List<int[]> targets, int items) => RankingCases.OfHistories(
        Sequences.From(items, histories),
        Sequences.From(items, targets).ToInteractions(),
        mayRepeat: false);
}
