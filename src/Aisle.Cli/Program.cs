using System.CommandLine;
using Aisle.Cli.Commands;
using Aisle.Learning.Distributed;

// mpirun gives each process a terminal of its own and passes on all that is written to it, also the codes that prepare a real one.
if (MpiProcesses.AreStarted) Environment.SetEnvironmentVariable("TERM", "dumb");

var root = new RootCommand("Aisle, a personalisation engine for online shops.")
{
    ImportCommand.Create(),
    TrainCommand.Create(),
    RecommendCommand.Create(),
    EvaluateCommand.Create(),
    TuneCommand.Create(),
    BenchmarkCommand.Create(),
    SimulateCommand.Create(),
};
return await CommandRunner.RunAsync(root, args, Console.Out, Console.Error);
