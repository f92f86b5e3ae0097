using Aisle.Engine.Tests.Storage.Sqlite;
using Xunit.Runner.InProc.SystemConsole;

// The test assembly is also the process that SqliteKillTests starts and kills.
return args is [KilledShop.Command, var folder, var round]
    ? await KilledShop.RunAsync(folder, int.Parse(round, System.Globalization.CultureInfo.InvariantCulture))
    : await ConsoleRunner.Run(args);
