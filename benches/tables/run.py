"""`wgrad train` and scikit-learn on public tables: see README.md, and `run.py --help`."""

import argparse
import concurrent.futures
import itertools
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import report
import tables
from tables import pandas

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {report.MLP: "mlp", report.TREES: "trees"}


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="wgrad train and scikit-learn on public tables, over several splits.")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="splits per table [5]")
    parser.add_argument("--tables", metavar="A,B", help="only these tables")
    parser.add_argument("--set", choices=["tune", "hold", "all"], default="all",
                        help="tables to choose by, or to judge by [all]")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at once; times want 1 [1]")
    parser.add_argument("--binary", default=HERE.parents[1] / "target/release/wgrad", metavar="FILE",
                        help="wgrad [target/release/wgrad]")
    parser.add_argument("--variant", action="append", default=[], metavar='LABEL="ARGS"',
                        help="run wgrad with these arguments; may be repeated, and replaces the run without any")
    parser.add_argument("--wgrad", action="append", default=[], metavar='"ARGS"', help="the same, labelled by ARGS")
    parser.add_argument("--no-wgrad", action="store_true", help="only the peers")
    parser.add_argument("--no-peers", action="store_true", help="only wgrad, and peers' runs in --reuse")
    parser.add_argument("--reuse", metavar="FILE", help="take the peers' runs from an earlier --json FILE")
    parser.add_argument("--json", metavar="FILE", help="write every run to FILE, as they finish")
    parser.add_argument("--timeout", type=float, default=1800, metavar="S", help="seconds for one run [1800]")
    parser.add_argument("--list", action="store_true", help="list the tables")
    return parser.parse_args()


def variants(options):
    """wgrad's programs: label to extra arguments."""
    if options.no_wgrad:
        return {}
    of = {}
    for text in options.variant:
        label, sign, extra = text.partition("=")
        if not sign:
            raise SystemExit(f'--variant {text}: LABEL="ARGS" is expected, as in wide="--hidden 256"')
        of[label] = shlex.split(extra)
    of |= {f"wgrad {extra}": shlex.split(extra) for extra in options.wgrad}
    return of or {"wgrad": []}


def timed(command, limit):
    """Output and seconds of a process; an error has its line of the error, or the last one."""
    # OpenMP's threads spin while they wait, which on a machine with other work costs the trees five times their time.
    environment = {"OMP_WAIT_POLICY": "passive"} | os.environ
    start = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, env=environment)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"no end after {limit:g} s") from None
    seconds = time.perf_counter() - start
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise RuntimeError(next((line for line in said if line.startswith("error")), said[-1]))
    return done.stdout, seconds


def peer_run(job, options):
    """Score and seconds of one of scikit-learn's."""
    table = job["of"]
    command = [sys.executable, HERE / "peer_sklearn.py", PEERS[job["program"]], job["train"], job["test"]]
    output, seconds = timed([*command, table.target, table.task, str(job["seed"])], options.timeout)
    return json.loads(output)["score"], seconds


def wgrad_run(job, options):
    """Score and seconds of `wgrad train`. The score is computed from its predictions, in test.csv."""
    table = job["of"]
    out = pathlib.Path(tempfile.mkdtemp(dir=job["train"].parent))
    command = [options.binary, "train", job["train"], "--target", table.target, "--task", table.task]
    command += ["--test", job["test"], "--device", "cpu", "--seed", str(job["seed"])]
    command += ["--out", out / "run", "--quiet", "--json"]
    try:
        _, seconds = timed([*command, *job["extra"]], options.timeout)
        return wgrad_score(table, job["test"], out / "run/test.csv"), seconds
    finally:
        shutil.rmtree(out)


