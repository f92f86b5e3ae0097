using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SasRecTests : ModelContract
{
    private static readonly SasRecOptions Small = new() { Dimensions = 16, Blocks = 1, Length = 32, Epochs = 30, BatchSize = 8, LearningRate = 0.01, DropRate = 0.2 };

    private protected override ITrainer Trainer { get; } = new SasRecTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":32,"blocks":3,"heads":2,"length":20,"dropRate":0.3,"loss":"gbce","temperature":0.1,"negatives":7,"drawExponent":0.5,"correctDraws":true,"optimiser":"adagrad","calibration":0.5,"epochs":3,"patience":2,"batchSize":16,"learningRate":0.01,"weightDecay":0.1,"averageDecay":0.5,"seed":9}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);
}
