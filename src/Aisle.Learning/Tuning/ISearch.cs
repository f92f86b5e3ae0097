namespace Aisle.Learning.Tuning;

/// <summary>Proposes the next point to try, each coordinate in [0, 1].</summary>
public interface ISearch
{
    /// <param name="tried">Points tried so far and their scores; larger is better, NaN failed.</param>
    /// <param name="number">Number of the new point: its stream of random numbers, so that a search that goes on proposes what it would have proposed.</param>
    double[] Propose(IReadOnlyList<(double[] Point, double Score)> tried, int number);
}

/// <summary>Draws every point evenly, whatever was found before (Bergstra, Bengio: Random search for hyper-parameter optimization, JMLR 2012).</summary>
public sealed class RandomSearch(int dimensions, int seed) : ISearch
{
    public double[] Propose(IReadOnlyList<(double[] Point, double Score)> tried, int number)
    {
        var random = new RandomStream(seed, number);
        return [.. Enumerable.Range(0, dimensions).Select(_ => random.UniformDouble())];
    }
}
