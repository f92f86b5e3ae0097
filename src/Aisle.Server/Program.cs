using Aisle.Engine.Storage;
using Aisle.Server;
using Microsoft.AspNetCore.Connections;

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
catch (IOException taken) when (taken.InnerException is AddressInUseException)
{
    Console.Error.WriteLine($"{taken.Message} Another program listens there; give another address, e.g. --urls http://127.0.0.1:5081.");
    return 1;
}