def wgrad_score(table, test, predictions):
    """Accuracy or R2 over all rows of the test file, whose first row is on line 2."""
    text = {"keep_default_na": False, "dtype": str}
    truth = pandas.read_csv(test, **text)[table.target]
    found = pandas.read_csv(predictions, **text).set_index("line")
    answers = found[f"predicted_{table.target}"]
    answers = answers.reindex([str(line + 2) for line in range(len(truth))])
    if answers.isna().any() or len(found) != len(truth):
        raise RuntimeError(f"{len(found)} predictions for {len(truth)} rows, or for other lines")
    if table.task == tables.CLASSIFY:
        return float((answers.to_numpy() == truth.to_numpy()).mean())
    answers, truth = answers.astype(float).to_numpy(), truth.astype(float).to_numpy()
    return float(1 - ((answers - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


class Record:
    """All runs so far, and their file."""

    def __init__(self, path, about):
        self.path, self.about, self.runs, self.lock = path, about, [], threading.Lock()

    def add(self, run, note=""):
        """Tells of a run and keeps it."""
        score = f"failed: {run.get('error')}"
        if run["score"] is not None:
            score = f"{run['score']:.4f} in {run['seconds']:.2f} s"
        with self.lock:
            self.runs.append(run)
            print(f"{run['table']} {run['seed']} {run['program']}: {score}{note}", file=sys.stderr, flush=True)
            if self.path:
                beside = f"{self.path}.part"
                pathlib.Path(beside).write_text(json.dumps({"tables": self.about, "runs": self.runs}, indent=0))
                os.replace(beside, self.path)


def carry_out(job, options, record):
    """One run; a failure is kept as one."""
    run = {key: job[key] for key in ("table", "seed", "split", "program")}
    run |= {"jobs": options.jobs, "threads": os.environ.get("OMP_NUM_THREADS", "")}
    try:
        score, seconds = (peer_run if job["program"] in PEERS else wgrad_run)(job, options)
        run |= {"score": score, "seconds": seconds}
    except (RuntimeError, OSError, KeyError, ValueError) as error:
        run |= {"score": None, "seconds": 0.0, "error": str(error)}
    record.add(run)


def earlier_runs(path):
    """Peers' runs of a file that are no failures, by what they are of."""
    if not path:
        return {}
    runs = json.loads(pathlib.Path(path).read_text())["runs"]
    return {key(run): run for run in runs if run["program"] in PEERS and run["score"] is not None}


def key(run):
    """What makes two runs the same work: the split's bytes too."""
    return run["table"], run["seed"], run["split"], run["program"]


def jobs(options, chosen, record, folder):
    """Writes the splits and gives the runs to make, seed by seed; what can be reused is recorded at once."""
    reused, extras = earlier_runs(options.reuse), variants(options)
    frames = {table: table.load() for table in chosen}
    for table, frame in frames.items():
        about = {"name": table.name, "set": table.set, "task": table.task}
        record.about.append(about | {"rows": len(frame), "inputs": frame.shape[1] - 1})
    for seed, (table, frame) in itertools.product(range(options.seeds), frames.items()):
        train, test, mark = tables.split(table, frame, seed, folder)
        for program in [*extras, *PEERS]:
            job = {"table": table.name, "seed": seed, "split": mark, "program": program}
            if key(job) in reused:
                record.add(reused[key(job)], " (reused)")
            elif program in extras or not options.no_peers:
                yield job | {"of": table, "train": train, "test": test, "extra": extras.get(program)}


def main():
    """Runs what was asked for and prints the report."""
    options = arguments()
    chosen = tables.chosen(options.tables.split(",") if options.tables else None, options.set)
    if options.list:
        for table in chosen:
            print(f"{table.name:14} {table.set} {table.task:8} {table.source}/{table.item}: {table.target}")
        return
    if not options.no_wgrad and not shutil.which(options.binary):
        raise SystemExit(f"{options.binary}: no such program; cargo build --release, or name one with --binary")
    record = Record(options.json, [])
    with tempfile.TemporaryDirectory(prefix="wgrad-tables-") as folder:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            todo = jobs(options, chosen, record, pathlib.Path(folder))
            for one in [pool.submit(carry_out, job, options, record) for job in todo]:
                one.result()
    order = [*variants(options), *PEERS]
    record.runs.sort(key=lambda run: order.index(run["program"]))
    print(report.markdown(record.about, record.runs))


if __name__ == "__main__":
    main()
