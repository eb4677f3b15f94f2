"""The table: the median of each figure, and how it compares. Argument: a file of JSON lines."""

import json
import statistics
import sys

from peer import DEVICE_TIME, MIXED

groups = {}
with open(sys.argv[1]) as lines:
    for line in map(json.loads, lines):
        group = groups.setdefault((line["workload"], line["batch"]), {})
        group.setdefault(line["peer"], []).append(line)


def middle(lines, key):
    return statistics.median(line[key] for line in lines)


def time_of(lines):
    """Seconds of the whole work where it is one piece, else of a step."""
    return middle(lines, "seconds") if "seconds" in lines[0] else middle(lines, "us_per_step") / 1e6


def people(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


names = [peer for group in groups.values() for peer in group]
width = max(map(len, names), default=4)
for (workload, batch), group in groups.items():
    whole = "seconds" in next(iter(group.values()))[0]
    print(f"\n{workload}, batch {batch}: {'time of all of it' if whole else 'time of a step'}")
    print(f"  {'':<{width}}  {'time':>8}  {'rows/s':>13}  {'accuracy':>8}  wgrad / peer")
    ours = {peer: time_of(lines) for peer, lines in group.items() if peer.startswith("wgrad")}
    compared = [time for peer, time in ours.items() if not peer.endswith((DEVICE_TIME, MIXED))]
    for peer, lines in sorted(group.items(), key=lambda entry: time_of(entry[1])):
        seconds = time_of(lines)
        accuracy = f"{middle(lines, 'accuracy'):.3f}" if "accuracy" in lines[0] else ""
        ratio = "" if peer in ours or not compared else f"{seconds / min(compared):.2f}"
        speed = middle(lines, "samples_per_s")
        print(f"  {peer:<{width}}  {people(seconds):>8}  {speed:>13,.0f}  {accuracy:>8}  {ratio:>12}".rstrip())
print("\nwgrad / peer: how many times as fast the fastest wgrad line is; below 1, the peer is faster.")
