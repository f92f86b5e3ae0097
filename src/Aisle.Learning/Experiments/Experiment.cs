namespace Aisle.Learning.Experiments;

/// <summary>One of the things that an experiment compares.</summary>
/// <param name="Name">Part of the assignment: a variant that is renamed gets other units.</param>
/// <param name="Weight">Its share is its weight among all weights. 0 takes no more units; at most 1e6.</param>
public readonly record struct Variant(string Name, double Weight);

/// <summary>A stretch of a layer's units. Experiments whose stretches of one layer do not overlap never share a unit.</summary>
/// <param name="Layer">Units lie in one layer independently of where they lie in another.</param>
/// <param name="From">0 to 1.</param>
/// <param name="To">Above <paramref name="From"/>, at most 1. Raising it lets more units in and moves none that are in already.</param>
public readonly record struct LayerStretch(string Layer, double From, double To);

/// <summary>
/// Which unit (a shopper, a session) sees which variant: a function of names alone, so nothing needs to be stored, and every process agrees.
/// </summary>
/// <remarks>
/// The layer's hash of the unit is a place in [0, 1), which lies in a stretch or does not. Among the variants the one with the largest
/// ln(u) / weight wins, u being the hash of experiment, variant and unit (weighted rendezvous hashing: Thaler, Ravishankar 1998; Schindelhauer,
/// Schomaker 2005). That wins with a probability in proportion to the weight, and after a change of weights a unit moves only where it must:
/// only into variants whose share rose, only out of those whose share fell.
/// </remarks>
public sealed class Experiment
{
    private const double MaxWeight = 1e6;

    private readonly Variant[] _variants;
    private readonly string[] _salts;

    /// <param name="name">Part of the assignment. A new name draws all units anew.</param>
    /// <param name="stretch">Null lets every unit in.</param>
    public Experiment(string name, IEnumerable<Variant> variants, LayerStretch? stretch = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        this.Name = name;
        this.Stretch = stretch;
        this._variants = [.. variants];
        if (this._variants.Length < 2) throw new ArgumentException($"Experiment '{name}' has {this._variants.Length} variants; it needs two at least, the first of which is the control.");
        if (this._variants.DistinctBy(variant => variant.Name, StringComparer.Ordinal).Count() < this._variants.Length) throw new ArgumentException($"Experiment '{name}' has two variants of one name; give each its own.");
        foreach (var variant in this._variants)
        {
            if (string.IsNullOrEmpty(variant.Name)) throw new ArgumentException($"A variant of experiment '{name}' has no name; give it one.");
            if (!(variant.Weight >= 0 && variant.Weight <= MaxWeight)) throw new ArgumentException($"Variant '{variant.Name}' of experiment '{name}' has weight {variant.Weight}; allowed are 0 to {MaxWeight}.");
        }

        if (this._variants.All(variant => variant.Weight == 0)) throw new ArgumentException($"All variants of experiment '{name}' have weight 0; give one a weight above 0.");
        if (stretch is { } part && !(part.From >= 0 && part.From < part.To && part.To <= 1)) throw new ArgumentException($"Experiment '{name}' takes the stretch {part.From} to {part.To} of layer '{part.Layer}'; allowed is a rising stretch within 0 to 1.");

        // The length keeps ("a", "bc") apart from ("ab", "c").
        this._salts = Array.ConvertAll(this._variants, variant => $"{name.Length}:{name}{variant.Name}");
    }

    public string Name { get; }

    /// <summary>Stands for the name where there is little room.</summary>
    public uint Mark => (uint)UnitHash.Of("experiment", this.Name);

    public LayerStretch? Stretch { get; }

    /// <summary>The first is the control.</summary>
    public IReadOnlyList<Variant> Variants => this._variants;

    /// <summary>The shares that the variants should have of the units that are in.</summary>
    public IReadOnlyList<double> Shares
    {
        get
        {
            var sum = this._variants.Sum(variant => variant.Weight);
            return Array.ConvertAll(this._variants, variant => variant.Weight / sum);
        }
    }

    /// <returns>The number of the unit's variant, or null where the unit is not in the experiment.</returns>
    public int? VariantOf(string unit)
    {
        if (this.Stretch is { } stretch)
        {
            var place = UnitHash.Place(UnitHash.Of(stretch.Layer, unit));
            if (place < stretch.From || place >= stretch.To) return null;
        }

        var (best, most) = (0, double.NegativeInfinity);
        for (var v = 0; v < this._variants.Length; v++)
        {
            if (this._variants[v].Weight == 0) continue;

            // Half a step above 0, whose logarithm would be infinite for every weight.
            var score = Math.Log(UnitHash.Place(UnitHash.Of(this._salts[v], unit)) + (1.0 / (1L << 54))) / this._variants[v].Weight;
            if (score > most) (best, most) = (v, score);
        }

        return best;
    }

    /// <summary>Refuses experiments of which two may share units of one layer.</summary>
    public static void CheckExclusive(IEnumerable<Experiment> experiments)
    {
        foreach (var layer in experiments.Where(experiment => experiment.Stretch is not null).GroupBy(experiment => experiment.Stretch!.Value.Layer, StringComparer.Ordinal))
        {
            Experiment? before = null;
            foreach (var experiment in layer.OrderBy(experiment => experiment.Stretch!.Value.From))
            {
                if (before is not null && before.Stretch!.Value.To > experiment.Stretch!.Value.From)
                    throw new ArgumentException($"Experiments '{before.Name}' and '{experiment.Name}' overlap in layer '{layer.Key}'; give them stretches apart, or put one into another layer.");
                before = experiment;
            }
        }
    }
}
