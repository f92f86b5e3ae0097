using Aisle.Engine.Catalog.Embeddings;
using Aisle.Engine.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Tests.Catalog.Embeddings;

public sealed class EmbeddingsClientTests : IAsyncDisposable
{
    private readonly FakeEmbeddings _endpoint = new();
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly Lines _log = new();

    private string CacheFile => Path.Combine(this._folder.Path, "embeddings.cache");

    private EmbeddingsOptions Options => new() { Url = this._endpoint.Url, Model = "words", Key = "secret-key-1", BatchSize = 2, RetryDelay = TimeSpan.FromMilliseconds(5) };

    public async ValueTask DisposeAsync()
    {
        this._http.Dispose();
        await this._endpoint.DisposeAsync();
        this._folder.Dispose();
    }

    [Fact]
    public async Task Vectors_OfTexts_ComeInBatchesAndInOrder()
    {
        var vectors = await this.FetchAsync(["tea", "", "kettle", "tea", "mug tree"]);
        vectors.Select(vector => vector[0]).ShouldBe([3f, 0f, 6f, 3f, 8f]);
        this._endpoint.Requests.ShouldBe([["tea", "kettle"], ["mug tree"]]);
        this._endpoint.Path.ShouldBe("/v1/embeddings");
        this._endpoint.Authorization.ShouldBe("Bearer secret-key-1");
    }

    [Fact]
    public async Task Vectors_AskedAgain_FetchOnlyWhatIsNewOrChanged()
    {
        await this.FetchAsync(["tea", "kettle"]);
        this._endpoint.Requests.Clear();
        (await this.FetchAsync(["tea", "kettle 2", "kettle"])).Select(vector => vector[0]).ShouldBe([3f, 8f, 6f]);
        this._endpoint.Requests.ShouldBe([["kettle 2"]]);
        await this.FetchAsync(["tea"], this.Options with { Model = "other words" });
        this._endpoint.Requests.Count.ShouldBe(2, "another model is asked anew");
    }

    [Fact]
    public async Task Vectors_CacheCutOffByACrash_FetchesWhatIsLost()
    {
        await this.FetchAsync(["tea", "kettle"]);
        await using (var file = new FileStream(this.CacheFile, FileMode.Open)) file.SetLength(file.Length - 3);
        this._endpoint.Requests.Clear();
        (await this.FetchAsync(["tea", "kettle"])).Select(vector => vector[0]).ShouldBe([3f, 6f]);
        this._endpoint.Requests.ShouldBe([["kettle"]]);
        (await this.FetchAsync(["tea", "kettle"])).Count.ShouldBe(2);
        this._endpoint.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Vectors_EndpointBusyOrSilent_AreFetchedAtLast()
    {
        this._endpoint.Troubles.Enqueue((503, "starting"));
        this._endpoint.Troubles.Enqueue((429, "slower"));
        this._endpoint.Troubles.Enqueue(null);
        (await this.FetchAsync(["tea"], this.Options with { Timeout = TimeSpan.FromMilliseconds(300) })).Single()[0].ShouldBe(3f);
        this._endpoint.Requests.Count.ShouldBe(4);
        this._log.Text.ShouldContain("attempt 1 of 5");
        this._log.Text.ShouldNotContain("secret-key-1");
    }

    [Fact]
    public async Task Vectors_EndpointFailsForLong_SaysWhatToDoAndKeepsWhatItHas()
    {
        await this.FetchAsync(["tea"]);
        for (var i = 0; i < 3; i++) this._endpoint.Troubles.Enqueue((500, "broken"));
        var failure = await Should.ThrowAsync<EmbeddingsException>(() => this.FetchAsync(["tea", "kettle"], this.Options with { Attempts = 3 }));
        failure.Message.ShouldContain("failed 3 times");
        failure.Message.ShouldContain("broken");
        this._endpoint.Requests.Clear();
        await this.FetchAsync(["tea"]);
        this._endpoint.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Vectors_KeyRefused_SaysSoAtOnceWithoutTheKey()
    {
        this._endpoint.Troubles.Enqueue((401, """{"error":"wrong key secret-key-1"}"""));
        var failure = await Should.ThrowAsync<EmbeddingsException>(() => this.FetchAsync(["tea"]));
        failure.Message.ShouldContain("401");
        failure.Message.ShouldContain("AISLE_EMBEDDINGS_KEY");
        failure.ToString().ShouldNotContain("secret-key-1");
        this._endpoint.Requests.Count.ShouldBe(1, "a refusal is not asked again");
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"index":7,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":["x"]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1e300]}]}""")]
    public async Task Vectors_AnswerThatIsNone_IsRefused(string body)
    {
        this._endpoint.Troubles.Enqueue((200, body));
        (await Should.ThrowAsync<EmbeddingsException>(() => this.FetchAsync(["tea"]))).Message.ShouldContain("a vector for each of 1 texts");
    }

    [Fact]
    public void FromEnvironment_Variables_MakeOptionsOrSayWhatIsWrong()
    {
        static EmbeddingsOptions? Of(params (string Name, string Value)[] set) => EmbeddingsOptions.FromEnvironment(name => set.FirstOrDefault(given => given.Name == name).Value);
        Of().ShouldBeNull();
        Of(("AISLE_EMBEDDINGS_URL", "http://h/v1"), ("AISLE_EMBEDDINGS_MODEL", "m"))!.Endpoint.ShouldBe(new Uri("http://h/v1/embeddings"));
        Should.Throw<ArgumentException>(() => Of(("AISLE_EMBEDDINGS_URL", "http://h/v1"))).Message.ShouldContain("AISLE_EMBEDDINGS_MODEL");
        Should.Throw<ArgumentException>(() => Of(("AISLE_EMBEDDINGS_URL", "h"), ("AISLE_EMBEDDINGS_MODEL", "m"))).Message.ShouldContain("whole address");
        Should.Throw<ArgumentException>(() => Of(("AISLE_EMBEDDINGS_URL", "ftp://h"), ("AISLE_EMBEDDINGS_MODEL", "m"))).Message.ShouldContain("http://");
    }

    private Task<IReadOnlyList<float[]>> FetchAsync(string[] texts, EmbeddingsOptions? options = null) =>
        new EmbeddingsClient(this._http, options ?? this.Options, this.CacheFile, TimeProvider.System, this._log).VectorsAsync(texts, null, TestContext.Current.CancellationToken);

    private sealed class Lines : ILogger
    {
        public string Text { get; private set; } = "";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            this.Text += formatter(state, exception) + "\n";
    }
}
