"""Markdown from single runs: a table per data set and a summary."""

import math
import statistics

MLP, TREES = "sklearn mlp", "sklearn trees"


def mean_and_error(values):
    """Mean and standard error; the error of a single value is not a number."""
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return statistics.fmean(values), error


def pairs(runs, table, one, other):
    """Differences of two programs' scores on the splits that both have."""
    scores = {}
    for program in (one, other):
        mine = [run for run in runs if (run["table"], run["program"]) == (table, program)]
        scores[program] = {run["seed"]: run["score"] for run in mine}
    both = [(score, scores[other].get(seed)) for seed, score in scores[one].items()]
    return [a - b for a, b in both if a is not None and b is not None]


def programs_of(runs):
    """Programs in the order in which they first ran."""
    return list(dict.fromkeys(run["program"] for run in runs))


def cell(runs, best):
    """`0.912 ± 0.004 (1.2 s)`; bold if it is the best of its row."""
    scores = [run["score"] for run in runs if run["score"] is not None]
    if len(scores) < len(runs) or not runs:
        return f"failed {len(runs) - len(scores)} of {len(runs)}" if runs else ""
    mean, error = mean_and_error(scores)
    seconds = statistics.median(run["seconds"] for run in runs)
    text = f"{mean:.4f}" if math.isnan(error) else f"{mean:.4f} ± {error:.4f}"
    return f"{f'**{text}**' if mean == best else text} ({seconds:.2g} s)"


def means(runs, table):
    """The mean score of each program that has finished all its splits of this table."""
    of = {}
    for program in programs_of(runs):
        scores = [r["score"] for r in runs if (r["table"], r["program"]) == (table, program)]
        if scores and None not in scores:
            of[program] = statistics.fmean(scores)
    return of


def data_sets(tables, runs):
    """A row per table: accuracy or R2 with its standard error, and the median seconds."""
    programs = programs_of(runs)
    lines = []
    for task, score in (("classify", "accuracy"), ("regress", "R²")):
        rows = [table for table in tables if table["task"] == task]
        if not rows:
            continue
        lines += [f"| {score} | rows | inputs | " + " | ".join(programs) + " |", "|---" * (3 + len(programs)) + "|"]
        for table in rows:
            name = table["name"]
            best = max(means(runs, name).values(), default=None)
            cells = [cell([r for r in runs if (r["table"], r["program"]) == (name, p)], best) for p in programs]
            lines.append(f"| {name} | {table['rows']:,} | {table['inputs']} | " + " | ".join(cells) + " |")
        lines.append("")
    return lines


def ranks(tables, runs):
    """Each program's ranks, 1 the best, ties shared; a program that failed is last."""
    programs = programs_of(runs)
    of = {program: [] for program in programs}
    for table in tables:
        known = means(runs, table["name"])
        scores = {program: known.get(program, -math.inf) for program in programs}
        for program, score in scores.items():
            above = sum(other > score for other in scores.values())
            same = sum(other == score for other in scores.values())
            of[program].append(above + (same + 1) / 2)
    return of


def difference(tables, runs, program, other, task):
    """The mean and worst difference of two programs over the tables of a task, as text."""
    found = {}
    for table in tables:
        gaps = pairs(runs, table["name"], program, other) if table["task"] == task else []
        if gaps:
            found[table["name"]] = statistics.fmean(gaps)
    if not found:
        return ""
    worst, gaps = min(found, key=found.get), found.values()
    return (
        f"{statistics.fmean(gaps):+.4f} (median {statistics.median(gaps):+.4f}, worst {found[worst]:+.3f} {worst})"
    )


def as_good(tables, runs, program, other):
    """Tables where a program is no more than one standard error of the paired difference below another."""
    compared, good, lost = 0, 0, []
    for table in tables:
        gaps = pairs(runs, table["name"], program, other)
        if gaps:
            mean, error = mean_and_error(gaps)
            compared += 1
            good += mean >= -(0 if math.isnan(error) else error)
            if mean < -(0 if math.isnan(error) else error):
                lost.append(table["name"])
    return (f"{good} of {compared}" if compared else ""), lost


def summary(tables, runs):
    """A row per program: rank, distance to gradient boosting, and how often it is as good as the peers."""
    programs = programs_of(runs)
    heads = ["", "mean rank", "accuracy less trees'", "R² less trees'", "as good as mlp", "as good as trees"]
    lines = ["| " + " | ".join([*heads, "seconds, all"]) + " |", "|---" * 7 + "|"]
    of, notes = ranks(tables, runs), []
    for program in programs:
        gaps = [difference(tables, runs, program, TREES, task) for task in ("classify", "regress")]
        (mlp, lost), (trees, _) = (as_good(tables, runs, program, peer) for peer in (MLP, TREES))
        seconds = sum(run["seconds"] for run in runs if run["program"] == program)
        cells = [f"{statistics.fmean(of[program]):.2f}", *gaps, mlp, trees, f"{seconds:.0f}"]
        lines.append(f"| {program} | " + " | ".join(cells) + " |")
        if lost:
            notes.append(f"{program} is below the mlp by more than one standard error on: {', '.join(lost)}.")
    notes += conditions(runs)
    return lines + ["", *notes]


def conditions(runs):
    """How times were taken, where that was not one process at a time with threads as they come."""
    of = {}
    for run in runs:
        how = f"{run['jobs']} at once" if run["jobs"] > 1 else ""
        how += f"{', ' if how else ''}OMP_NUM_THREADS={run['threads']}" if run["threads"] else ""
        of.setdefault(how, {})[run["program"]] = True
    return [f"Timed with {how}: {', '.join(programs)}." for how, programs in of.items() if how]


def markdown(tables, runs):
    """The whole report; `tables` are dictionaries with name, task, rows and inputs."""
    return "\n".join([*data_sets(tables, runs), *summary(tables, runs)])
