using System.Security.Claims;
using System.Text.Encodings.Web;
using Aisle.Engine.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Aisle.Server.Api;

/// <summary>Who may call what: an API key has one role, an endpoint names the policy that it needs.</summary>
internal static class ApiAccess
{
    public const string Scheme = "ApiKey";

    /// <summary>Write events: any key.</summary>
    public const string Track = "track";

    /// <summary>Read the catalogue, ask for recommendations: shop and admin keys.</summary>
    public const string Ask = "ask";

    /// <summary>Change catalogue, users, models and keys: admin keys.</summary>
    public const string Manage = "manage";

    public static void AddApiAccess(this IServiceCollection services)
    {
        services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(Scheme, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(Track, policy => policy.AddAuthenticationSchemes(Scheme).RequireRole(nameof(ApiRole.Tracker), nameof(ApiRole.Shop), nameof(ApiRole.Admin)))
            .AddPolicy(Ask, policy => policy.AddAuthenticationSchemes(Scheme).RequireRole(nameof(ApiRole.Shop), nameof(ApiRole.Admin)))
            .AddPolicy(Manage, policy => policy.AddAuthenticationSchemes(Scheme).RequireRole(nameof(ApiRole.Admin)));
    }
}

/// <summary>Takes the key from <c>Authorization: Bearer …</c> or <c>X-API-Key</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = this.Request.Headers.Authorization.ToString();
        var text = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : this.Request.Headers["X-API-Key"].ToString();
        if (text.Length == 0) return Task.FromResult(AuthenticateResult.NoResult());
        if (keys.Check(text) is not { } key) return Task.FromResult(AuthenticateResult.Fail("The key is not known."));

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, key.Id), new Claim(ClaimTypes.Role, key.Role.ToString())], ApiAccess.Scheme);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), ApiAccess.Scheme)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        this.Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(
            "Send a valid API key as Authorization: Bearer KEY, or as X-API-Key. The admin key lies in admin-key.txt in the store's folder; make others with it at /api/v1/keys.",
            statusCode: StatusCodes.Status401Unauthorized,
            title: "An API key is needed.").ExecuteAsync(this.Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Results.Problem(
            $"A key of the role {this.Context.User.FindFirstValue(ClaimTypes.Role)?.ToLowerInvariant()} may not do this; docs/api.md lists what each role may do.",
            statusCode: StatusCodes.Status403Forbidden,
            title: "This key may not do that.").ExecuteAsync(this.Context);
}
