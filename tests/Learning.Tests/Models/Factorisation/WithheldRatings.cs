using System.Globalization;
using System.IO.Compression;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>Ratings to learn from, and withheld ones to be measured against.</summary>
internal sealed record WithheldRatings(Interactions Train, int[] Users, int[] Items, float[] Ratings)
{
    /// <summary>Ratings of the form 6 + b_u + b_i + p_u·q_i with two factors and little noise; 40 % of the cells are known, a fifth of them withheld.</summary>
    public static WithheldRatings LowRank(int users, int items)
    {
        var random = new Random(5);
        double Signed(double size) => ((random.NextDouble() * 2) - 1) * size;
        var p = Enumerable.Range(0, users).Select(_ => (Bias: Signed(0.6), First: Signed(1.2), Second: Signed(1.2))).ToArray();
        var q = Enumerable.Range(0, items).Select(_ => (Bias: Signed(0.6), First: Signed(1.2), Second: Signed(1.2))).ToArray();
        var pairs = new List<(int User, int Item, float Rating)>();
        for (var user = 0; user < users; user++)
        {
            for (var item = 0; item < items; item++)
            {
                if (random.NextDouble() > 0.4) continue;
                pairs.Add((user, item, (float)(6 + p[user].Bias + q[item].Bias + (p[user].First * q[item].First) + (p[user].Second * q[item].Second) + Signed(0.1))));
            }
        }

        return Split(users, items, pairs);
    }

    /// <summary>MovieLens 100k where it lies beside the repository, a fifth withheld; null elsewhere.</summary>
    public static WithheldRatings? MovieLens()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "shared", "data", "movielens-100k", "ratings.csv.gz");
            if (!File.Exists(file)) continue;
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            var pairs = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).Select(fields => (
                int.Parse(fields[0], CultureInfo.InvariantCulture) - 1, int.Parse(fields[1], CultureInfo.InvariantCulture) - 1, float.Parse(fields[2], CultureInfo.InvariantCulture)));
            return Split(943, 1682, [.. pairs]);
        }

        return null;
    }

    /// <summary>Root mean squared error of the withheld ratings.</summary>
    public double Error(IRatingModel model)
    {
        var predicted = new float[this.Users.Length];
        model.PredictRatings(this.Users, this.Items, predicted);
        return Math.Sqrt(predicted.Zip(this.Ratings, (x, y) => Math.Pow(x - y, 2)).Average());
    }

    public double ErrorOf(double constant) => Math.Sqrt(this.Ratings.Average(rating => Math.Pow(rating - constant, 2)));

    private static WithheldRatings Split(int users, int items, IReadOnlyList<(int User, int Item, float Rating)> pairs)
    {
        var random = new Random(6);
        var isTest = pairs.Select(_ => random.Next(5) == 0).ToArray();
        var train = pairs.Where((_, i) => !isTest[i]).ToArray();
        var test = pairs.Where((_, i) => isTest[i]).ToArray();
        return new WithheldRatings(
            Interactions.From(users, items, [.. train.Select(pair => pair.User)], [.. train.Select(pair => pair.Item)], [.. train.Select(pair => pair.Rating)]),
            [.. test.Select(pair => pair.User)],
            [.. test.Select(pair => pair.Item)],
            [.. test.Select(pair => pair.Rating)]);
    }
}
