using Aisle.Engine;
using Aisle.Server.Api;
using Aisle.Server.Console;
using Aisle.Server.Workers;
using Microsoft.AspNetCore.DataProtection;

namespace Aisle.Server;

/// <summary>What the server is made of: services, then the order of the pipeline.</summary>
internal static class AisleServer
{
    private const int MaxBody = 4 << 20;

    public static void AddAisle(this IServiceCollection services, EngineServices engine, ServerOptions options)
    {
        services.AddSingleton(options);
        // The engine's parts are registered one by one, so that an endpoint names what it uses. The factory makes the container dispose the engine.
        services.AddSingleton(_ => engine);
        services.AddSingleton(engine.Time);
        services.AddSingleton(engine.Catalogue);
        services.AddSingleton(engine.Events);
        services.AddSingleton(engine.Users);
        services.AddSingleton(engine.Keys);
        services.AddSingleton(engine.Intake);
        services.AddSingleton(engine.Histories);
        services.AddSingleton(engine.Models);
        services.AddSingleton(engine.TrainingRuns);
        services.AddSingleton(engine.Recommendations);
        services.AddSingleton(engine.Settings);

        services.AddSingleton<TrainingWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<TrainingWorker>());
        services.AddHostedService<StoreFollower>();
        services.AddSingleton<DemoShopWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<DemoShopWorker>());

        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
        });
        services.AddDataProtection().PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(engine.Directory, "page-keys")));
        services.AddProblemDetails();
        services.AddExceptionHandler<FailureHandler>();
        services.AddApiAccess();
        services.AddApiCors();
        services.AddApiDescription();

        services.AddHttpContextAccessor();
        services.AddRazorComponents();
        services.AddLocalization();
        services.AddConsoleAccess();
    }

    public static void MapAisle(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseRequestLocalization(Languages.Configure);
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapStaticAssets();
        app.MapHealth();
        app.MapApiDescription();
        var api = app.MapGroup("/api/v1");
        api.MapEvents();
        api.MapItems();
        api.MapUsers();
        api.MapRecommendations();
        api.MapModels();
        api.MapTrainingRuns();
        api.MapKeys();
        app.MapConsole();
    }
}
