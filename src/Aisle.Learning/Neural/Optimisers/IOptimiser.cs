namespace Aisle.Learning.Neural;

/// <summary>Moves parameters against their gradients.</summary>
internal interface IOptimiser
{
    IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Steps taken so far.</summary>
    long Steps { get; }

    /// <summary>One step, after which the gradients are cleared.</summary>
    /// <param name="rate">Learning rate of this step.</param>
    /// <param name="largestNorm">Gradients whose norm over all parameters is larger are scaled down to it; infinite for no limit.</param>
    /// <exception cref="InvalidDataException">The gradients are not numbers any more.</exception>
    void Apply(double rate, double largestNorm = double.PositiveInfinity);

    /// <summary>What the optimiser remembers of each parameter, for checkpoints; and the steps.</summary>
    void Save(BinaryWriter writer);

    void Load(BinaryReader reader);
}
