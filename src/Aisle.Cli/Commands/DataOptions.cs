using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;

namespace Aisle.Cli.Commands;

/// <summary>The options that say which data is learned from and how it is divided, for every command that measures models.</summary>
internal sealed class DataOptions
{
    private const int NcfNegatives = 99;
    private const string ContentFile = "a table with a header and a column of ids (several values of one cell between |), or JSON by id; .gz is unpacked";

    private static readonly (string Word, SplitKind Kind)[] Splits =
    [
        ("leave-one-out", SplitKind.LeaveOneOut),
        ("ratio", SplitKind.Ratio),
        ("time", SplitKind.Time),
        ("user-time", SplitKind.UserTime),
        ("strong", SplitKind.Strong),
        ("cold", SplitKind.Cold),
    ];

    private readonly Option<string> _train = new("--train") { Required = true, Description = "Training file; .gz is unpacked." };
    private readonly Option<string?> _valid = new("--valid") { Description = "Validation file: measured too, as valid_…, and no candidates in the test ranking." };
    private readonly Option<string?> _test = new("--test") { Description = "Test file; the sequence format can do without, and so can files that --split or --folds divides." };
    private readonly Option<string?> _negatives = new("--negatives") { Description = "Candidates of each test case (ncf format)." };
    private readonly Option<string?> _items = new("--items") { Description = $"What the items are: {ContentFile}; title, description and text are words, every other column is an attribute." };
    private readonly Option<string?> _users = new("--users") { Description = $"What the users are: {ContentFile}; every column is an attribute." };
    private readonly Option<string> _format = new("--format") { Required = true, Description = string.Join("; ", SplitFormats.All.Select(known => $"{known.Name}: {known.Layout}")) + "." };
    private readonly Option<string?> _split = new("--split") { Description = $"Divide the training file: {string.Join(", ", Splits.Select(split => split.Word))} (held-out users)." };
    private readonly Option<double> _testShare = new("--test-share") { Description = "Share that --split takes for the test.", DefaultValueFactory = _ => 0.2 };
    private readonly Option<double> _givenShare = new("--given-share") { Description = "Of held-out users (--split strong), the share of their history that is given.", DefaultValueFactory = _ => 0.8 };
    private readonly Option<int> _givenItems = new("--given-items") { Description = "Of newcomers (--split cold), how many of their first interactions are given.", DefaultValueFactory = _ => 1 };
    private readonly Option<int?> _folds = new("--folds") { Description = "Cross-validation: divide the training file into so many parts, each the test once." };
    private readonly Option<int> _splitSeed = new("--split-seed") { Description = "Seed of the division and of sampled candidates.", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _relevant = new("--relevant") { Description = "Ratings from here on are what a list should find; default: all." };
    private readonly Option<bool> _binary = new("--binary") { Description = "Learn from every interaction alike, whatever its rating." };
    private readonly Option<bool> _repeats = new("--repeats") { Description = "Every row is an event, and what a user touched before may be found again: for purchases. Divides by time (ratings format, with times)." };
    private readonly Option<string> _protocol = new("--protocol") { Description = "full: rank all items. ncf: rank each test item among 99 sampled ones, as old papers did; misleads.", DefaultValueFactory = _ => "full" };

    public void AddTo(Command command, bool withTest)
    {
        foreach (var option in new Option[] { this._train, this._valid, this._items, this._users, this._format, this._split, this._testShare, this._givenShare, this._givenItems, this._splitSeed, this._relevant, this._binary, this._repeats }) command.Add(option);
        if (!withTest) return;
        foreach (var option in new Option[] { this._test, this._negatives, this._folds, this._protocol }) command.Add(option);
    }

    public string TrainFile(ParseResult call) => call.GetRequiredValue(this._train);

    /// <returns>One division, or one for each fold.</returns>
    public IReadOnlyList<Split> Read(ParseResult call)
    {
        var format = Format(call.GetRequiredValue(this._format));
        var protocol = call.GetRequiredValue(this._protocol);
        if (protocol is not ("full" or "ncf")) throw new WrongCallException($"--protocol: there is no '{protocol}'; it must be full or ncf.");
        var splits = this.Divides(call, format, protocol) ? this.Divide(call, format, protocol) : [this.ReadParts(call, format)];
        if (protocol == "ncf") splits = [.. splits.Select(split => Sampled(split, call.GetValue(this._splitSeed)))];
        splits = this.WithContent(call, format, splits);
        return call.GetValue(this._binary) ? [.. splits.Select(split => split with { Train = Binary(split.Train), Full = split.Full is null ? null : Binary(split.Full) })] : splits;
    }

    /// <summary>Training and validation part for choosing options: the files given, or a division of the training file. There is no test part in sight.</summary>
    public Split ReadForTuning(ParseResult call)
    {
        var format = Format(call.GetRequiredValue(this._format));
        Split split;
        if (call.GetValue(this._valid) is { } valid)
        {
            if (call.GetValue(this._split) is not null || call.GetValue(this._repeats))
                throw new WrongCallException("--split and --repeats divide the training file; with --valid there is nothing to divide. Give one of them.");
            split = this.ReadTexts(call, format, null, valid);
        }
        else if (format.ReadWhole is null && !format.NeedsTest)
        {
            // Such a format holds its own validation part; its test part is read and left alone.
            split = this.ReadTexts(call, format, null, null);
            split = split with { Test = split.Validation ?? throw new WrongCallException($"--valid: the {format.Name} format has no validation part here; give a file.") };
        }
        else
        {
            split = this.Divide(call, format, "full")[0];
        }

        split = this.WithContent(call, format, [split])[0];
        return call.GetValue(this._binary) ? split with { Train = Binary(split.Train) } : split;
    }

    /// <summary>The files that tell of items and users, for people; empty where there are none.</summary>
    public string Content(ParseResult call) => string.Concat(
        call.GetValue(this._items) is { } items ? $"; items {Path.GetFileName(items)}" : "",
        call.GetValue(this._users) is { } users ? $"; users {Path.GetFileName(users)}" : "");

    private IReadOnlyList<Split> WithContent(ParseResult call, SplitFormat format, IReadOnlyList<Split> splits)
    {
        if (call.GetValue(this._items) is { } items)
        {
            using var reader = Open("--items", items);
            var table = ContentTable.OfItems(new NamedText(items, reader));
            splits = [.. splits.Select(table.AddTo)];
        }

        if (call.GetValue(this._users) is not { } users) return splits;
        if (!format.NamesUsers) throw new WrongCallException($"--users: the {format.Name} format does not say which user is which, so that nothing can be told of them. Leave --users out.");
        using var text = Open("--users", users);
        var told = ContentTable.OfUsers(new NamedText(users, text));
        return [.. splits.Select(told.AddTo)];
    }

    private static Dataset Binary(Dataset data) => data.With(data.Interactions.Reweight(_ => 1f), data.Sequences);

    private static Split Sampled(Split split, int seed) => split.Test.AreSampled ? split : split with
    {
        Test = SampledCandidates.Draw(split.Test, NcfNegatives, seed),
        Notes = [SampledCandidates.Warning, .. split.Notes],
    };

    private bool Divides(ParseResult call, SplitFormat format, string protocol)
    {
        var asked = call.GetValue(this._repeats) || call.GetValue(this._split) is not null || call.GetValue(this._folds) is not null;
        if (asked && (call.GetValue(this._test) ?? call.GetValue(this._valid)) is not null)
            throw new WrongCallException("--split, --folds and --repeats divide the training file; with --test or --valid there is nothing to divide. Give one of them.");
        return asked || (protocol == "ncf" && call.GetValue(this._test) is null && format.ReadWhole is not null);
    }

    private IReadOnlyList<Split> Divide(ParseResult call, SplitFormat format, string protocol)
    {
        if (format.ReadWhole is null)
        {
            var able = string.Join(", ", SplitFormats.All.Where(known => known.ReadWhole is not null).Select(known => known.Name));
            throw new WrongCallException($"--split: files of the {format.Name} format are not divided here; formats that are: {able}. Give --test, or --valid to tune.");
        }

        var word = call.GetValue(this._split);
        if (word is not null && call.GetValue(this._folds) is not null) throw new WrongCallException("--split and --folds are two ways to divide; give one of them.");
        using var reader = Open("--train", this.TrainFile(call));
        var whole = this.Reader(call, format)(new NamedText(this.TrainFile(call), reader));
        var seed = call.GetValue(this._splitSeed);
        try
        {
            return call.GetValue(this._folds) is { } folds
                ? Splitter.Folds(whole, folds, seed, call.GetValue(this._relevant))
                : [Splitter.Divide(whole, new SplitRule(Kind(word, whole, protocol)) { TestShare = call.GetValue(this._testShare), GivenShare = call.GetValue(this._givenShare), GivenItems = call.GetValue(this._givenItems), Seed = seed, RelevantFrom = call.GetValue(this._relevant) })];
        }
        catch (ArgumentException failure)
        {
            throw new WrongCallException(failure.Message, failure);
        }
    }

    private Func<NamedText, WholeData> Reader(ParseResult call, SplitFormat format)
    {
        if (!call.GetValue(this._repeats)) return format.ReadWhole!;
        if (call.GetValue(this._relevant) > 0 || call.GetValue(this._binary)) throw new WrongCallException("--repeats counts events and reads no ratings: leave --relevant and --binary out.");
        return format.ReadEvents
            ?? throw new WrongCallException($"--repeats: files of the {format.Name} format do not say when; formats that do: {string.Join(", ", SplitFormats.All.Where(known => known.ReadEvents is not null).Select(known => known.Name))}.");
    }

    private static SplitKind Kind(string? word, WholeData whole, string protocol)
    {
        if (word is null && whole.Data.Sequences is not null) return SplitKind.Time;
        if (word is null) return protocol == "ncf" ? SplitKind.LeaveOneOut : whole.Data.Interactions.HasTimes ? SplitKind.UserTime : SplitKind.Ratio;
        var known = Array.FindIndex(Splits, split => split.Word == word);
        return known >= 0 ? Splits[known].Kind : throw new WrongCallException($"--split: there is no '{word}'; it must be one of {string.Join(", ", Splits.Select(split => split.Word))}.");
    }

    private Split ReadParts(ParseResult call, SplitFormat format)
    {
        var testFile = call.GetValue(this._test);
        if (testFile is null && format.NeedsTest)
            throw new WrongCallException($"--test: the {format.Name} format needs a test file{(format.ReadWhole is null ? "" : ", or --split or --folds to divide the training file")}.");
        return this.ReadTexts(call, format, testFile, call.GetValue(this._valid));
    }

    /// <param name="testFile">Null while options are chosen: the validation file stands in its place, and is measured alone.</param>
    private Split ReadTexts(ParseResult call, SplitFormat format, string? testFile, string? validFile)
    {
        var negativesFile = call.GetValue(this._negatives);
        var standsIn = testFile is null && validFile is not null && format.NeedsTest;
        using var train = Open("--train", this.TrainFile(call));
        using var valid = validFile is null ? null : Open("--valid", validFile);
        using var test = testFile is null ? null : Open("--test", testFile);
        using var negatives = negativesFile is null ? null : Open("--negatives", negativesFile);
        return format.Read(new SplitTexts(
            new NamedText(this.TrainFile(call), train),
            valid is null || standsIn ? null : new NamedText(validFile!, valid),
            standsIn ? new NamedText(validFile!, valid!) : test is null ? null : new NamedText(testFile!, test))
        {
            Negatives = negatives is null ? null : new NamedText(negativesFile!, negatives),
            RelevantFrom = call.GetValue(this._relevant),
        });
    }

    private static StreamReader Open(string option, string path)
    {
        try
        {
            var file = File.OpenRead(path);
            return new StreamReader(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WrongCallException($"{option}: cannot read '{path}' ({failure.Message.TrimEnd('.')}).", failure);
        }
    }

    private static SplitFormat Format(string name)
    {
        try
        {
            return SplitFormats.Find(name);
        }
        catch (ArgumentException failure)
        {
            throw new WrongCallException(failure.Message, failure);
        }
    }

    /// <summary>List lengths as given by <c>--at</c>.</summary>
    public static int[] Cutoffs(string text) => Words(text).Select(word =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var cutoff) && cutoff > 0
            ? cutoff
            : throw new WrongCallException($"--at takes list lengths such as 10,20, not '{word}'.")).Distinct().ToArray();

    public static int Threads(int threads) =>
        threads is >= 1 and <= 1024 ? threads : throw new WrongCallException($"--threads takes 1 to 1024, not {threads}.");

    public static string[] Words(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
