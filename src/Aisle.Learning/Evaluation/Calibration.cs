namespace Aisle.Learning.Evaluation;

/// <summary>How far probabilities of a yes can be trusted, on rows that the model did not see.</summary>
/// <param name="Rows">Rows that were judged.</param>
/// <param name="Yes">Of these, those with a yes.</param>
/// <param name="LogLoss">Mean of −log P(outcome): lower is better.</param>
/// <param name="BaseLogLoss">The same of saying <c>baseRate</c> for every row.</param>
/// <param name="Brier">Mean of (P − outcome)²: lower is better (Brier 1950).</param>
/// <param name="BaseBrier">The same of saying <c>baseRate</c> for every row.</param>
/// <param name="Auc">How likely a yes has a higher probability than a no; ½ for chance. NaN where the outcomes are all the same.</param>
/// <param name="Error">Expected calibration error: the mean over rows of |mean probability − share of yes| of their bin.</param>
/// <param name="Bins">As many rows in each as possible, by rising probability.</param>
public sealed record Calibration(
    int Rows, int Yes, double LogLoss, double BaseLogLoss, double Brier, double BaseBrier, double Auc, double Error, IReadOnlyList<CalibrationBin> Bins)
{
    private const double Least = 1e-12;

    /// <param name="baseRate">What is said of every row where nothing is known of it, such as the share of yes in the past.</param>
    /// <param name="bins">At least 1; fewer where there are fewer rows.</param>
    public static Calibration Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> outcomes, double baseRate, int bins = 10)
    {
        if (probabilities.IsEmpty || probabilities.Length != outcomes.Length) throw new ArgumentException($"There are {probabilities.Length} probabilities for {outcomes.Length} outcomes.");
        if (bins < 1) throw new ArgumentException($"There are {bins} bins; there must be at least 1.");
        var (logLoss, baseLogLoss, brier, baseBrier, yes) = (0.0, 0.0, 0.0, 0.0, 0);
        var order = new int[probabilities.Length];
        var keys = probabilities.ToArray();
        for (var row = 0; row < keys.Length; row++)
        {
            var outcome = outcomes[row] ? 1 : 0;
            order[row] = row;
            yes += outcome;
            logLoss += Surprise(keys[row], outcomes[row]);
            baseLogLoss += Surprise(baseRate, outcomes[row]);
            brier += (keys[row] - outcome) * (keys[row] - outcome);
            baseBrier += (baseRate - outcome) * (baseRate - outcome);
        }

        Array.Sort(keys, order);
        var (found, error) = Bin(keys, order, outcomes, Math.Min(bins, keys.Length));
        double rows = keys.Length;
        return new Calibration(keys.Length, yes, logLoss / rows, baseLogLoss / rows, brier / rows, baseBrier / rows, Area(keys, order, outcomes, yes), error, found);
    }

    /// <summary>−log P(outcome), in nats.</summary>
    public static double Surprise(double probability, bool outcome) => -Math.Log(Math.Max(Least, outcome ? probability : 1 - probability));

    private static (CalibrationBin[] Bins, double Error) Bin(double[] sorted, int[] order, ReadOnlySpan<bool> outcomes, int bins)
    {
        var found = new CalibrationBin[bins];
        var error = 0.0;
        for (var bin = 0; bin < bins; bin++)
        {
            var first = (int)((long)bin * sorted.Length / bins);
            var end = (int)((long)(bin + 1) * sorted.Length / bins);
            var (sum, yes) = (0.0, 0);
            for (var place = first; place < end; place++)
            {
                sum += sorted[place];
                yes += outcomes[order[place]] ? 1 : 0;
            }

            found[bin] = new CalibrationBin(end - first, sum / (end - first), (double)yes / (end - first));
            error += Math.Abs(sum - yes) / sorted.Length;
        }

        return (found, error);
    }

    /// <summary>By the sum of ranks of the yeses (Mann, Whitney 1947), ties at their mean rank.</summary>
    private static double Area(double[] sorted, int[] order, ReadOnlySpan<bool> outcomes, int yes)
    {
        var ranks = 0.0;
        for (var first = 0; first < sorted.Length;)
        {
            var end = first;
            var yesHere = 0;
            for (; end < sorted.Length && sorted[end] == sorted[first]; end++) yesHere += outcomes[order[end]] ? 1 : 0;
            ranks += yesHere * (first + 1 + end) / 2.0;
            first = end;
        }

        var no = sorted.Length - yes;
        return yes == 0 || no == 0 ? double.NaN : (ranks - yes * (yes + 1.0) / 2) / ((double)yes * no);
    }
}

/// <param name="Probability">Mean of what was said.</param>
/// <param name="Share">Of yes, as it came.</param>
public readonly record struct CalibrationBin(int Rows, double Probability, double Share);
