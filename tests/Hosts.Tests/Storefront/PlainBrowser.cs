using System.Net;
using System.Text.RegularExpressions;

namespace Aisle.Hosts.Tests.Storefront;

/// <summary>What a browser does without scripts: follows links, keeps cookies, sends forms with their token.</summary>
public sealed class PlainBrowser : IDisposable
{
    private readonly HttpClient _client;
    private string _page = "";

    public PlainBrowser(Uri shop)
    {
        this.Shop = shop;
        this._client = new HttpClient(new HttpClientHandler { CookieContainer = this.Cookies }) { BaseAddress = shop };
    }

    public Uri Shop { get; }

    public CookieContainer Cookies { get; } = new();

    /// <summary>The visitor's id, as the last page tells aisle.js.</summary>
    public string Visitor => this.Meta("aisle-user");

    public async Task<string> GetAsync(string address, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await this._client.GetAsync(new Uri(address, UriKind.Relative));
        response.StatusCode.ShouldBe(expected, address);
        return this._page = await response.Content.ReadAsStringAsync();
    }

    public Task<HttpResponseMessage> AnswerAsync(string address) => this._client.GetAsync(new Uri(address, UriKind.Relative));

    /// <summary>Sends a form of the last page.</summary>
    public async Task<string> PostAsync(string address, HttpStatusCode expected, params (string Name, string Value)[] fields)
    {
        var token = this.All("__RequestVerificationToken\" value=\"(?<value>[^\"]+)\"").FirstOrDefault("");
        var content = fields.Append(("__RequestVerificationToken", token)).ToDictionary(field => field.Item1, field => field.Item2);
        using var response = await this._client.PostAsync(new Uri(address, UriKind.Relative), new FormUrlEncodedContent(content));
        response.StatusCode.ShouldBe(expected, address);
        return this._page = await response.Content.ReadAsStringAsync();
    }

    public string Meta(string name) => this.All($"<meta name=\"{name}\" content=\"(?<value>[^\"]*)\"").SingleOrDefault("");

    /// <summary>The group "value" of each match in the last page, decoded.</summary>
    public IReadOnlyList<string> All(string pattern) =>
        [.. Regex.Matches(this._page, pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(match => WebUtility.HtmlDecode(match.Groups["value"].Value))];

    public void Dispose() => this._client.Dispose();
}
