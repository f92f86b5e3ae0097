using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class GradientNorm
{
    /// <summary>√Σ g² over everything that has a gradient.</summary>
    public static double Of(IReadOnlyList<Parameter> parameters)
    {
        var sum = 0.0;
        foreach (var parameter in parameters)
        {
            if (!parameter.HasGradient) continue;
            if (parameter.IsWhole)
            {
                var gradient = parameter.Gradient;
                for (var first = 0; first < gradient.Length; first += 4096)
                {
                    var part = gradient.Slice(first, Math.Min(4096, gradient.Length - first));
                    sum += Vectors.Dot(part, part);
                }

                continue;
            }

            var touched = parameter.TouchGradient([]);
            foreach (var row in parameter.Touched)
            {
                var part = touched.Slice(row * parameter.Columns, parameter.Columns);
                sum += Vectors.Dot(part, part);
            }
        }

        return Math.Sqrt(sum);
    }
}
