namespace Aisle.Learning.Tests.Experiments;

/// <summary>Random values of made-up shoppers.</summary>
internal sealed class Draws(int seed, int number = 0)
{
    private RandomStream _random = new(seed, number);

    public double Uniform() => this._random.UniformDouble();

    public int Below(int limit) => this._random.Below(limit);

    public double Normal() => this._random.NormalDouble();

    /// <summary>Nothing from 95 % of shoppers; a basket with a logarithmic deviation of 1 from the others: a few of them bring much of it.</summary>
    public double Revenue() => this.Uniform() < 0.95 ? 0 : Math.Exp(3 + this.Normal());
}
