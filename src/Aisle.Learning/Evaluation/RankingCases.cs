using Aisle.Learning.Data;

namespace Aisle.Learning.Evaluation;

/// <summary>
/// What is ranked and what should be found. A case is one list to make: for a user known from training, or for a history that the model has
/// never seen (a session, a shopper of another group); with the items to be found, and those that are no candidates.
/// </summary>
public sealed class RankingCases
{
    private readonly int[]? _users;
    private readonly Sequences? _histories;
    private readonly Interactions _targets;
    private readonly Interactions? _excluded;
    private readonly int[] _rows;
    private readonly int[][]? _candidates;

    private RankingCases(int[] rows, int[]? users, Sequences? histories, Interactions targets, Interactions? excluded, int[][]? candidates)
    {
        if (rows.Length == 0) throw new ArgumentException("No user has a test item: there is nothing to measure.");
        this._rows = rows;
        this._users = users;
        this._histories = histories;
        this._targets = targets;
        this._excluded = excluded;
        this._candidates = candidates;
    }

    public int Count => this._rows.Length;

    public int Items => this._targets.Items;

    /// <summary>Rows of the matrix of targets: the users that may be asked for. Only those with a target are cases.</summary>
    public int TargetRows => this._targets.Users;

    /// <summary>True where cases are users that the model knows; false where they are histories to be folded in.</summary>
    public bool AreKnownUsers => this._users is not null;

    /// <summary>True where each case ranks a few given candidates only, and metrics therefore flatter and mislead (Krichene, Rendle: On sampled metrics, KDD 2020).</summary>
    public bool AreSampled => this._candidates is not null;

    /// <summary>Each user with a target; what they touched before is no candidate.</summary>
    /// <param name="seen">Users × items of the past, same shape as <paramref name="targets"/>.</param>
    public static RankingCases OfUsers(Interactions targets, Interactions seen)
    {
        if (seen.Users != targets.Users || seen.Items != targets.Items)
            throw new ArgumentException($"The part seen ({seen.Users} × {seen.Items}) and the test part ({targets.Users} × {targets.Items}) must have one shape.");
        var rows = WithTargets(targets);
        return new RankingCases(rows, rows, null, targets, seen, null);
    }

    /// <summary>Each history with a target.</summary>
    /// <param name="histories">Cases × items in order; row c belongs to row c of the targets.</param>
    /// <param name="mayRepeat">True where what stands in the history may be suggested again, as in sessions.</param>
    public static RankingCases OfHistories(Sequences histories, Interactions targets, bool mayRepeat)
    {
        if (histories.Users != targets.Users || histories.Items != targets.Items)
            throw new ArgumentException($"{histories.Users} histories of {histories.Items} items do not fit targets of {targets.Users} cases and {targets.Items} items.");
        return new RankingCases(WithTargets(targets), null, histories, targets, mayRepeat ? null : histories.ToInteractions(), null);
    }

    /// <summary>The same cases, ranking only the given items.</summary>
    /// <param name="candidates">For each case its candidates, targets among them.</param>
    public RankingCases Among(int[][] candidates)
    {
        if (candidates.Length != this.Count) throw new ArgumentException($"{this.Count} cases need as many lists of candidates, not {candidates.Length}.");
        return new RankingCases(this._rows, this._users, this._histories, this._targets, null, candidates);
    }

    /// <summary>Cases × items to be found; the weights are what the data says of each.</summary>
    internal Interactions Targets => this._targets;

    /// <summary>What each case knew before, which is no candidate; null where everything may come again.</summary>
    internal Interactions? Excluded => this._excluded;

    /// <summary>How many interactions the case had before, which the list is made from: those of the user in training, or the history.</summary>
    /// <param name="train">What models are fitted on.</param>
    internal int ActivityOf(int @case, Interactions train) =>
        this._users is null ? this._histories!.CountOf(this._rows[@case]) : train.CountOf(this._users[@case]);

    /// <summary>Row of the targets that a case is: the user, or the number of the history.</summary>
    public int RowOf(int @case) => this._rows[@case];

    /// <summary>Users of some cases in a row; only where <see cref="AreKnownUsers"/>.</summary>
    public ReadOnlySpan<int> UsersOf(int first, int count) => this._users.AsSpan(first, count);

    /// <summary>History of a case; only where not <see cref="AreKnownUsers"/>.</summary>
    public ReadOnlySpan<int> HistoryOf(int @case) => this._histories!.ItemsOf(this._rows[@case]);

    /// <summary>Items to be found, ascending.</summary>
    public ReadOnlySpan<int> TargetsOf(int @case) => this._targets.ItemsOf(this._rows[@case]);

    /// <summary>Items that are no candidates, ascending.</summary>
    public ReadOnlySpan<int> ExcludedOf(int @case) => this._excluded is null ? default : this._excluded.ItemsOf(this._rows[@case]);

    /// <summary>The candidates of a case; null where all items are.</summary>
    public int[]? CandidatesOf(int @case) => this._candidates?[@case];

    private static int[] WithTargets(Interactions targets) => [.. Enumerable.Range(0, targets.Users).Where(row => targets.CountOf(row) > 0)];
}
