using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Tuning;

/// <summary>
/// The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kégl: Algorithms for hyper-parameter optimization, NIPS 2011): the
/// points tried are parted into the best few and the rest; each part makes a density, coordinate by coordinate; of some points drawn from
/// the good density l, the one is tried for which l / g, and with it the expected improvement, is largest.
/// </summary>
public sealed class TpeSearch : ISearch
{
    /// <summary>γ of the paper: the share of the tried points that is good.</summary>
    private const double GoodShare = 0.15;
    private const int RandomPoints = 10;
    private const int Candidates = 24;

    /// <summary>For each coordinate the number of its choices; 0 for a range.</summary>
    private readonly int[] _choices;
    private readonly int _seed;

    /// <param name="choices">For each coordinate the number of its choices; 0 for a range of numbers.</param>
    public TpeSearch(IReadOnlyList<int> choices, int seed)
    {
        this._choices = [.. choices];
        this._seed = seed;
    }

    public double[] Propose(IReadOnlyList<(double[] Point, double Score)> tried, int number)
    {
        var random = new RandomStream(this._seed, number);
        if (tried.Count < RandomPoints) return [.. this._choices.Select(_ => random.UniformDouble())];

        // A failed point is as bad as any: it belongs to the rest.
        var ranked = tried.OrderByDescending(one => double.IsNaN(one.Score) ? double.NegativeInfinity : one.Score).Select(one => one.Point).ToArray();
        var good = (int)Math.Ceiling(GoodShare * ranked.Length);
        var point = new double[this._choices.Length];
        for (var d = 0; d < point.Length; d++)
        {
            var best = Array.ConvertAll(ranked[..good], known => known[d]);
            var rest = Array.ConvertAll(ranked[good..], known => known[d]);
            point[d] = this._choices[d] > 0 ? Choice(best, rest, this._choices[d], ref random) : Number(new Parzen(best), new Parzen(rest), ref random);
        }

        return point;
    }

    private static double Number(Parzen good, Parzen rest, ref RandomStream random)
    {
        var (chosen, largest) = (0.5, double.NegativeInfinity);
        for (var i = 0; i < Candidates; i++)
        {
            var candidate = good.Draw(ref random);
            var gain = Math.Log(good.DensityAt(candidate)) - Math.Log(rest.DensityAt(candidate));
            if (gain > largest) (chosen, largest) = (candidate, gain);
        }

        return chosen;
    }

    /// <summary>Choices are drawn by how often they stand among the good ones, each counted once more than it does.</summary>
    private static double Choice(double[] good, double[] rest, int choices, ref RandomStream random)
    {
        var (often, seldom) = (Shares(good, choices), Shares(rest, choices));
        var (chosen, largest) = (0, double.NegativeInfinity);
        for (var i = 0; i < Candidates; i++)
        {
            var (candidate, left) = (0, random.UniformDouble());
            while (candidate < choices - 1 && left >= often[candidate]) left -= often[candidate++];
            if (often[candidate] / seldom[candidate] > largest) (chosen, largest) = (candidate, often[candidate] / seldom[candidate]);
        }

        return (chosen + 0.5) / choices;
    }

    private static double[] Shares(double[] points, int choices)
    {
        var shares = new double[choices];
        Array.Fill(shares, 1.0 / (points.Length + choices));
        foreach (var point in points) shares[Math.Min((int)(point * choices), choices - 1)] += 1.0 / (points.Length + choices);
        return shares;
    }

    /// <summary>
    /// A mixture of normal curves cut off at 0 and 1: one at each point, as wide as the farther of its neighbours, and a wide one in the
    /// middle that keeps every place possible.
    /// </summary>
    private sealed class Parzen
    {
        private const double WideWidth = 1;
        private const double Narrowest = 0.01;

        private readonly (double Middle, double Width, double Inside)[] _curves;

        public Parzen(double[] points)
        {
            var sorted = points.Order().ToArray();
            var narrowest = Math.Max(Narrowest, 1.0 / (sorted.Length + 2) / 2);
            this._curves = new (double, double, double)[sorted.Length + 1];
            for (var i = 0; i < sorted.Length; i++)
            {
                var below = sorted[i] - (i > 0 ? sorted[i - 1] : 0);
                var above = (i + 1 < sorted.Length ? sorted[i + 1] : 1) - sorted[i];
                this._curves[i] = Curve(sorted[i], Math.Clamp(Math.Max(below, above), narrowest, WideWidth));
            }

            this._curves[^1] = Curve(0.5, WideWidth);
        }

        public double DensityAt(double place)
        {
            var sum = 0.0;
            foreach (var (middle, width, inside) in this._curves)
            {
                var z = (place - middle) / width;
                sum += Math.Exp(-z * z / 2) / (width * Math.Sqrt(2 * Math.PI) * inside);
            }

            return sum / this._curves.Length;
        }

        public double Draw(ref RandomStream random)
        {
            var (middle, width, _) = this._curves[random.Below(this._curves.Length)];
            while (true)
            {
                // Box and Muller; at least a third of any of these curves lies inside, so that few draws are repeated.
                var size = Math.Sqrt(-2 * Math.Log(1 - random.UniformDouble()));
                var place = middle + (width * size * Math.Cos(2 * Math.PI * random.UniformDouble()));
                if (place is >= 0 and <= 1) return place;
            }
        }

        private static (double Middle, double Width, double Inside) Curve(double middle, double width) =>
            (middle, width, Below((1 - middle) / width) - Below(-middle / width));

        private static double Below(double z) => z > 0 ? 1 - (Distributions.NormalBothTails(z) / 2) : Distributions.NormalBothTails(z) / 2;
    }
}
