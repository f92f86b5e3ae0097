using System.Runtime.CompilerServices;

namespace Aisle.Learning.Neural;

/// <summary>Refuses tensors that do not fit together: a mistake of the model's author, never of its user.</summary>
internal static class Shapes
{
    public static void Match(int actual, int expected, string what, [CallerMemberName] string operation = "")
    {
        if (actual != expected) throw new ArgumentException($"{operation}: {what} must be equal, but are {actual} and {expected}.");
    }

    public static void Same(Tensor a, Tensor b, [CallerMemberName] string operation = "")
    {
        if (a.Rows != b.Rows || a.Columns != b.Columns) throw new ArgumentException($"{operation}: both sides must have one shape, but are {a.Rows} × {a.Columns} and {b.Rows} × {b.Columns}.");
    }
}
