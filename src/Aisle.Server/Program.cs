using Aisle.Engine;
using Aisle.Engine.Storage;
using Aisle.Server;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,
    // Pages and scripts lie beside the program, wherever it is started from.
    ContentRootPath = AppContext.BaseDirectory,
});
// The pages' files also where the program runs from its build folder, unpublished.
builder.WebHost.UseStaticWebAssets();
builder.Configuration.AddEnvironmentVariables("AISLE_").AddCommandLine(args);

ServerOptions options;
EngineServices engine;
try
{
    options = ServerOptions.From(builder.Configuration);
    using var startup = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
    engine = EngineServices.Open(options.Store, TimeProvider.System, startup);
}
catch (Exception refusal) when (refusal is ArgumentException or StoreException)
{
    Console.Error.WriteLine(refusal.Message);
    return 2;
}

builder.Services.AddAisle(engine, options);
var app = builder.Build();
app.MapAisle();

if (await AdminKey.EnsureAsync(engine, CancellationToken.None) is { } keyFile)
    app.Logger.LogInformation("An admin key was made; it lies in {File}", keyFile);
await app.RunAsync();
return 0;

/// <summary>Visible to the test host.</summary>
internal sealed partial class Program;
