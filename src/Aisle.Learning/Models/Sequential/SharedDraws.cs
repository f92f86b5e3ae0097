using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// A softmax over the items that a step compares all of its events with: those that any of them wants, and drawn ones. It costs a product of matrices, where draws
/// of each event's own cost as many lookups.
/// </summary>
/// <remarks>
/// Each candidate's score is lessened by ln of its chance to be among them, so that what is popular, and therefore often wanted, is not held back for that
/// (Yi et al.: Sampling-bias-corrected neural modeling for large corpus item recommendations, RecSys 2019).
/// </remarks>
internal sealed class SharedDraws
{
    /// <summary>Tells the draws from other random numbers of the same seed.</summary>
    private const int DrawStream = 0x5344;

    private readonly CandidateItems _drawn;
    private readonly int _negatives;
    private readonly int _seed;

    /// <summary>By item: its share of all events, and its chance in one draw.</summary>
    private readonly double[] _wanted;
    private readonly double[] _chances;

    /// <param name="popularity">By item: how often it was met.</param>
    /// <param name="exponent">Items are drawn by popularity to this power.</param>
    public SharedDraws(int[] popularity, int negatives, double exponent, int seed)
    {
        int[] known = [.. Enumerable.Range(0, popularity.Length).Where(item => popularity[item] > 0)];
        this._drawn = CandidateItems.Of(known, popularity, (float)exponent);
        this._negatives = Math.Min(negatives, known.Length);
        this._seed = seed;
        var events = known.Sum(item => (double)popularity[item]);
        var powers = known.Sum(item => Math.Pow(popularity[item], exponent));
        this._wanted = Array.ConvertAll(popularity, count => count / events);
        this._chances = Array.ConvertAll(popularity, count => count == 0 ? 0 : Math.Pow(count, exponent) / powers);
    }

    /// <summary>Mean of −ln softmax[target] over the candidates of this step.</summary>
    /// <param name="states">A row for each target.</param>
    /// <param name="items">Items × the columns of the states.</param>
    public Tensor Softmax(Tape tape, Tensor states, Tensor items, int[] targets)
    {
        var candidates = new List<int>();
        var placeOf = new Dictionary<int, int>();
        var places = Array.ConvertAll(targets, Place);
        var random = new RandomStream(this._seed, DrawStream, unchecked((int)tape.Step));
        for (var i = 0; i < this._negatives; i++) Place(this._drawn.Draw(ref random));
        var corrections = new float[candidates.Count];
        for (var i = 0; i < corrections.Length; i++)
        {
            var absent = (targets.Length * Math.Log(1 - Math.Min(0.999_999, this._wanted[candidates[i]]))) + (this._negatives * Math.Log(1 - Math.Min(0.999_999, this._chances[candidates[i]])));
            corrections[i] = -(float)Math.Log(Math.Max(1e-12, 1 - Math.Exp(absent)));
        }

        return tape.CatalogueSoftmax(states, tape.Gather(items, [.. candidates]), places, tape.Constant(1, corrections.Length, corrections));

        int Place(int item)
        {
            if (!placeOf.TryAdd(item, candidates.Count)) return placeOf[item];
            candidates.Add(item);
            return candidates.Count - 1;
        }
    }
}
