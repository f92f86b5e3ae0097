using System.Collections.Frozen;
using System.Globalization;

namespace Aisle.Engine.Expressions;

/// <summary>The functions of the language.</summary>
internal static class ExpressionFunctions
{
    private static readonly ExpressionType[] Number = [ExpressionType.Number];
    private static readonly ExpressionType[] Text = [ExpressionType.Text];
    private static readonly ExpressionType[] Time = [ExpressionType.Time];
    private static readonly ExpressionType[] Lists = [ExpressionType.Texts, ExpressionType.Numbers];

    public static readonly ExpressionFunction[] All =
    [
        Repeated("min", "the smallest; unknown if one is", Math.Min),
        Repeated("max", "the largest; unknown if one is", Math.Max),
        OfNumber("abs", "the value without its sign", Math.Abs),
        new("round", [new("x", Number), new("digits", Number, Optional: true)], "rounded to whole numbers, or to a constant number of digits (0 to 10); halves away from zero", BuildRound),
        OfNumber("floor", "the next whole number below", Math.Floor),
        OfNumber("ceil", "the next whole number above", Math.Ceiling),
        OfNumber("sqrt", "the square root; unknown below 0", Math.Sqrt),
        OfNumber("log", "the natural logarithm; unknown at 0 and below", x => x > 0 ? Math.Log(x) : double.NaN),

        Searching("contains", "whether part stands in text; false if one is unknown", (text, part) => text.Contains(part, StringComparison.OrdinalIgnoreCase)),
        Searching("startsWith", "whether text begins with part; false if one is unknown", (text, part) => text.StartsWith(part, StringComparison.OrdinalIgnoreCase)),
        Searching("endsWith", "whether text ends with part; false if one is unknown", (text, part) => text.EndsWith(part, StringComparison.OrdinalIgnoreCase)),
        OfText("lower", "in lower case", (builder, text, at) => CodeBuilder.MakeText(at, [text], LowerCase.Of(text.Text!))),
        OfText("length", "number of characters", (builder, text, at) => CodeBuilder.MakeNumber(at, [text], LengthOf(text.Text!))),
        OfText("number", "the number that a text holds (with a point for decimals); unknown if it holds none", (builder, text, at) => CodeBuilder.MakeNumber(at, [text], NumberIn(text.Text!))),

        new("anyOf", [new("list", Lists), new("values", Lists)], "whether any of values is in list; one of the two must not depend on the item", (builder, given, at) => BuildOverlap(builder, given, at, all: false)),
        new("allOf", [new("list", Lists), new("values", Lists)], "whether each of values is in list; one of the two must not depend on the item", (builder, given, at) => BuildOverlap(builder, given, at, all: true)),
        new("count", [new("list", Lists)], "number of elements", BuildCount),

        new("has", [new("value", [ExpressionType.Number, ExpressionType.Text, ExpressionType.Time, ExpressionType.Texts])], "whether a value is known, or a list not empty", BuildHas),

        new("date", [new("text", Text)], "midnight UTC of a day, date(\"2026-11-27\"), or a moment, date(\"2026-11-27T18:00+01:00\"); constant", BuildDate),
        OfTime("hour", "hour of the day in UTC, 0 to 23", date => date.Hour),
        OfTime("weekday", "1 for Monday to 7 for Sunday, in UTC", date => date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek),
        OfTime("month", "1 to 12, in UTC", date => date.Month),

        OfHistory("viewed", "whether the shopper viewed the item (in the last days)", Touch.Viewed),
        OfHistory("inCart", "whether the item is in the shopper's cart (and came there in the last days)", Touch.InCart),
        OfHistory("bought", "whether the shopper bought the item (in the last days) and did not return it", Touch.Bought),
        OfHistory("favourite", "whether the shopper marked the item as a favourite (in the last days)", Touch.Favourite),
    ];

    private static readonly FrozenDictionary<string, ExpressionFunction> ByName = All.ToFrozenDictionary(function => function.Name);

    public static ExpressionFunction? Find(string name) => ByName.GetValueOrDefault(name);

    private static ExpressionFunction OfNumber(string name, string summary, Func<double, double> compute) =>
        new(name, [new("x", Number)], summary, (builder, given, at) =>
        {
            var x = given[0]!.Number!;
            return CodeBuilder.MakeNumber(at, [given[0]!], frame => compute(x(frame)));
        });

    private static ExpressionFunction OfText(string name, string summary, Func<CodeBuilder, Code, Span, Code> build) =>
        new(name, [new("text", Text)], summary, (builder, given, at) => build(builder, given[0]!, at));

    private static NumberCode LengthOf(TextCode text) => frame => text(frame)?.Length ?? double.NaN;

    private static NumberCode NumberIn(TextCode text) => frame => ShopEnvironment.ToNumber(text(frame));

    private static ExpressionFunction OfTime(string name, string summary, Func<DateTime, double> compute) =>
        new(name, [new("time", Time)], summary, (builder, given, at) =>
        {
            var time = given[0]!.Number!;
            return CodeBuilder.MakeNumber(at, [given[0]!], frame => Days.DateOf(time(frame)) is { } date ? compute(date) : double.NaN);
        });

    private static ExpressionFunction Repeated(string name, string summary, Func<double, double, double> combine) =>
        new(name, [new("a", Number), new("b", Number)], summary, (builder, given, at) =>
        {
            var result = given[0]!;
            foreach (var next in given.Skip(1))
            {
                var parts = builder.Settle(result, next!);
                var (a, b) = (parts[0].Number!, parts[1].Number!);
                result = CodeBuilder.MakeNumber(at, parts, frame => combine(a(frame), b(frame)));
            }

            return result;
        }, repeats: true);

