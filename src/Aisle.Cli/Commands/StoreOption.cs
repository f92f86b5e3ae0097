using System.CommandLine;
using Aisle.Engine;

namespace Aisle.Cli.Commands;

/// <summary>The option that every command on a store has.</summary>
internal static class StoreOption
{
    public static Option<string> Create() => new("--store") { Description = "Folder of the store.", DefaultValueFactory = _ => StoreLocation.Default };
}
