using System.Globalization;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Experiments;

namespace Aisle.Learning.Exploration;

/// <summary>How an item that a policy would show stood in the list that another one served.</summary>
/// <param name="Examination">How likely the place where it stood is looked at. Above 0, at most 1.</param>
/// <param name="Expected">Σ over places of the serving policy's probability to put the item there · how likely that place is looked at. Above 0, at most 1.</param>
/// <param name="Reward">What it earned there.</param>
public readonly record struct ServedPlace(double Examination, double Expected, double Reward);

/// <summary>A place of the list that the judged policy would have served.</summary>
/// <param name="Examination">How likely it is looked at. 0 to 1.</param>
/// <param name="Predicted">The reward that some model, not fitted on this list, expects of the item if it is looked at.</param>
/// <param name="Possible">Whether the serving policy might have shown the item.</param>
/// <param name="Served">Null where the item was not in the served list.</param>
public readonly record struct JudgedPlace(double Examination, double Predicted, bool Possible, ServedPlace? Served);

/// <summary>One question: what was served, and what the judged policy would have served.</summary>
public sealed record JudgedList
{
    /// <summary>Whose question it was. Lists of one unit (a shopper) depend on each other; intervals keep them together.</summary>
    public required long Unit { get; init; }

    /// <summary>What the served list earned.</summary>
    public required double Reward { get; init; }

    public required IReadOnlyList<JudgedPlace> Places { get; init; }
}

/// <summary>What a policy's lists would have earned, a list on average. Estimates are null where the log cannot tell, and <see cref="Problem"/> says why.</summary>
public sealed record ListPolicyReport
{
    public required int Lists { get; init; }

    public required int Units { get; init; }

    /// <summary>Of the judged policy, doubly robust.</summary>
    public ValueEstimate? Judged { get; init; }

    /// <summary>The same by inverse propensities alone: what items that were never possible would earn is left out.</summary>
    public ValueEstimate? Ips { get; init; }

    /// <summary>The same self-normalised: items that were never possible are taken to earn what those do that were, for the same attention.</summary>
    public ValueEstimate? SelfNormalised { get; init; }

    /// <summary>Of what was served.</summary>
    public ValueEstimate? Served { get; init; }

    /// <summary>Judged less served, list by list.</summary>
    public ValueEstimate? Difference { get; init; }

    /// <summary>Share of the judged lists' attention that goes to items that the serving policy might have shown; the rest is the model's guess.</summary>
    public required double Supported { get; init; }

    /// <summary>How often supported items were looked at beside how often the propensities say so; should be 1.</summary>
    public required double Agreement { get; init; }

    public string? Problem { get; init; }

    /// <summary>Whether the model's guess holds more than half of the attention; intervals do not count its error.</summary>
    public bool IsMostlyGuessed { get; init; }

    /// <summary>Whether too few items that only chance serves were drawn yet: intervals are too narrow.</summary>
    public bool IsHardlyDrawn { get; init; }

    /// <summary>The two above in sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>
/// Judges a policy that makes lists on the lists of another one, in the position-based model: reward = examination of the place · attraction of the item.
/// Doubly robust, with place k of the judged list holding item a, served at place j: Σ_k [p_k q̂(a) + (p_k / Σ_i P(a at i) p_i) (r − p_j q̂(a)) · 1(a was served)].
/// Unbiased where the serving policy might have shown the item; where it never would, the model's expectation stands alone.
/// </summary>
/// <remarks>
/// Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay, Wen: Offline evaluation of ranking policies with click models (KDD 2018), with the model of rewards of
/// Dudík, Langford, Li: Doubly robust policy evaluation and learning (ICML 2011).
/// </remarks>
public static class OffPolicyLists
{
    private const double LeastSupported = 0.5;
    private const double AllowedDisagreement = 0.05;

    /// <summary>Where chance decides what is served, agreement shows only once so many of the judged items were drawn.</summary>
    private const int LeastDrawn = 50;

