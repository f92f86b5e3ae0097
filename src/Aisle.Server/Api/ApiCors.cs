namespace Aisle.Server.Api;

/// <summary>Which pages of other origins may call from a browser.</summary>
internal static class ApiCors
{
    /// <summary>Any page may send events with its tracker key: that is what the key is for. No cookies are involved.</summary>
    public const string Tracking = "tracking";

    public static void AddApiCors(this IServiceCollection services) =>
        services.AddCors(cors => cors.AddPolicy(Tracking, policy => policy
            .AllowAnyOrigin()
            .WithMethods(HttpMethods.Post)
            .WithHeaders("Authorization", "Content-Type", "X-API-Key")
            .SetPreflightMaxAge(TimeSpan.FromHours(2))));
}
