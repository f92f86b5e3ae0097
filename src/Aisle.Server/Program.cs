using Aisle.Engine.Storage;
using Aisle.Server;

try
{
    await using var app = await AisleServer.CreateAsync(args, TimeProvider.System);
    await app.RunAsync();
    return 0;
}
catch (Exception refusal) when (refusal is ArgumentException or StoreException)
{
    Console.Error.WriteLine(refusal.Message);
    return 2;
}
