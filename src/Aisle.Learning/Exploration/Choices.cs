namespace Aisle.Learning.Exploration;

/// <summary>What a <see cref="Policy"/> may choose among, this time.</summary>
/// <param name="actions">Numbers that the caller gives to actions and keeps, each once. Actions that are missing are not chosen, new ones are learned.</param>
/// <param name="features">
/// Row-major: a row for each action, or one row that holds for all (the context alone); empty for counts. Finite; about −1 to 1 learns best.
/// </param>
public readonly ref struct Choices(ReadOnlySpan<long> actions, ReadOnlySpan<float> features = default)
{
    public ReadOnlySpan<long> Actions { get; } = actions;

    public ReadOnlySpan<float> Features { get; } = features;

    internal ReadOnlySpan<float> Row(int place, int dimensions) =>
        this.Features.Slice(this.Features.Length == dimensions ? 0 : place * dimensions, dimensions);

    internal void Check(int dimensions)
    {
        if (this.Actions.IsEmpty) throw new ArgumentException("There is nothing to choose among; give an action at least.");
        if (this.Features.Length != dimensions && this.Features.Length != (long)dimensions * this.Actions.Length)
            throw new ArgumentException($"{this.Actions.Length} actions came with {this.Features.Length} features; allowed are {dimensions} for all of them, or {dimensions} for each.");
        foreach (var feature in this.Features)
        {
            if (!float.IsFinite(feature)) throw new ArgumentException($"A feature is {feature}; only finite numbers can be learned from.");
        }

        var seen = new HashSet<long>(this.Actions.Length);
        foreach (var action in this.Actions)
        {
            if (!seen.Add(action)) throw new ArgumentException($"Action {action} stands twice among the choices; name each once.");
        }
    }
}

/// <summary>A choice that was made, or a slate from the top down: all that is needed to learn from its rewards whenever they come, and to judge other policies by it.</summary>
/// <param name="Actions">What stands at each place.</param>
/// <param name="Propensities">For each place the probability of its action, given what stands above it.</param>
/// <param name="Features">A row for each place; empty for counts.</param>
public sealed record Decision(long[] Actions, double[] Propensities, float[] Features);

/// <summary>What is believed of an action's reward.</summary>
/// <param name="Mean">Expected reward.</param>
/// <param name="Deviation">How unsure that is (posterior standard deviation of the expectation).</param>
public readonly record struct Expectation(double Mean, double Deviation);
