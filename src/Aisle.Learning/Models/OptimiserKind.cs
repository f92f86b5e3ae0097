using System.Text.Json.Serialization;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>How a neural model's weights follow their gradients.</summary>
public enum OptimiserKind
{
    /// <summary>Adam (Kingma, Ba 2015), its weight decay apart from the gradient.</summary>
    [JsonStringEnumMemberName("adam")]
    Adam,

    /// <summary>Adagrad (Duchi, Hazan, Singer 2011): wants larger rates, 0.02 to 0.2.</summary>
    [JsonStringEnumMemberName("adagrad")]
    Adagrad,
}

internal static class Optimisers
{
    /// <param name="secondDecay">β₂ of Adam.</param>
    public static Optimiser Of(OptimiserKind kind, IReadOnlyList<Parameter> parameters, int threads, double weightDecay, double secondDecay = 0.999) => kind == OptimiserKind.Adagrad
        ? new Adagrad(parameters, threads, weightDecay)
        : new Adam(parameters, threads, secondDecay: secondDecay, weightDecay: weightDecay);

    public static void Check(string model, OptimiserKind kind)
    {
        if (!Enum.IsDefined(kind)) throw new ArgumentException($"{model}: optimiser is {kind}; allowed are adam and adagrad.");
    }
}
