using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Aisle.Engine.Tests.Catalog.Embeddings;

/// <summary>An endpoint on this machine that answers as it is told, then with vectors: (length of the text, 1).</summary>
internal sealed class FakeEmbeddings : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public FakeEmbeddings()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            this.Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/v1");
        }

        this._listener.Prefixes.Add($"http://127.0.0.1:{this.Url.Port}/");
        this._listener.Start();
        this._serving = this.ServeAsync();
    }

    public Uri Url { get; }

    /// <summary>What is answered first, in this order; null leaves the request waiting until the client gives up.</summary>
    public Queue<(int Status, string Body)?> Troubles { get; } = [];

    public List<string[]> Requests { get; } = [];

    public string? Authorization { get; private set; }

    public string? Path { get; private set; }

    public async ValueTask DisposeAsync()
    {
        this._listener.Close();
        await this._serving;
    }

    private async Task ServeAsync()
    {
        while (this._listener.IsListening)
        {
            try
            {
                await this.AnswerAsync(await this._listener.GetContextAsync());
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                continue;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var request = await JsonDocument.ParseAsync(context.Request.InputStream);
        var texts = request.RootElement.GetProperty("input").EnumerateArray().Select(text => text.GetString()!).ToArray();
        this.Requests.Add(texts);
        (this.Authorization, this.Path) = (context.Request.Headers["Authorization"], context.Request.Url!.AbsolutePath);
        if (this.Troubles.TryDequeue(out var trouble))
        {
            if (trouble is not { } answer) return;
            context.Response.StatusCode = answer.Status;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
        }
        else
        {
            // Backwards, as an endpoint may that works in parallel.
            var data = texts.Select((text, index) => $$"""{"index":{{index}},"embedding":[{{text.Length}},1]}""").Reverse();
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"object":"list","data":[{{string.Join(',', data)}}]}"""));
        }

        context.Response.Close();
    }
}
