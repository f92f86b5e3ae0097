using System.Globalization;
using Aisle.Engine.Shop;
using Aisle.Engine.Training;

namespace Aisle.Engine.DemoShop;

/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">Of the whole build, in [0, 1].</param>
public readonly record struct DemoBuildProgress(string Stage, double Fraction);

/// <summary>Fills an empty store with the demo shop and trains its first model. A build that was interrupted is taken up again.</summary>
public sealed class DemoShopBuild(EngineServices engine)
{
    internal const int Seed = 1;
    private const int BatchSize = 10_000;
    private const int RoughEvents = 300_000;
    private const string EndSetting = "demo.end";
    private const string DoneSetting = "demo.done";

    /// <summary>Whether the store is empty, or holds a demo shop whose build did not end.</summary>
    public bool IsNeeded =>
        engine.Settings.Get(ShopKind.Setting) == ShopKind.Demo
            ? engine.Settings.Get(DoneSetting) is null
            : engine.Events.LastSequence() == 0 && engine.Catalogue.KnownItems == 0;

    public async Task RunAsync(IProgress<DemoBuildProgress>? progress, CancellationToken cancellation)
    {
        // The end is kept, so that a build taken up again makes the same events: those stored already are duplicates then.
        var end = engine.Settings.Get(EndSetting) is { } kept
            ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(kept, CultureInfo.InvariantCulture))
            : engine.Time.GetUtcNow();
        await engine.Settings.SetAsync(ShopKind.Setting, ShopKind.Demo, cancellation);
        await engine.Settings.SetAsync(EndSetting, end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), cancellation);

        progress?.Report(new DemoBuildProgress("stocking the shelves", 0));
        var demo = DemoData.Create(Seed, DateTimeOffset.FromUnixTimeSeconds(end.ToUnixTimeSeconds()));
        await engine.Catalogue.UpsertAsync(demo.Items, cancellation);
        await engine.Users.UpsertAsync(demo.Shoppers, cancellation);

        var stored = 0;
        foreach (var batch in demo.Events().Chunk(BatchSize))
        {
            await engine.Events.AppendAsync(batch, cancellation);
            stored += batch.Length;
            progress?.Report(new DemoBuildProgress("a year of shopping", 0.05 + 0.45 * Math.Min(1, (double)stored / RoughEvents)));
        }

        engine.Feed.CatchUp();
        var training = progress is null ? null : new TrainingShare(progress);
        await engine.Training.RunAsync(new TrainingOptions(), "demo", training, cancellation);
        await engine.CartTraining.RunAsync(cancellation: cancellation);
        await engine.Settings.SetAsync(DoneSetting, "1", cancellation);
        progress?.Report(new DemoBuildProgress("open", 1));
    }

    /// <summary>Training is the second half of the build.</summary>
    private sealed class TrainingShare(IProgress<DemoBuildProgress> progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report(new DemoBuildProgress(value.Stage, 0.5 + 0.5 * value.Fraction));
    }
}
