namespace Aisle.Learning.Kernels;

/// <summary>Shares rows out among threads. Which thread takes which rows is left to chance, so the work on a row must not depend on it.</summary>
internal static class ParallelRows
{
    /// <summary>Runs <paramref name="work"/>(worker, first, end) over all rows, <paramref name="grain"/> rows at a time.</summary>
    /// <param name="work">Called concurrently with distinct worker numbers in [0, threads): each may own a scratch buffer.</param>
    /// <exception cref="OperationCanceledException">Cancelled; rows taken by then are finished.</exception>
    public static void Run(int threads, int rows, int grain, Action<int, int, int> work, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        cancellation.ThrowIfCancellationRequested();
        var workers = Math.Min(threads, (rows + grain - 1) / grain);
        var next = 0;
        void Work(int worker)
        {
            while (!cancellation.IsCancellationRequested)
            {
                var first = Interlocked.Add(ref next, grain) - grain;
                if (first >= rows) return;
                work(worker, first, Math.Min(rows, first + grain));
            }
        }

        if (workers <= 1) Work(0);
        else RunWorkers(workers, Work);
        cancellation.ThrowIfCancellationRequested();
    }

    private static void RunWorkers(int workers, Action<int> work)
    {
        try
        {
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, work);
        }
        catch (AggregateException failure)
        {
            // The caller expects the kernel's own exception, not how many threads met it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure.InnerExceptions[0]);
        }
    }
}
