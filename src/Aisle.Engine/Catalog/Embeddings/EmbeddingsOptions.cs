namespace Aisle.Engine.Catalog.Embeddings;

/// <summary>Where vectors of texts come from: any endpoint that speaks OpenAI's <c>/v1/embeddings</c>.</summary>
public sealed record EmbeddingsOptions
{
    /// <summary>Base address, e.g. <c>http://localhost:11434/v1</c>; <c>/embeddings</c> is appended where it is missing.</summary>
    public required Uri Url { get; init; }

    /// <summary>Name of the embedding model as the endpoint knows it.</summary>
    public required string Model { get; init; }

    /// <summary>Sent as bearer token and never logged; null where the endpoint asks for none.</summary>
    public string? Key { get; init; }

    /// <summary>Texts per request. 1 to 2,048, default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Characters of a text that are sent. 1 to 1,000,000, default 8,000.</summary>
    public int LongestText { get; init; } = 8000;

    /// <summary>Requests made for a batch before it is given up. 1 to 20, default 5.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Wait before the second attempt; doubles with each. Default 1 s. What the endpoint asks for (Retry-After) goes before.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Of one request. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>AISLE_EMBEDDINGS_URL, AISLE_EMBEDDINGS_MODEL and AISLE_EMBEDDINGS_KEY; null where no address is set.</summary>
    /// <exception cref="ArgumentException">A variable is wrong or missing; the message names it.</exception>
    public static EmbeddingsOptions? FromEnvironment(Func<string, string?> variable)
    {
        if (variable("AISLE_EMBEDDINGS_URL") is not { Length: > 0 } address) return null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url)) throw new ArgumentException($"AISLE_EMBEDDINGS_URL is '{address}'; give a whole address such as http://localhost:11434/v1.");
        if (variable("AISLE_EMBEDDINGS_MODEL") is not { Length: > 0 } model) throw new ArgumentException("AISLE_EMBEDDINGS_URL is set but AISLE_EMBEDDINGS_MODEL is not; name the model that the endpoint is to use.");
        var options = new EmbeddingsOptions { Url = url, Model = model, Key = variable("AISLE_EMBEDDINGS_KEY") is { Length: > 0 } key ? key : null };
        options.Check();
        return options;
    }

    /// <summary>The address that is asked.</summary>
    public Uri Endpoint =>
        this.Url.AbsolutePath.EndsWith("/embeddings", StringComparison.Ordinal) ? this.Url : new Uri(this.Url.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/embeddings" + this.Url.Query);

    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Check()
    {
        if (this.Url.Scheme is not ("http" or "https")) throw new ArgumentException($"The embeddings address must begin with http:// or https://, not {this.Url.Scheme}.");
        if (string.IsNullOrWhiteSpace(this.Model)) throw new ArgumentException("Name the embedding model.");
        if (this.BatchSize is < 1 or > 2048) throw new ArgumentException($"batch size is {this.BatchSize}; it must lie between 1 and 2048.");
        if (this.LongestText is < 1 or > 1_000_000) throw new ArgumentException($"longest text is {this.LongestText}; it must lie between 1 and 1000000.");
        if (this.Attempts is < 1 or > 20) throw new ArgumentException($"attempts is {this.Attempts}; it must lie between 1 and 20.");
    }
}

/// <summary>The endpoint could not or would not give vectors; the message says which and what to do.</summary>
public sealed class EmbeddingsException(string message, Exception? inner = null) : Exception(message, inner);
