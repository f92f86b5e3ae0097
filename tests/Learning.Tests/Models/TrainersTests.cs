using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class TrainersTests
{
    [Fact]
    public void Find_UnknownName_ListsTheModels()
    {
        var message = Should.Throw<ArgumentException>(() => Trainers.Create("no-such")).Message;
        message.ShouldContain("'no-such'");
        foreach (var family in Trainers.All) message.ShouldContain(family.Name);
    }

    [Fact]
    public void All_Families_MakeTrainersOfTheirName()
    {
        foreach (var family in Trainers.All) family.Create(null).Name.ShouldBe(family.Name);
        Trainers.All.Select(family => family.Name).ShouldBeUnique();
    }
}
