using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Models;

/// <summary>A small matrix for linear item models, and their equations written out.</summary>
internal static class LinearData
{
    public static Interactions Made()
    {
        var random = new Random(4);
        var pairs = Enumerable.Range(0, 150).Select(_ => (User: random.Next(30), Item: random.Next(12), Weight: 1f + random.Next(3))).ToArray();
        return Interactions.From(30, 12, [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)], [.. pairs.Select(p => p.Weight)]);
    }

    /// <summary>XᵀDX, D = diag(count^−a).</summary>
    public static double[,] Gram(Interactions train, double userExponent)
    {
        var n = train.Items;
        var gram = new double[n, n];
        for (var user = 0; user < train.Users; user++)
        {
            if (train.CountOf(user) == 0) continue;
            var row = new double[n];
            for (var i = 0; i < train.CountOf(user); i++) row[train.ItemsOf(user)[i]] = train.WeightsOf(user)[i];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++) gram[i, j] += row[i] * row[j] * Math.Pow(train.CountOf(user), -userExponent);
            }
        }

        return gram;
    }
}
