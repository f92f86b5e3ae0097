using System.Net;
using Aisle.Engine.Shop;
using Aisle.Server.Console.Merchandisers;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;

namespace Aisle.Server.Console;

/// <summary>
/// Who may open the console: whoever signed in with an admin key; and, for a demo shop, which holds made-up shoppers only, anyone on this
/// machine.
/// </summary>
internal static class ConsoleAccess
{
    public const string Scheme = "Console";
    public const string Policy = "console";

    public static void AddConsoleAccess(this IServiceCollection services)
    {
        services.AddAuthentication().AddCookie(Scheme, cookie =>
        {
            cookie.LoginPath = "/console/sign-in";
            cookie.AccessDeniedPath = "/console/sign-in";
            cookie.Cookie.Name = "aisle-console";
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.HttpOnly = true;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
        });
        services.AddSingleton<IAuthorizationHandler, DemoOnThisMachine>();
        services.AddTransient<ModelWords>();
        services.AddTransient<RuleWords>();
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.AddAuthenticationSchemes(Scheme).AddRequirements(new ConsoleRequirement()));
    }

    private sealed class ConsoleRequirement : IAuthorizationRequirement;

    private sealed class DemoOnThisMachine(IShopSettings settings, IHttpContextAccessor http) : AuthorizationHandler<ConsoleRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ConsoleRequirement requirement)
        {
            if (context.User.Identity is { IsAuthenticated: true, AuthenticationType: CookieAuthenticationDefaults.AuthenticationScheme or Scheme }
                || (settings.Get(ShopKind.Setting) == ShopKind.Demo && IsLocal(http.HttpContext!)))
                context.Succeed(requirement);
            return Task.CompletedTask;
        }

        // A proxy's requests come from this machine too; they carry a forwarding header. A page elsewhere that resolves its own name to
        // this machine does not: the name in Host gives it away.
        private static bool IsLocal(HttpContext context) =>
            context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded")
            && context.Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]";
    }
}
