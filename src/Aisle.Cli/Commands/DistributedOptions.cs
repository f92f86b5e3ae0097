using System.CommandLine;
using Aisle.Engine.Training;
using Aisle.Learning.Distributed;

namespace Aisle.Cli.Commands;

/// <summary>Options of commands that may take hours: several processes under <c>mpirun</c>, and checkpoints.</summary>
internal sealed class DistributedOptions
{
    private readonly Option<bool> _distributed = new("--distributed") { Description = "Share the fits of als and of neural models among the processes that mpirun started: mpirun -n 4 aisle …. Give each a share of the cores by --threads." };
    private readonly Option<string?> _checkpoint = new("--checkpoint") { Description = "File that keeps what a fit needs to be taken up again, written after each epoch; the same call goes on from it, and deletes it when done. Further fits of the call write FILE.2, FILE.3…" };
    private readonly Option<int> _everySteps = new("--checkpoint-steps") { Description = "Write the checkpoint also every so many steps of an epoch. Default 0: no.", DefaultValueFactory = _ => 0 };

    public void AddTo(Command command)
    {
        command.Options.Add(this._distributed);
        command.Options.Add(this._checkpoint);
        command.Options.Add(this._everySteps);
    }

    public CheckpointFile? Checkpoint(ParseResult call)
    {
        var every = call.GetValue(this._everySteps);
        if (every < 0) throw new WrongCallException($"--checkpoint-steps is {every}; give 0 or more.");
        if (call.GetValue(this._checkpoint) is { Length: > 0 } file) return new CheckpointFile(file, every);
        return every == 0 ? null : throw new WrongCallException("--checkpoint-steps needs --checkpoint FILE.");
    }

    /// <summary>Runs a command in this process, or in all that mpirun started; only the first of them should write results.</summary>
    public async Task<int> RunAsync(ParseResult call, Func<IProcessGroup, Task<int>> work)
    {
        if (!call.GetValue(this._distributed)) return await work(SingleProcess.Instance);
        if (!MpiProcesses.AreStarted) throw new WrongCallException("--distributed works under mpirun only: mpirun -n 4 aisle train --distributed …. Without it, leave the option out.");
        var processes = Join();
        var code = CommandRunner.Failed;
        try
        {
            code = await work(processes);
        }
        catch (Exception failure) when (processes.Size > 1)
        {
            // The others wait for this process, and would for ever. The message goes first: ending them ends this one too.
            code = CommandRunner.CodeOf(failure);
            await call.InvocationConfiguration.Error.WriteLineAsync($"Process {processes.Rank}: {CommandRunner.MessageOf(failure)}");
        }

        if (code == CommandRunner.Success) processes.Dispose();
        else processes.Abort(code);
        return code;
    }

    private static MpiProcesses Join()
    {
        try
        {
            return MpiProcesses.Join();
        }
        catch (InvalidOperationException impossible)
        {
            throw new WrongCallException($"--distributed: {impossible.Message}", impossible);
        }
    }
}