    /// <param name="level">How sure intervals are. 0.5 to 0.9999.</param>
    public static ListPolicyReport Evaluate(IReadOnlyList<JudgedList> lists, double level = 0.95)
    {
        if (lists.Count == 0) throw new ArgumentException("No lists were given; a policy cannot be judged without a log.");
        if (!(level is >= 0.5 and <= 0.9999)) throw new ArgumentException($"level is {level}; allowed are 0.5 to 0.9999.");
        for (var at = 0; at < lists.Count; at++) Check(lists[at], at);
        var sums = lists.GroupBy(list => list.Unit).Select(unit => unit.Aggregate(default(Sums), (sum, list) => sum.With(list))).ToArray();
        var all = sums.Aggregate(default(Sums), (sum, unit) => sum + unit);
        var report = new ListPolicyReport
        {
            Lists = lists.Count,
            Units = sums.Length,
            Supported = all.Attention > 0 ? all.Possible / all.Attention : 0,
            Agreement = all.Possible > 0 ? all.Weighted / all.Possible : 0,
            Warnings = [],
        };
        if (ProblemOf(report, sums, all) is { } problem) return report with { Problem = problem };
        return report with
        {
            Judged = Estimate(sums, all.Lists, sum => sum.Judged, level),
            Ips = Estimate(sums, all.Lists, sum => sum.Ips, level),
            SelfNormalised = all.Weighted > 0 ? SelfNormalised(sums, all, level) : null,
            Served = Estimate(sums, all.Lists, sum => sum.Served, level),
            Difference = Estimate(sums, all.Lists, sum => sum.Judged - sum.Served, level),
            IsMostlyGuessed = report.Supported < LeastSupported,
            IsHardlyDrawn = all.IsHardlyDrawn,
            Warnings = WarningsOf(report, all),
        };
    }

    private static List<string> WarningsOf(ListPolicyReport report, Sums all)
    {
        var warnings = new List<string>();
        if (report.Supported < LeastSupported)
            warnings.Add(Text($"The serving policy might have shown what holds {report.Supported:P0} of the judged lists' attention; the rest is a model's guess, whose error the intervals do not count. Explore more, or try it as an experiment."));
        if (all.IsHardlyDrawn)
            warnings.Add(Text($"Of the items that only chance serves, {all.Drawn} were drawn; until there are {LeastDrawn} of them the intervals are too narrow. Log more lists, or explore more."));
        return warnings;
    }

    private static string? ProblemOf(ListPolicyReport report, Sums[] sums, Sums all)
    {
        if (report.Units < 2) return "The log holds lists of one unit only; an error cannot be told from it. Log more units.";
        if (all.Possible <= 0) return "Nothing that the judged policy shows might have been served; the log says nothing of it. Let the serving pipeline explore, or try it as an experiment.";
        // Rare ones that were not drawn yet are no sign of wrong propensities.
        if (all.IsHardlyDrawn) return null;
        var error = Estimate(sums, all.Lists, sum => sum.Weighted - sum.Possible, 0.95).Error / (all.Possible / all.Lists);
        return Math.Abs(report.Agreement - 1) > Math.Max(AllowedDisagreement, 4 * error)
            ? Text($"What might have been served was looked at {report.Agreement:0.##} times as often as the propensities say; they are not those by which lists were made. Check how they are logged.")
            : null;
    }

    /// <summary>A sum for each list.</summary>
    private static ValueEstimate Estimate(Sums[] units, double lists, Func<Sums, double> term, double level)
    {
        var value = units.Sum(term) / lists;
        return Estimate(value, units, lists, unit => term(unit) - (value * unit.Lists), level);
    }

