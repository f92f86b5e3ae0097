using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class Gru4RecTests : ModelContract
{
    private static readonly Gru4RecOptions Small = new() { Dimensions = 16, Length = 32, Epochs = 40, BatchSize = 8, LearningRate = 0.01, DropRate = 0.1 };

    private protected override ITrainer Trainer { get; } = new Gru4RecTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":32,"layers":2,"length":20,"dropRate":0.3,"loss":"bpr-max","negatives":7,"calibration":0.5,"scorePenalty":0.5,"epochs":3,"patience":2,"batchSize":16,"learningRate":0.01,"weightDecay":0.1,"averageDecay":0.5,"seed":9}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);
}
