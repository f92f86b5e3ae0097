using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Aisle.Learning.Distributed;

/// <summary>
/// The processes that <c>mpirun</c> started, over Open MPI's C library. It is loaded only here, so that nothing else needs it to be installed.
/// </summary>
/// <remarks>
/// Open MPI's handles (communicator, types, operations) are the addresses of global objects of its library; other MPI libraries number them, and
/// are not supported. Sums run in the library's order of ranks: the same in each run of as many processes, and the same in all processes.
/// </remarks>
public sealed unsafe class MpiProcesses : IProcessGroup
{
    /// <summary>Set by <c>mpirun</c> for each process that it starts.</summary>
    private const string RankVariable = "OMPI_COMM_WORLD_RANK";

    /// <summary>Calls come from one thread at a time, but not always from the same one.</summary>
    private const int Serialised = 2;

    private const int Succeeded = 0;

    private static readonly string[] LibraryNames =
        OperatingSystem.IsMacOS() ? ["libmpi.40.dylib", "libmpi.dylib"] : ["libmpi.so.40", "libmpi.so"];

    private readonly nint _library;
    private readonly nint _world;
    private readonly nint _sum;
    private readonly nint _bytes;
    private readonly nint _floats;
    private readonly nint _doubles;

    private MpiProcesses(nint library)
    {
        this._library = library;
        this._world = this.Find("ompi_mpi_comm_world");
        this._sum = this.Find("ompi_mpi_op_sum");
        this._bytes = this.Find("ompi_mpi_byte");
        this._floats = this.Find("ompi_mpi_float");
        this._doubles = this.Find("ompi_mpi_double");
        int given, rank, size;
        Check(((delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)this.Find("MPI_Init_thread"))(null, null, Serialised, &given), "MPI_Init_thread");
        Check(((delegate* unmanaged[Cdecl]<nint, int*, int>)this.Find("MPI_Comm_rank"))(this._world, &rank), "MPI_Comm_rank");
        Check(((delegate* unmanaged[Cdecl]<nint, int*, int>)this.Find("MPI_Comm_size"))(this._world, &size), "MPI_Comm_size");
        if (given < Serialised) throw new InvalidOperationException("This Open MPI was built without threads; install one with them (Debian's openmpi-bin has them).");
        this.Rank = rank;
        this.Size = size;
    }

    /// <summary>Whether <c>mpirun</c> started this process.</summary>
    public static bool AreStarted => int.TryParse(Environment.GetEnvironmentVariable(RankVariable), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    public int Rank { get; }

    public int Size { get; }

    /// <summary>Joins the other processes; once in the life of a process.</summary>
    /// <exception cref="InvalidOperationException">Not started by mpirun, or without Open MPI's library.</exception>
    public static MpiProcesses Join()
    {
        if (!AreStarted) throw new InvalidOperationException($"This process was not started by mpirun ({RankVariable} is not set). Start it so: mpirun -n 2 aisle …");
        foreach (var name in LibraryNames)
        {
            if (NativeLibrary.TryLoad(name, out var library)) return new MpiProcesses(library);
        }

        throw new InvalidOperationException($"The library of Open MPI ({LibraryNames[0]}) was not found. Install openmpi-bin, or name its folder in LD_LIBRARY_PATH.");
    }

    public void Sum(Span<float> values) => this.Sum(values, this._floats);

    public void Sum(Span<double> values) => this.Sum(values, this._doubles);

    public void Gather<T>(Span<T> all, ReadOnlySpan<int> starts)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(starts.Length, this.Size + 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(all.Length, starts[^1]);
        var (type, numbers) = this.TypeOf<T>();
        int[] places = new int[this.Size], counts = new int[this.Size];
        for (var rank = 0; rank < this.Size; rank++)
        {
            places[rank] = checked(starts[rank] * numbers);
            counts[rank] = checked((starts[rank + 1] - starts[rank]) * numbers);
        }

        fixed (T* to = all)
        {
            fixed (int* place = places, count = counts)
            {
                var gather = (delegate* unmanaged[Cdecl]<nint, int, nint, void*, int*, int*, nint, nint, int>)this.Find("MPI_Allgatherv");
                Check(gather(InPlace, 0, type, to, count, place, type, this._world), "MPI_Allgatherv");
            }
        }
    }

    public void Broadcast<T>(Span<T> values)
        where T : unmanaged
    {
        var (type, numbers) = this.TypeOf<T>();
        fixed (T* first = values)
            Check(((delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)this.Find("MPI_Bcast"))(first, checked(values.Length * numbers), type, 0, this._world), "MPI_Bcast");
    }

    public void Barrier() => Check(((delegate* unmanaged[Cdecl]<nint, int>)this.Find("MPI_Barrier"))(this._world), "MPI_Barrier");

    public void Abort(int exitCode) => _ = ((delegate* unmanaged[Cdecl]<nint, int, int>)this.Find("MPI_Abort"))(this._world, exitCode);

    /// <summary>Takes leave of the others, and waits until they do too: only after success. A process that fails aborts instead.</summary>
    public void Dispose() => Check(((delegate* unmanaged[Cdecl]<int>)this.Find("MPI_Finalize"))(), "MPI_Finalize");

    /// <summary>MPI_IN_PLACE: what is sent stands where the result will.</summary>
    private static nint InPlace => 1;

    private void Sum<T>(Span<T> values, nint type)
        where T : unmanaged
    {
        fixed (T* first = values)
            Check(((delegate* unmanaged[Cdecl]<nint, void*, int, nint, nint, nint, int>)this.Find("MPI_Allreduce"))(InPlace, first, values.Length, type, this._sum, this._world), "MPI_Allreduce");
    }

    /// <summary>What is only moved is moved in the widest numbers that fit, because MPI counts in 32 bits.</summary>
    private (nint Type, int Numbers) TypeOf<T>()
        where T : unmanaged =>
        Unsafe.SizeOf<T>() switch
        {
            sizeof(double) => (this._doubles, 1),
            sizeof(float) => (this._floats, 1),
            var size => (this._bytes, size),
        };

    private nint Find(string symbol) => NativeLibrary.GetExport(this._library, symbol);

    /// <summary>By default Open MPI ends all processes on an error, so that this is seldom reached.</summary>
    private static void Check(int code, string call)
    {
        if (code != Succeeded) throw new InvalidOperationException($"{call} failed with code {code}.");
    }
}
