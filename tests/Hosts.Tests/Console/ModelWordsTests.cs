using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using Aisle.Engine.Training;
using Aisle.Learning.Models;
using Aisle.Server.Console;
using Microsoft.Extensions.DependencyInjection;

namespace Aisle.Hosts.Tests.Console;

public sealed partial class ModelWordsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddLocalization().AddTransient<ModelWords>().BuildServiceProvider();
    private readonly CultureInfo _before = CultureInfo.CurrentUICulture;

    public static TheoryData<string> Families => [.. Trainers.All.Select(family => family.Name)];

    private ModelWords Words => this._services.GetRequiredService<ModelWords>();

    public void Dispose()
    {
        CultureInfo.CurrentUICulture = this._before;
        this._services.Dispose();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Family_HasANameAndASentenceInBothLanguages(string family)
    {
        var (name, about) = this.In("en", family);
        var (chineseName, chineseAbout) = this.In("zh", family);

        name.ShouldNotBe(family);
        about.ShouldEndWith(".");
        about.ShouldNotContain(".about");
        chineseName.ShouldNotBe(family);
        chineseAbout.ShouldEndWith("。");
        chineseAbout.Any(letter => letter >= '\u4e00').ShouldBeTrue();
    }

    [Theory]
    [InlineData("en", "als 30d", "Matrix factorisation (ALS), 30-day memory")]
    [InlineData("zh", "als 30d", "矩阵分解（ALS），30 天记忆")]
    [InlineData("en", "from-a-later-release", "from-a-later-release")]
    public void Name_OfARecipe_SaysItsMemory(string language, string recipe, string expected)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);

        this.Words.Name(recipe).ShouldBe(expected);
    }

    [Theory]
    [InlineData(0.001, "more than chance")]
    [InlineData(-0.001, "may as well be equal")]
    public void Reason_OfAChoice_SaysWhetherTheLeadIsMoreThanChance(double low, string words)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
        var scores = new[] { Score("ease", 0.2), Score("als", 0.198) };
        var report = new TrainingReport("ease", "ndcg@10", scores, null, null, 9, new DataWindow(default, default, 1, 1, 1, 1, 0), "", new Dictionary<string, double>())
        {
            Lead = new ModelLead("als", 0.002, new ScoreInterval(low, 0.005)),
        };

        var reason = this.Words.Reason(report)!;

        reason.ShouldContain(words);
        reason.ShouldContain("Linear model (EASE) won: NDCG@10 0.2000, +0.0020 over Matrix factorisation (ALS)");
        this.Words.Reason(report with { Lead = null }).ShouldBeNull();
    }

    [Fact]
    public void ConsolePages_EveryTextOfTheirs_HasAChineseOne()
    {
        var folder = Path.Combine(RepositoryRoot(), "src", "Aisle.Server", "Console");
        var chinese = new ResourceManager("Aisle.Server.Console.ConsoleText", typeof(ConsoleText).Assembly);
        var missing = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(file => TextKey().Matches(File.ReadAllText(file)).Select(match => match.Groups["key"].Value))
            .Distinct().Where(key => chinese.GetResourceSet(CultureInfo.GetCultureInfo("zh"), createIfNotExists: true, tryParents: false)!.GetString(key) is null).ToList();

        missing.ShouldBeEmpty();
    }

    private static ModelScore Score(string model, double value) => new(model, new Dictionary<string, double> { ["ndcg@10"] = value });

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Aisle.slnx"))) folder = folder.Parent;
        return folder.ShouldNotBeNull("The tests look at the pages' sources, which lie beside Aisle.slnx.").FullName;
    }

    [GeneratedRegex("\\b[Tt]ext\\[\"(?<key>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TextKey();

    private (string Name, string About) In(string language, string family)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        return (this.Words.Name(family), this.Words.About(family));
    }
}
