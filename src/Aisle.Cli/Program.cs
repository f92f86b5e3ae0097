using System.CommandLine;
using Aisle.Cli.Commands;

var root = new RootCommand("Aisle, a personalisation engine for online shops.")
{
    ImportCommand.Create(),
    TrainCommand.Create(),
    RecommendCommand.Create(),
    EvaluateCommand.Create(),
    TuneCommand.Create(),
};
return await CommandRunner.RunAsync(root, args, Console.Out, Console.Error);
