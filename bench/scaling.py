#!/usr/bin/env python3
"""Measures how the cost of a training grows: made-up sequences of growing size, and the processor seconds of one epoch (or ALS iteration) more.

    python3 bench/scaling.py [--runs 3] [--ranks]

Processor time, not time on the clock, so that the figures mean something on a machine that has other things to do; what reading and measuring cost
is left out by taking the difference between a long and a short training. The least of the runs counts. With --ranks: seconds on the clock of the
same training under mpirun with 1, 2 and 4 processes, which says something only on a machine with as many idle cores.
"""
import argparse
import json
import os
import random
import resource
import subprocess
import tempfile

AISLE = ["dotnet", os.path.join(os.path.dirname(__file__), "..", "artifacts", "bin", "Aisle.Cli", "release", "aisle.dll")]
BASE = {"users": 500, "items": 5000, "dimensions": 64}
STEPS = [{}, {"users": 2000}, {"items": 20000}, {"dimensions": 128}]
ALS_FACTOR = 16  # ALS is so much cheaper that it needs more users to be seen.


def write(path, users, items):
    chance = random.Random(1)
    with open(path, "w", encoding="ascii") as file:
        # The last item occurs, so that the catalogue has the size it should have; popularity falls like 1 / rank.
        file.write(f"0 0 1 2 {items - 1}\n")
        for user in range(1, users):
            events = [int(items ** chance.random()) - 1 for _ in range(chance.randint(15, 35))]
            file.write(f"{user} {' '.join(map(str, events))}\n")


def run(path, settings, ranks=0):
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [*AISLE, "evaluate", "--train", path, "--format", "sequence", "--at", "10", "--threads", "1", "--json", *settings]
    if ranks:
        command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks), *command, "--distributed"]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime - start.ru_utime, json.loads(answer.stdout)[0]["fit_seconds"]


def settings(model, size, count):
    if model == "als":
        return ["--model", "als", "--set", f"factors={size['dimensions']}", f"iterations={count}"]
    return ["--model", "sasrec", "--set", f"dimensions={size['dimensions']}", f"epochs={count}", "dropRate=0.2", f"loss={model}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ranks", action="store_true")
    call = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sequences.txt")
        if call.ranks:
            write(path, BASE["users"], BASE["items"])
            for model in ("softmax", "sampled-softmax"):
                times = {ranks: min(run(path, settings(model, BASE, 3), ranks)[1] for _ in range(call.runs)) for ranks in (1, 2, 4)}
                print(model, times, flush=True)
            return
        for model, count in (("softmax", 3), ("sampled-softmax", 3), ("als", 11)):
            for step in STEPS:
                size = {**BASE, **step}
                write(path, size["users"] * (ALS_FACTOR if model == "als" else 1), size["items"])
                seconds = [min(run(path, settings(model, size, length))[0] for _ in range(call.runs)) for length in (1, count)]
                print(model, step or "base", round((seconds[1] - seconds[0]) / (count - 1), 3), flush=True)


if __name__ == "__main__":
    main()