    private static ExpressionFunction Searching(string name, string summary, Func<string, string, bool> holds) =>
        new(name, [new("text", Text), new("part", Text)], summary, (builder, given, at) =>
        {
            var parts = builder.Settle(given[0]!, given[1]!);
            var (text, part) = (parts[0].Text!, parts[1].Text!);
            return CodeBuilder.MakeBoolean(at, parts, frame => text(frame) is { } whole && part(frame) is { } sought && holds(whole, sought));
        });

    private static ExpressionFunction OfHistory(string name, string summary, Touch touch) =>
        new(name, [new("item", [ExpressionType.Item]), new("days", Number, Optional: true)], summary, (builder, given, at) =>
        {
            builder.Reads(name + "()");
            if (given[1] is not { } limit)
                return CodeBuilder.MakeBoolean(at, [given[0]!, HistoryCost], frame => frame.Inputs.Shopper.Last(frame.Item.Id, touch) is not null);
            var parts = builder.Settle(given[0]!, limit, HistoryCost);
            var days = parts[1].Number!;
            return CodeBuilder.MakeBoolean(at, parts, frame =>
                frame.Inputs.Shopper.Last(frame.Item.Id, touch) is { } last && (frame.Inputs.LatestEvent - last).TotalDays <= days(frame));
        });

    /// <summary>A lookup of the item in the shopper's history costs as much as this many simple operators.</summary>
    private static readonly Code HistoryCost = new() { Type = ExpressionType.Number, Reach = Reach.Constant, Cost = 5, Number = _ => 0 };

    private static Code BuildRound(CodeBuilder builder, Code?[] given, Span at)
    {
        var x = given[0]!.Number!;
        if (given[1] is not { } places) return CodeBuilder.MakeNumber(at, [given[0]!], frame => Math.Round(x(frame), MidpointRounding.AwayFromZero));
        var digits = places.Reach == Reach.Constant ? places.Number!(null!) : double.NaN;
        if (!(digits >= 0 && digits <= 10 && digits == Math.Floor(digits))) throw builder.Wrong("digits of round must be a whole number from 0 to 10.", places.At);
        return CodeBuilder.MakeNumber(at, [given[0]!], frame => Math.Round(x(frame), (int)digits, MidpointRounding.AwayFromZero));
    }

    private static Code BuildCount(CodeBuilder builder, Code?[] given, Span at)
    {
        var list = given[0]!;
        if (list.NumberSet is { } numbers) return CodeBuilder.MakeNumber(at, [list], frame => numbers(frame)!.Count);
        if (list.TextSet is { } set) return CodeBuilder.MakeNumber(at, [list], frame => set(frame)!.Count);
        var texts = list.Texts!;
        return CodeBuilder.MakeNumber(at, [list], frame => texts(frame)?.Count ?? 0);
    }

    private static Code BuildHas(CodeBuilder builder, Code?[] given, Span at)
    {
        var value = given[0]!;
        if (value.Text is { } text) return CodeBuilder.MakeBoolean(at, [value], frame => text(frame) is not null);
        if (value.Number is { } number) return CodeBuilder.MakeBoolean(at, [value], frame => !double.IsNaN(number(frame)));
        if (value.TextSet is { } set) return CodeBuilder.MakeBoolean(at, [value], frame => set(frame)!.Count > 0);
        var list = value.Texts!;
        return CodeBuilder.MakeBoolean(at, [value], frame => list(frame) is { Count: > 0 });
    }

    private static Code BuildDate(CodeBuilder builder, Code?[] given, Span at)
    {
        var text = given[0]!.Reach == Reach.Constant ? given[0]!.Text!(null!) : null;
        return DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? CodeBuilder.Constant(Days.Of(time), at, ExpressionType.Time)
            : throw builder.Wrong("A date is a constant text such as \"2026-11-27\" or \"2026-11-27T18:00+01:00\" (UTC where no offset is given).", given[0]!.At);
    }

    private static Code BuildOverlap(CodeBuilder builder, Code?[] given, Span at, bool all)
    {
        var (list, values) = (given[0]!, given[1]!);
        if (list.Type != values.Type) throw builder.Wrong($"Both lists must be of one kind; this is {values.Type.Words()}.", values.At);
        if (values.Reach == Reach.Item && list.Reach == Reach.Item) throw builder.Wrong("One of the two lists must not depend on the item.", values.At);
        var parts = builder.Settle(list, values);
        if (parts[0].NumberSet is { } numbers)
        {
            var sought = parts[1].NumberSet!;
            return CodeBuilder.MakeBoolean(at, parts, frame => all ? sought(frame)!.IsWithin(numbers(frame)!) : sought(frame)!.Overlaps(numbers(frame)!));
        }

        if (parts[0].TextSet is { } known)
        {
            var asked = parts[1].Texts!;
            return CodeBuilder.MakeBoolean(at, parts, frame => all ? known(frame)!.ContainsAll(asked(frame)) : known(frame)!.ContainsAny(asked(frame)));
        }

        var (texts, set) = (parts[0].Texts!, parts[1].TextSet!);
        return CodeBuilder.MakeBoolean(at, parts, frame => all ? set(frame)!.IsWithin(texts(frame)) : set(frame)!.ContainsAny(texts(frame)));
    }
}
