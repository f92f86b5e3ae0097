using System.Globalization;
using Aisle.Benchmarks;
using Aisle.Benchmarks.Kernels;
using BenchmarkDotNet.Running;

switch (args)
{
    case ["peers"]:
        PeerRates.Print(Console.Out);
        return 0;
    case ["fit", var folder, var threads, var runs, var model, .. var options]:
        AlsFit.Print(folder, int.Parse(threads, CultureInfo.InvariantCulture), int.Parse(runs, CultureInfo.InvariantCulture), model, options.Length > 0 ? options[0] : "{}", Console.Out);
        return 0;
    case ["sequence-training", var file, var threads, var model, .. var options]:
        SequenceTraining.Print(file, int.Parse(threads, CultureInfo.InvariantCulture), model, options.Length > 0 ? options[0] : "{}", Console.Out);
        return 0;
    case ["streamed-training", var events, var room, var folder, var seconds, var model, .. var options]:
        StreamedTraining.Print(
            long.Parse(events, CultureInfo.InvariantCulture), room, folder, double.Parse(seconds, CultureInfo.InvariantCulture), model, options.Length > 0 ? options[0] : "{}", Console.Out);
        return 0;
    case ["behaviour-latency", var items]:
        BehaviourLatency.Print(int.Parse(items, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    case ["generate", var users, var items, var interactions, var file]:
        SyntheticInteractions.Write(
            int.Parse(users, CultureInfo.InvariantCulture), int.Parse(items, CultureInfo.InvariantCulture), long.Parse(interactions, CultureInfo.InvariantCulture), file, Console.Out);
        return 0;
    case ["newcomers", var part, var format, var ratings, var people, var items, var given, .. var models]:
        Newcomers.Print(part, format, ratings, people, items, int.Parse(given, CultureInfo.InvariantCulture), models, Console.Out);
        return 0;
    case ["served-default", var part, var store, var threads, .. var models]:
        await ServedDefault.PrintAsync(part, store, int.Parse(threads, CultureInfo.InvariantCulture), models, Console.Out);
        return 0;
    case ["kernels", .. var filters]:
        BenchmarkSwitcher.FromAssembly(typeof(VectorBenchmarks).Assembly).Run(filters.Length > 0 ? ["--filter", .. filters] : ["--filter", "*"]);
        return 0;
    case ["event-table-layouts"]:
        await EventTableLayouts.RunAsync();
        return 0;
    case ["store"]:
        await StoreSpeed.RunAsync();
        return 0;
    case ["recommendations", var store]:
        await RecommendationSpeed.RunAsync(store);
        return 0;
    case ["nearest-neighbours", .. var rest]:
        return NearestNeighbours.Run(rest, Console.Out);
    case ["shopper-state", var shoppers, var events]:
        ShopperState.Print(int.Parse(shoppers, CultureInfo.InvariantCulture), int.Parse(events, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    case ["made-up-shop", var folder, var items, var shoppers, var further]:
        MadeUpShop.Write(
            folder, int.Parse(items, CultureInfo.InvariantCulture), int.Parse(shoppers, CultureInfo.InvariantCulture), double.Parse(further, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    case ["candidate-search", var store]:
        await CandidateSearch.PrintAsync(store, Console.Out);
        return 0;
    case ["exploration-recovery", var worlds]:
        await ExplorationRecovery.PrintAsync(int.Parse(worlds, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    case ["choices"]:
        await ChoiceLatency.RunAsync(Console.Out);
        return 0;
    case ["expressions"]:
        ExpressionSpeed.Print(Console.Out);
        return 0;
    case ["decisions"]:
        DecisionFigures.Print(Console.Out);
        return 0;
    case ["ranking", var folder, var lists, var threads]:
        RankingSpeed.Print(folder, int.Parse(lists, CultureInfo.InvariantCulture), int.Parse(threads, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    case ["recommendation-latency", var server, var key]:
        await RecommendationLatency.RunAsync(new Uri(server), key);
        return 0;
    default:
        await Console.Error.WriteLineAsync(
            "usage: kernels [FILTER…] | peers | fit FOLDER THREADS RUNS MODEL [OPTIONS-JSON] | sequence-training FILE THREADS MODEL [OPTIONS-JSON] | behaviour-latency ITEMS | generate USERS ITEMS INTERACTIONS FILE | newcomers test|validation FORMAT RATINGS USERS ITEMS|- GIVEN MODEL… | served-default test|validation STORE THREADS MODEL… | event-table-layouts | store | recommendations STORE | shopper-state SHOPPERS EVENTS | made-up-shop FOLDER ITEMS SHOPPERS FURTHER | expressions | decisions | ranking FOLDER LISTS THREADS | streamed-training EVENTS memory|disk FOLDER SECONDS MODEL [OPTIONS-JSON] | nearest-neighbours … | candidate-search STORE | exploration-recovery WORLDS | choices | recommendation-latency URL KEY");
        return 2;
}
