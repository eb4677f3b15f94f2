"""The same work in wgrad: runs the program of $WGRAD and prints its figures as the peers print theirs.

Arguments: step WIDTHS BATCHES [FLAG...] | article | population | rows | mnist | sweep.
$PEER_DEVICE is the --device [default: all]."""

import inspect
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from peer import ARTICLE, DEVICE_TIME, MIXED, say

WGRAD = os.environ.get("WGRAD", "wgrad")
DEVICE = os.environ.get("PEER_DEVICE", "all")


def wgrad(*arguments):
    """Standard output of wgrad, and the seconds that the process took."""
    start = time.perf_counter()
    run = subprocess.run([WGRAD, *arguments], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if run.returncode != 0:
        raise SystemExit(f"wgrad {' '.join(arguments)}: {run.stderr.strip()}")
    return run.stdout, seconds


def bench(*arguments):
    """Rows of `wgrad bench`, each with the name that it has in the table."""
    rows = json.loads(wgrad("bench", "--json", "--quiet", "--device", DEVICE, *arguments)[0])["rows"]
    if not rows:
        print(f"wgrad bench {' '.join(arguments)}: nothing to measure on {DEVICE}", file=sys.stderr)
    return [(f"wgrad {row['adapter']}, {row['family']}", row) for row in rows]


def step(widths, batches, *more):
    for name, row in bench("--layers", widths, "--batch", batches, *more):
        name += f", {MIXED}" if row["precision"] == "mixed" else ""
        say(name, widths, row["batch"], 1, row["batch"], row["us_per_step"] / 1e6)


def article():
    rounds = ARTICLE["rounds"]
    for name, row in bench("--layers", "2-2-2", "--batch", "1", "--rows", "1"):
        for suffix, key in ((name, "us_per_step"), (f"{name}, {DEVICE_TIME}", "device_us_per_step")):
            if row[key] is not None:
                seconds = rounds * row[key] / 1e6
                say(suffix, "article, 10000 rounds", 1, rounds, rounds, seconds, seconds=seconds)
    for device in ("cpu", "gpu"):
        if DEVICE not in ("all", device):
            continue
        try:
            page, seconds = wgrad("tutorial", "--json", "--rounds", str(rounds), "--device", device)
        except SystemExit as why:
            print(why, file=sys.stderr)
            continue
        page = json.loads(page)
        assert page["ok"] and abs(page["after"]["error"] / ARTICLE["error"] - 1) < 0.01, page["after"]
        say(f"wgrad tutorial, {page['adapter']}", "article, whole process", 1, rounds, rounds, seconds, seconds=seconds)


def population():
    for name, row in bench("--layers", "2-2-2", "--batch", "1", "--networks", "4096"):
        say(name, "4096 x article", 1, 1, 4096, row["us_per_step"] / 1e6)


def rows():
    for name, row in bench("--layers", "4-8-3", "--batch", "1", "--networks", "4096"):
        say(name, "4096 x 4-8-3, 50 rows", 1, 1, 4096, row["us_per_step"] / 1e6)


def mnist():
    folder = pathlib.Path(os.environ.get("WGRAD_DATA", "")) / "mnist"
    device = "auto" if DEVICE == "all" else DEVICE
    settings = "--recipe plain --hidden 128 --activation relu --optimizer adam --lr 1e-3 --batch-size 128".split()
    # As many epochs as it takes: the time is that of the run that ends there.
    for epochs in range(2, 31):
        with tempfile.TemporaryDirectory() as out:
            arguments = ["--epochs", str(epochs), "--val", "0", "--json", "--quiet", "--device", device, "--out", f"{out}/run"]
            lines, seconds = wgrad("train", str(folder), *settings, *arguments)
        records = [json.loads(line) for line in lines.splitlines()]
        end = next(record for record in records if record["type"] == "end")
        if end["test_accuracy"] >= 0.97:
            break
    run = next(record for record in records if record["type"] == "run")
    trained = epochs * run["rows"]["train"]
    steps = epochs * -(-run["rows"]["train"] // 128)
    more = {"seconds": seconds, "epochs": epochs, "accuracy": end["test_accuracy"]}
    say(f"wgrad {end['device']}, {end['family']}", "MNIST to 97 %", 128, steps, trained, seconds, **more)


def sweep():
    if subprocess.run([WGRAD, "sweep", "--help"], capture_output=True).returncode != 0:
        print("wgrad sweep: not in this build, skipped", file=sys.stderr)
        return
    settings = "iris --hidden 16 --seeds 512 --folds 5 --epochs 200 --optimizer sgd --batch-size 10 --json --quiet".split()
    device = "auto" if DEVICE == "all" else DEVICE
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        lines, _ = wgrad("sweep", *settings, "--device", device)
    report = json.loads(lines)
    networks, seconds = report["networks"], report["elapsed_s"]
    accuracy = sum(network["accuracy"] for network in networks) / len(networks)
    trained = len(networks) * 200 * 120
    more = {"seconds": seconds, "accuracy": accuracy}
    name = f"wgrad {report['device']}, {report['family']}"
    say(name, "sweep, iris 4-16-3, 2560 networks", 10, 200 * 12, trained, seconds, **more)


if __name__ == "__main__":
    WORK = {"step": step, "article": article, "population": population, "rows": rows, "mnist": mnist, "sweep": sweep}
    if len(sys.argv) < 2 or sys.argv[1] not in WORK:
        raise SystemExit(f"usage: {sys.argv[0]} {'|'.join(WORK)}")
    try:
        inspect.signature(WORK[sys.argv[1]]).bind(*sys.argv[2:])
    except TypeError as why:
        raise SystemExit(f"{sys.argv[0]} {sys.argv[1]}: {why}; {__doc__.splitlines()[2]}") from None
    WORK[sys.argv[1]](*sys.argv[2:])
