using Aisle.Engine;
using Aisle.Server.Api;
using Aisle.Server.Console;
using Aisle.Server.Storefront;
using Aisle.Server.Workers;
using Microsoft.AspNetCore.DataProtection;

namespace Aisle.Server;

/// <summary>What the server is made of: services, then the order of the pipeline.</summary>
internal static class AisleServer
{
    private const int MaxBody = 4 << 20;

    /// <summary>Opens the store and builds the server, ready to be started.</summary>
    /// <exception cref="ArgumentException">A setting is not valid; the message names it and what is allowed.</exception>
    /// <exception cref="Engine.Storage.StoreException">The store cannot be opened; the message says why and what to do.</exception>
    public static async Task<WebApplication> CreateAsync(string[] args, TimeProvider time)
    {
        // Pages' files and settings lie beside the program, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("AISLE_").AddCommandLine(args);
        var options = ServerOptions.From(builder.Configuration);

        builder.Services.AddAisle(options, time);
        var app = builder.Build();
        try
        {
            // Opens the store now: one that cannot be opened refuses to start instead of failing requests.
            var engine = app.Services.GetRequiredService<EngineServices>();
            app.MapAisle();
            if (await AdminKey.EnsureAsync(engine, CancellationToken.None) is { } keyFile)
                app.Logger.LogInformation("An admin key was made; it lies in {File}", keyFile);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static void AddAisle(this IServiceCollection services, ServerOptions options, TimeProvider time)
    {
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddEngine(options.Store);

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
        services.AddDataProtection().PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(options.Store, "page-keys")));
        services.AddProblemDetails();
        services.AddExceptionHandler<FailureHandler>();
        services.AddSingleton<RecommendationAnswers>();
        services.AddApiAccess();
        services.AddApiCors();
        services.AddApiDescription();

        services.AddHttpContextAccessor();
        services.AddRazorComponents();
        services.AddLocalization();
        services.AddConsoleAccess();
        services.AddStorefront();
    }

    /// <summary>The engine's parts one by one, so that an endpoint names what it uses.</summary>
    private static void AddEngine(this IServiceCollection services, string store)
    {
        services.AddSingleton(provider => EngineServices.Open(store, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        Part(engine => engine.Catalogue);
        Part(engine => engine.Events);
        Part(engine => engine.Users);
        Part(engine => engine.Keys);
        Part(engine => engine.Intake);
        Part(engine => engine.Histories);
        Part(engine => engine.Models);
        Part(engine => engine.Rankers);
        Part(engine => engine.Ranking);
        Part(engine => engine.Shadows);
        Part(engine => engine.TrainingRuns);
        Part(engine => engine.Recommendations);
        Part(engine => engine.Expressions);
        Part(engine => engine.Pipelines);
        Part(engine => engine.Rules);
        Part(engine => engine.Experiments);
        Part(engine => engine.ChoicePoints);
        Part(engine => engine.Choices);
        Part(engine => engine.Settings);
        Part(engine => engine.Carts);
        Part(engine => engine.CartModels);
        Part(engine => engine.CartTraining);
        Part(engine => engine.Delivery);

        void Part<T>(Func<EngineServices, T> part)
            where T : class => services.AddSingleton(provider => part(provider.GetRequiredService<EngineServices>()));
    }

    private static void MapAisle(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseRequestLocalization(Languages.Configure);
        app.UseStaticFiles();
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapHealth();
        app.MapApiDescription();
        var api = app.MapGroup("/api/v1");
        api.MapEvents();
        api.MapItems();
        api.MapUsers();
        api.MapRecommendations();
        api.MapCarts();
        api.MapDelivery();
        api.MapConfiguration();
        api.MapExperiments();
        api.MapChoices();
        api.MapFeedback();
        api.MapExposure();
        api.MapModels();
        api.MapRankers();
        api.MapShadows();
        api.MapTrainingRuns();
        api.MapKeys();
        app.MapConsole();
        app.MapStorefront();
    }
}
