using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Probabilities;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Carts;

/// <summary>
/// The published model of abandonment of a store, one JSON file: a few dozen numbers that people may read. Kept in memory and swapped whole. A file that is
/// damaged, or made for other features than this program has, is refused; what served goes on serving.
/// </summary>
public sealed partial class CartModelRegistry
{
    private const string FileName = "carts.json";
    private const int FormatVersion = 1;
    private const long LargestFile = 1 << 20;

    private readonly string _directory;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private volatile CartModel? _serving;
    private DateTime _read;

    public CartModelRegistry(string directory, ILogger<CartModelRegistry> log)
    {
        this._directory = directory;
        this._log = log;
        Directory.CreateDirectory(directory);
    }

    /// <summary>Null until the first is published.</summary>
    public CartModel? Serving => this._serving;

    /// <summary>Loads the file if it is not what is in memory.</summary>
    public void Refresh()
    {
        lock (this._lock)
        {
            var path = Path.Combine(this._directory, FileName);
            if (!File.Exists(path) || File.GetLastWriteTimeUtc(path) is var written && written == this._read) return;
            try
            {
                this._serving = Load(path);
                LogServing(this._log, this._serving.Version);
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                LogRefused(this._log, this._serving is { } current ? $"model {current.Version}" : "no model", failure.Message);
            }
            finally
            {
                this._read = written;
            }
        }
    }

    /// <returns>The report with the version that the model got.</returns>
    internal CartModelReport Publish(double windowHours, LogisticRegression bought, Func<int?, CartModelReport> report)
    {
        lock (this._lock)
        {
            var version = (this._serving?.Version ?? 0) + 1;
            var model = new CartModel(version, windowHours, bought, report(version));
            var path = Path.Combine(this._directory, FileName);
            File.WriteAllBytes(path + ".writing", JsonSerializer.SerializeToUtf8Bytes(Kept.Of(model), CartJson.Default.Kept));
            File.Move(path + ".writing", path, overwrite: true);
            this._serving = model;
            this._read = File.GetLastWriteTimeUtc(path);
            return model.Report;
        }
    }

    private static CartModel Load(string path)
    {
        if (new FileInfo(path).Length > LargestFile) throw new InvalidDataException($"{FileName} is far too large.");
        try
        {
            var kept = JsonSerializer.Deserialize(File.ReadAllBytes(path), CartJson.Default.Kept) ?? throw new InvalidDataException($"{FileName} is empty.");
            if (kept.Format != FormatVersion) throw new InvalidDataException($"{FileName} has format version {kept.Format}; this program reads version {FormatVersion}. Train the cart model again.");
            if (!kept.Features.SequenceEqual(CartFeatures.Names)) throw new InvalidDataException($"{FileName} was made for other features than this program has. Train the cart model again.");
            if (kept is not { WindowHours: >= 1 and <= 336, Version: > 0 }) throw new InvalidDataException($"{FileName} is damaged: its version or window cannot be.");
            return new CartModel(kept.Version, kept.WindowHours, new LogisticRegression(kept.Bias, kept.Weights, kept.Means, kept.Deviations), kept.Report);
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{FileName} is damaged: {failure.Message}", failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cart model {Version} serves")]
    private static partial void LogServing(ILogger logger, int version);

    [LoggerMessage(Level = LogLevel.Error, Message = "The cart model is refused, {Current} goes on serving: {Reason}")]
    private static partial void LogRefused(ILogger logger, string current, string reason);

    internal sealed record Kept
    {
        public required int Format { get; init; }

        public required int Version { get; init; }

        public required double WindowHours { get; init; }

        public required IReadOnlyList<string> Features { get; init; }

        public required double Bias { get; init; }

        public required IReadOnlyList<double> Weights { get; init; }

        public required IReadOnlyList<double> Means { get; init; }

        public required IReadOnlyList<double> Deviations { get; init; }

        public required CartModelReport Report { get; init; }

        public static Kept Of(CartModel model) => new()
        {
            Format = FormatVersion,
            Version = model.Version,
            WindowHours = model.WindowHours,
            Features = CartFeatures.Names,
            Bias = model.Bought.Bias,
            Weights = model.Bought.Weights,
            Means = model.Bought.Means,
            Deviations = model.Bought.Deviations,
            Report = model.Report,
        };
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CartModelRegistry.Kept))]
[JsonSerializable(typeof(CartModelReport))]
internal sealed partial class CartJson : JsonSerializerContext;
