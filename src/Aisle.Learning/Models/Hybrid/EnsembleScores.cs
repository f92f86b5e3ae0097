namespace Aisle.Learning.Models;

/// <summary>
/// An ensemble's scores of a history, from its members': Σ weight · score / deviation, where what a member does not know counts as the lowest that it gives.
/// The best of the whole are sought among the best of the members.
/// </summary>
internal sealed class EnsembleScores : PartialScores
{
    private readonly List<Member> _members = [];

    /// <param name="history">Stands outside the scale of the candidates.</param>
    public EnsembleScores(PartialScores[] members, float[] weights, ReadOnlySpan<int> history)
    {
        int[] seen = [.. history.ToArray().Distinct()];
        for (var i = 0; i < members.Length; i++)
        {
            var (count, deviation) = members[i].Spread(seen);
            if (count > 0) this._members.Add(new Member(members[i], weights[i] * Fusion.Scale(deviation)));
            else members[i].Dispose();
        }
    }

    public override int[] Candidates(int count) => [.. this._members.SelectMany(member => member.Scores.Candidates(count)).Distinct()];

    public override void Of(ReadOnlySpan<int> items, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        var own = new float[items.Length];
        var floor = 0f;
        foreach (var member in this._members)
        {
            member.Scores.Of(items, own);
            for (var i = 0; i < own.Length; i++)
            {
                if (!float.IsNegativeInfinity(own[i])) scores[i] = (float.IsNegativeInfinity(scores[i]) ? floor : scores[i]) + (member.Scale * own[i]);
                else if (!float.IsNegativeInfinity(scores[i])) scores[i] += member.Scale * member.Lowest;
            }

            // Only where something is still unknown does a later member need to know what these would have said.
            if (member != this._members[^1] && scores.Contains(float.NegativeInfinity)) floor += member.Scale * member.Lowest;
        }
    }

    public override (int Count, double Deviation) Spread(ReadOnlySpan<int> without) => throw new NotSupportedException("An ensemble is no member of another.");

    public override float FindLowest() => throw new NotSupportedException("An ensemble is no member of another.");

    public override void Dispose()
    {
        foreach (var member in this._members) member.Scores.Dispose();
    }

    private sealed class Member(PartialScores scores, float scale)
    {
        private float? _lowest;

        public PartialScores Scores { get; } = scores;

        public float Scale { get; } = scale;

        /// <summary>Sought when an item turns up that the member does not know.</summary>
        public float Lowest => this._lowest ??= this.Scores.FindLowest();
    }
}
