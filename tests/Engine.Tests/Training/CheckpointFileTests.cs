using Aisle.Engine.Tests.Storage;
using Aisle.Engine.Training;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Engine.Tests.Training;

public sealed class CheckpointFileTests : IDisposable
{
    private static readonly Interactions Behaviour = Interactions.From(4, 4, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 2, 3]);

    private readonly TemporaryFolder _folder = new();

    private string Place => Path.Combine(this._folder.Path, "new", "fit.checkpoint");

    public void Dispose() => this._folder.Dispose();

    [Fact]
    public void Fit_WithAFile_LeavesOneWholeFileAndDeletesItWhenAsked()
    {
        var file = new CheckpointFile(this.Place);
        Fit(file);
        Directory.GetFiles(Path.GetDirectoryName(this.Place)!).ShouldBe([this.Place]);
        Fit(file);
        file.Delete();
        Directory.GetFiles(Path.GetDirectoryName(this.Place)!).ShouldBeEmpty();
    }

    [Fact]
    public void Fit_KilledWhileWriting_ReadsTheFileBefore()
    {
        var file = new CheckpointFile(this.Place);
        Fit(file);
        File.WriteAllText(this.Place + ".part", "AISLECKP and no more");
        Fit(file);
        File.Exists(this.Place).ShouldBeTrue();
    }

    [Theory]
    [InlineData(40, "damaged")]
    [InlineData(-1, "cut off")]
    [InlineData(0, "not a checkpoint")]
    public void Fit_FileThatIsNotWhole_SaysWhatIsWrong(int changed, string sentence)
    {
        var file = new CheckpointFile(this.Place);
        Fit(file);
        var bytes = File.ReadAllBytes(this.Place);
        if (changed < 0) bytes = bytes[..20];
        else bytes[changed] ^= 1;
        File.WriteAllBytes(this.Place, bytes);
        Should.Throw<InvalidDataException>(() => Fit(file)).Message.ShouldContain(sentence);
    }

    private static void Fit(CheckpointFile file) => new AlsTrainer(new AlsOptions { Factors = 2, Iterations = 2 }).Fit(Behaviour, new FitContext { Threads = 1, Checkpoints = file.For("") });
}
