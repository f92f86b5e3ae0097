namespace Aisle.Engine.Tests;

/// <summary>Guards the arrows: Cli, Server → Engine → Learning, and those between Engine's folders.</summary>
public sealed class ArchitectureTests
{
    // What each folder of Engine may use beside itself; a folder that is not here may use nothing of Engine.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Access"] = [],
        ["Catalog"] = [],
        ["Shop"] = [],
        ["Profiles"] = ["Catalog", "Events"],
        ["Events"] = ["Catalog", "Profiles"],
        ["Cleaning"] = ["Catalog", "Events", "Profiles"],
        ["Training"] = ["Catalog", "Events", "Profiles"],
        ["Expressions"] = ["Catalog", "Events", "Profiles"],
        ["Configuration"] = ["Expressions"],
        ["Experiments"] = ["Configuration", "Events", "Profiles", "Shop"],
        ["ChoicePoints"] = ["Configuration", "Profiles"],
        ["Recommending"] = ["Catalog", "Configuration", "Events", "Experiments", "Expressions", "Feedback", "Profiles", "Ranking", "Shop", "Training"],
        ["Carts"] = ["Catalog", "Events", "Profiles", "Recommending", "Shop", "Training"],
        ["Ranking"] = ["Catalog", "Configuration", "Events", "Feedback", "Profiles"],
        ["Feedback"] = ["Catalog", "Events", "Profiles", "Shop"],
        ["DemoShop"] = ["Catalog", "Events", "Profiles", "Training", "Shop"],
        ["Simulation"] = ["Catalog", "DemoShop", "Events", "Profiles"],
        ["Storage"] = ["Access", "Catalog", "ChoicePoints", "Configuration", "Events", "Profiles", "Ranking", "Shop", "Training"],
    };

    private const string Use = "using Aisle.Engine.";
    private static readonly string[] VagueNames = ["Util", "Utils", "Helper", "Helpers", "Common", "Manager", "Base", "Misc"];

    [Fact]
    public void Engine_Folders_UseOnlyWhatTheirArrowsAllow()
    {
        var wrong = new List<string>();
        foreach (var file in Sources("Aisle.Engine"))
        {
            var folder = Path.GetRelativePath(SourceFolder("Aisle.Engine"), file).Split(Path.DirectorySeparatorChar)[0];
            if (folder.EndsWith(".cs", StringComparison.Ordinal)) continue;
            foreach (var line in File.ReadLines(file).Where(line => line.StartsWith(Use, StringComparison.Ordinal)))
            {
                var used = line[Use.Length..].Split('.', ';')[0];
                if (used != folder && !Allowed.GetValueOrDefault(folder, []).Contains(used)) wrong.Add($"{file}: {line}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Learning_KnowsNoShop() =>
        Sources("Aisle.Learning").Where(file => File.ReadAllText(file).Contains("Aisle.Engine", StringComparison.Ordinal)).ShouldBeEmpty();

    [Theory]
    [InlineData("Aisle.Engine", "Aisle.Server")]
    [InlineData("Aisle.Engine", "Aisle.Cli")]
    [InlineData("Aisle.Server", "Aisle.Cli")]
    [InlineData("Aisle.Cli", "Aisle.Server")]
    public void Project_NeverNamesAnotherAboveOrBeside(string project, string other) =>
        Sources(project).Where(file => File.ReadAllText(file).Contains($"using {other}", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void Files_AreNamedByWhatTheyDo() =>
        Sources("").Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => VagueNames.Any(vague => name.EndsWith(vague, StringComparison.Ordinal))).ShouldBeEmpty();

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(SourceFolder(project), "*.cs", SearchOption.AllDirectories);

    private static string SourceFolder(string project)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Aisle.slnx"))) folder = folder.Parent;
        return Path.Combine(folder.ShouldNotBeNull().FullName, "src", project);
    }

}
