using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Catalog.Embeddings;

/// <summary>
/// Fetches vectors of texts: in batches, with retries, and only of texts that it has not seen before. What is fetched is kept at once, so a
/// run that fails half-way goes on where it stopped.
/// </summary>
public sealed class EmbeddingsClient(HttpClient http, EmbeddingsOptions options, string cacheFile, TimeProvider time, ILogger log)
{
    private const int LongestQuote = 300;

    /// <summary>A vector for each text, all of one length; zeros for an empty text.</summary>
    /// <param name="progress">Told the number of texts that have their vector, of those that are not empty.</param>
    /// <exception cref="EmbeddingsException">The endpoint refused, failed for too long, or answered what is no list of vectors.</exception>
    public async Task<IReadOnlyList<float[]>> VectorsAsync(IReadOnlyList<string> texts, IProgress<int>? progress, CancellationToken cancellation)
    {
        options.Check();
        using var cache = new EmbeddingCache(cacheFile);
        var sent = texts.Select(text => text.Trim() is var trimmed && trimmed.Length > options.LongestText ? trimmed[..options.LongestText] : trimmed).ToArray();
        var keys = Array.ConvertAll(sent, text => text.Length == 0 ? null : EmbeddingCache.KeyOf(options.Model, text));
        var missing = Enumerable.Range(0, sent.Length).Where(i => keys[i] is { } key && cache.Find(key) is null).DistinctBy(i => keys[i]).ToArray();
        var done = keys.Count(key => key is not null) - missing.Length;
        foreach (var batch in missing.Chunk(options.BatchSize))
        {
            var vectors = await this.FetchAsync(Array.ConvertAll(batch, i => sent[i]), cancellation);
            for (var i = 0; i < batch.Length; i++) cache.Add(keys[batch[i]]!, vectors[i]);
            cache.Flush();
            progress?.Report(done += batch.Length);
        }

        if (missing.Length > 0) log.LogInformation("Fetched vectors of {Count} texts from {Host}", missing.Length, options.Url.Host);
        return Ordered(keys, cache);
    }

    private static IReadOnlyList<float[]> Ordered(string?[] keys, EmbeddingCache cache)
    {
        var found = Array.ConvertAll(keys, key => key is null ? null : cache.Find(key));
        var dimensions = found.FirstOrDefault(vector => vector is not null)?.Length ?? 1;
        if (Array.Exists(found, vector => vector is not null && vector.Length != dimensions))
            throw new EmbeddingsException("The embedding model gives vectors of another length than before under the same name. Delete embeddings.cache in the store's folder, or name the model with its version.");
        return Array.ConvertAll(found, vector => vector ?? new float[dimensions]);
    }

    private async Task<float[][]> FetchAsync(string[] texts, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            string failure;
            TimeSpan? wait = null;
            try
            {
                using var limit = new CancellationTokenSource(options.Timeout, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
                using var response = await http.SendAsync(this.Request(texts), both.Token);
                var body = await response.Content.ReadAsByteArrayAsync(both.Token);
                if (response.IsSuccessStatusCode) return Read(body, texts.Length);
                failure = $"it answered {(int)response.StatusCode} ({this.Quote(body)})";
                if (!IsPassing(response.StatusCode)) throw new EmbeddingsException($"The embeddings endpoint {options.Endpoint.GetLeftPart(UriPartial.Path)} refused: {failure}. {Advice(response.StatusCode)}");
                wait = response.Headers.RetryAfter?.Delta;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                failure = $"it gave no answer within {options.Timeout.TotalSeconds:0} s";
            }
            catch (HttpRequestException broken)
            {
                failure = broken.Message.TrimEnd('.');
            }

            if (attempt == options.Attempts)
                throw new EmbeddingsException($"The embeddings endpoint {options.Endpoint.GetLeftPart(UriPartial.Path)} failed {attempt} times, at last: {failure}. Check the address and whether it runs; what was fetched so far is kept.");
            log.LogWarning("Embeddings, attempt {Attempt} of {Attempts}: {Failure}", attempt, options.Attempts, failure);
            await Task.Delay(wait ?? (options.RetryDelay * Math.Pow(2, attempt - 1)), time, cancellation);
        }
    }

    private HttpRequestMessage Request(string[] texts)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("model", options.Model);
            json.WriteString("encoding_format", "float");
            json.WriteStartArray("input");
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint) { Content = new ByteArrayContent(body.ToArray()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (options.Key is { } key) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    /// <summary>data[].embedding in the order of data[].index, which some endpoints do not keep.</summary>
    private static float[][] Read(byte[] body, int count)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var vectors = new float[count][];
            var next = 0;
            foreach (var entry in document.RootElement.GetProperty("data").EnumerateArray())
            {
                var index = entry.TryGetProperty("index", out var given) ? given.GetInt32() : next;
                vectors[index] = [.. entry.GetProperty("embedding").EnumerateArray().Select(number => number.GetSingle())];
                next++;
            }

            if (Array.Exists(vectors, vector => vector is not { Length: > 0 } || vector.Length != vectors[0].Length || !vector.All(float.IsFinite))) throw new FormatException();
            return vectors;
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new EmbeddingsException($"The embeddings endpoint did not answer with a vector for each of {count} texts. Is it really an OpenAI-compatible /v1/embeddings?", wrong);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static string Advice(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "Check AISLE_EMBEDDINGS_KEY.",
        HttpStatusCode.NotFound => "Check AISLE_EMBEDDINGS_URL and AISLE_EMBEDDINGS_MODEL.",
        _ => "Its answer says why.",
    };

    /// <summary>The beginning of an answer, with the key taken out should it be repeated there.</summary>
    private string Quote(byte[] body)
    {
        var text = System.Text.Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 4 * LongestQuote)).ReplaceLineEndings(" ").Trim();
        if (options.Key is { } key) text = text.Replace(key, "[key]", StringComparison.Ordinal);
        return text.Length == 0 ? "no text" : text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";
    }
}