    /// <summary>What was earned for the attention that the weights make, times the attention of a list; its influence by the delta method.</summary>
    private static ValueEstimate SelfNormalised(Sums[] units, Sums all, double level)
    {
        var (rate, attention) = (all.Ips / all.Weighted, all.Attention / all.Lists);
        return Estimate(
            rate * attention, units, all.Lists,
            unit => ((unit.Ips - (rate * unit.Weighted)) * all.Attention / all.Weighted) + (rate * (unit.Attention - (attention * unit.Lists))), level);
    }

    /// <summary>By Student's t over the influence of units, each times the number of lists.</summary>
    private static ValueEstimate Estimate(double value, Sums[] units, double lists, Func<Sums, double> influenceOf, double level)
    {
        var squares = units.Sum(unit => Math.Pow(influenceOf(unit), 2));
        var error = Math.Sqrt(squares * units.Length / (units.Length - 1.0)) / lists;
        var half = Distributions.StudentPoint(1 - level, units.Length - 1) * error;
        return new ValueEstimate(value, error, new Interval(value - half, value + half));
    }

    private static void Check(JudgedList list, int at)
    {
        if (!double.IsFinite(list.Reward)) throw new ArgumentException($"List {at} earned {list.Reward}; leave it out.");
        for (var place = 0; place < list.Places.Count; place++)
        {
            var judged = list.Places[place];
            if (!(judged.Examination is >= 0 and <= 1)) throw new ArgumentException($"Place {place} of list {at} is looked at with probability {judged.Examination}; allowed are 0 to 1.");
            if (!double.IsFinite(judged.Predicted)) throw new ArgumentException($"The reward predicted at place {place} of list {at} is not finite; leave the list out.");
            if (judged.Served is not { } served) continue;
            if (!judged.Possible) throw new ArgumentException($"The item at place {place} of list {at} was served and is said not to be possible.");
            if (!(served.Examination is > 0 and <= 1 && served.Expected is > 0 and <= 1))
                throw new ArgumentException($"The item at place {place} of list {at} was served where it is looked at with probability {served.Examination}, expected {served.Expected}; allowed are above 0 to 1.");
            if (!double.IsFinite(served.Reward)) throw new ArgumentException($"The item at place {place} of list {at} earned {served.Reward}; leave the list out.");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <param name="Attention">Σ examination of the judged places.</param>
    /// <param name="Possible">The part of it that goes to items that might have been served.</param>
    /// <param name="Weighted">What the weights of those that were served make of it.</param>
    /// <param name="Ips">What those weights make of rewards.</param>
    /// <param name="LeftToChance">Places whose items might have been served and were not.</param>
    /// <param name="Drawn">Places whose items were served by chance.</param>
    private readonly record struct Sums(double Lists, double Judged, double Served, double Attention, double Possible, double Weighted, double Ips, int LeftToChance, int Drawn)
    {
        public bool IsHardlyDrawn => this.LeftToChance > 0 && this.Drawn < LeastDrawn;

        public static Sums operator +(Sums a, Sums b) => new(
            a.Lists + b.Lists, a.Judged + b.Judged, a.Served + b.Served, a.Attention + b.Attention, a.Possible + b.Possible, a.Weighted + b.Weighted, a.Ips + b.Ips,
            a.LeftToChance + b.LeftToChance, a.Drawn + b.Drawn);

        public Sums With(JudgedList list)
        {
            var one = new Sums(1, 0, list.Reward, 0, 0, 0, 0, 0, 0);
            foreach (var place in list.Places)
            {
                var (value, weighted, ips, drawn) = (place.Examination * place.Predicted, 0.0, 0.0, 0);
                if (place.Served is { } served)
                {
                    var weight = place.Examination / served.Expected;
                    value += weight * (served.Reward - (served.Examination * place.Predicted));
                    (weighted, ips) = (weight * served.Examination, weight * served.Reward);
                    if (served.Expected < served.Examination / 2) drawn = 1;
                }

                one += new Sums(0, value, 0, place.Examination, place.Possible ? place.Examination : 0, weighted, ips, place is { Possible: true, Served: null } ? 1 : 0, drawn);
            }

            return this + one;
        }
    }
}
