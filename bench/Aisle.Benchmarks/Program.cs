using Aisle.Benchmarks;

switch (args.FirstOrDefault())
{
    case "event-table-layouts":
        await EventTableLayouts.RunAsync();
        return 0;
    case "store":
        await StoreSpeed.RunAsync();
        return 0;
    default:
        await Console.Error.WriteLineAsync("Name a benchmark: event-table-layouts, store.");
        return 2;
}
