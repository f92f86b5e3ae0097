using System.Security.Cryptography;
using System.Text;
using Aisle.Learning.Data;

namespace Aisle.Learning.Distributed;

/// <summary>Makes sure that what must be the same in all processes is: a difference would only be seen in the figures, if at all.</summary>
internal static class Agreement
{
    /// <exception cref="InvalidDataException">The data of some process are other than those of the first.</exception>
    public static void OnData(string model, IProcessGroup processes, Dataset data)
    {
        if (processes.Size > 1 && !IsSame(processes, Encoding.ASCII.GetBytes(data.Fingerprint())))
            throw new InvalidDataException($"{model}: the processes have different data. Give each the same files; if a store is being written to, start again.");
    }

    /// <param name="numbers">Adds the numbers that must agree.</param>
    /// <exception cref="InvalidDataException">The numbers of some process are other than those of the first.</exception>
    public static void OnNumbers(string model, IProcessGroup processes, Action<IncrementalHash> numbers)
    {
        if (processes.Size == 1) return;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        numbers(hash);
        if (!IsSame(processes, hash.GetHashAndReset()))
            throw new InvalidDataException($"{model}: the processes have drifted apart. Run all on processors of one kind, or switch off what only some have (DOTNET_EnableAVX512=0).");
    }

    private static bool IsSame(IProcessGroup processes, byte[] own)
    {
        var first = (byte[])own.Clone();
        processes.Broadcast(first.AsSpan());
        Span<float> different = [own.AsSpan().SequenceEqual(first) ? 0f : 1f];
        processes.Sum(different);
        return different[0] == 0f;
    }
}
