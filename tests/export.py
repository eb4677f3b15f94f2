#!/usr/bin/env python3
"""Checks `wgrad export --onnx` and `--npz` with onnx and onnxruntime: every row is predicted as `wgrad predict` does.

    python3 -m venv venv && venv/bin/pip install onnx onnxruntime numpy
    venv/bin/python tests/export.py [WGRAD]        WGRAD: the program [target/release/wgrad]

WGRAD_DATA=DIR also checks MNIST, in DIR/mnist. Differences of values are in standard deviations of the target.
"""

import csv
import gzip
import io
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy
    import onnx
    import onnxruntime
except ImportError as why:
    sys.exit(f"{why}; pip install onnx onnxruntime numpy")

ROOT = Path(__file__).resolve().parent.parent
WGRAD = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/wgrad").resolve()
BOUND = 1e-5
# What `wgrad predict` takes for a missing number or time; texts are missing only if they are empty.
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "missing"}


def wgrad(*args):
    done = subprocess.run([WGRAD, *args], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"wgrad {' '.join(args)}: {done.stderr.decode()}")
    return done.stdout.decode()


def table(name, head, rows):
    with open(name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def mixed_rows(count, rng):
    """Rows of every kind of column, with gaps: awkward names, years, times with small differences, flags, categories."""
    for i in range(count):
        a, year, clock = rng.gauss(0, 1), 1990 + i % 30, 1_700_000_000 + rng.randrange(90)
        day = f"20{10 + i % 14:02}-{1 + i % 12:02}-{1 + i % 28:02} {i % 24:02}:{i * 7 % 60:02}"
        level, flag = rng.choice(["low", "high", 'q"uo\\te??/', "großer Wert", "NA"]), rng.choice(["yes", "no"])
        effect = {"low": 0, "high": 1, "NA": 2}.get(level, 3)
        y = 2 * a + effect + 0.1 * (year - 2000) + (clock - 1_700_000_000) / 30 + (flag == "yes")
        gap = lambda cell, share: "" if rng.random() < share else cell
        number = -999 if rng.random() < 0.1 else round(a, 4)
        yield [number, gap(year, 0.1), clock, gap(day, 0.1), gap(level, 0.1), gap(flag, 0.1),
               round(1e6 + 1e-1 * y, 6), round(y * a, 4), "many" if y > 3 else "few"]


MIXED = ["a b", "label", "int", "when\nit was", "größe", "Flag!", "y 1", "prediction", "class"]


def idx(path, array):
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    Path(path).write_bytes(head + array.tobytes())


def feeds(session, columns, rows, pixels):
    """Returns the inputs of a model from the cells of a table, or from images."""
    inputs = session.get_inputs()
    if pixels is not None:
        return {"input": pixels.reshape(len(pixels), -1).astype("float32")}
    number = lambda cell: math.nan if cell.lower() in MISSING else float(cell)
    if len(inputs) == 1 and inputs[0].name == "input":
        return {"input": numpy.array([[number(row[n]) for n in columns] for row in rows])}
    of = {}
    for i in inputs:
        cells = [row[i.name] for row in rows]
        if i.type == "tensor(string)":
            of[i.name] = numpy.array(cells, dtype=object).reshape(-1, 1)
        elif "when" in i.name:
            time = lambda cell: math.nan if cell == "" else numpy.datetime64(cell.replace(" ", "T"), "s").astype(float)
            of[i.name] = numpy.array([time(cell) for cell in cells], dtype=float).reshape(-1, 1)
        else:
            of[i.name] = numpy.array([number(cell) for cell in cells]).reshape(-1, 1)
    return of


def check(name, data, train, rows=None, pixels=None, export=(), predict=None):
    """Trains, exports, and compares all rows. Returns the largest difference."""
    out = name.replace(" ", "_")
    wgrad("train", data, *train.split(), "--device", "cpu", "--quiet", "--out", out)
    wgrad("export", out, "--onnx", f"{out}.onnx", "--npz", f"{out}.npz", "--json", f"{out}.json", "--quiet", *export)
    onnx.checker.check_model(f"{out}.onnx", full_check=True)
    about = json.loads(Path(f"{out}.json").read_text(encoding="utf-8"))
    classes = about["schema"]["classes"]
    told = wgrad("predict", out, predict or data, "--device", "cpu", "--quiet", *(["--probabilities"] if classes else []))
    told = list(csv.reader(io.StringIO(told)))[1:]
    session = onnxruntime.InferenceSession(f"{out}.onnx", providers=["CPUExecutionProvider"])
    inputs = feeds(session, about["schema"]["columns"], rows, pixels)
    found = session.run(None, inputs)
    one = session.run(None, {name: array[:1] for name, array in inputs.items()})
    assert len(told) == len(found[0]) and len(one[0]) == 1, f"{name}: other numbers of rows"
    if classes:
        label, shares = found
        expected = numpy.array([[float(p) for p in row[1:]] for row in told])
        difference = numpy.abs(shares - expected).max()
        unclear = lambda row: sorted(row)[-1] - sorted(row)[-2] < BOUND
        wrong = [r for r, row in enumerate(told) if row[0].lstrip("'") != label[r] and not unclear(expected[r])]
        assert not wrong, f"{name}: other classes in rows {wrong}"
    else:
        factor = numpy.array(about["target_scale"]["factor"])
        difference = numpy.abs((found[0] - numpy.array(told, dtype=float)) * factor).max()
    arrays = numpy.load(f"{out}.npz")
    first = "networks.0." if len(about["networks"]) > 1 else ""
    layer = about["networks"][0]["layers"][0]
    assert (arrays[f"{first}layers.0.weight"] == numpy.array(layer["weight"], dtype="float32")).all()
    assert list(arrays["classes"]) == classes and json.loads(str(arrays["about"]))["schema"] == about["schema"]
    print(f"{name:<28} {len(told):>6} rows  {difference:.1e}")
    assert difference <= BOUND, f"{name}: {difference} is more than {BOUND}"
    return difference


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def builtin(name):
    """Returns the rows of a built-in data set as a file."""
    wgrad("train", name, "--epochs", "1", "--quiet", "--device", "cpu", "--out", f"{name}_for_rows")
    kept = wgrad("predict", f"{name}_for_rows", name, "--keep", "all", "--quiet", "--device", "cpu")
    return list(csv.DictReader(io.StringIO(kept)))


def main():
    rng = random.Random(0)
    penguins = str(ROOT / "tests/data/penguins.csv")
    digits, iris = builtin("digits"), builtin("iris")
    check("digits", "digits", "--epochs 20", digits)
    check("digits as a matrix", "digits", "--epochs 20 --bins 0", digits, export=["--matrix"])
    check("digits ensemble", "digits", "--epochs 5 --ensemble 3", digits)
    check("penguins", penguins, "", read(penguins))
    check("penguins ensemble", penguins, "--ensemble 3", read(penguins))
    check("penguins values", penguins, "--target body_mass_g --ensemble 2", read(penguins))
    check("penguins mae", penguins, "--target body_mass_g --loss mae", read(penguins))
    check("iris half-sse", "iris", "--loss half-sse --epochs 50 --hidden 8 --activation sigmoid", iris)
    check("iris mse ensemble", "iris", "--loss mse --epochs 50 --hidden 8 --activation tanh --ensemble 3", iris)
    check("iris linear", "iris", "--hidden 0 --epochs 50", iris)
    check("iris deep", "iris", "--hidden 16,16,16 --activation leaky_relu --epochs 50", iris)
    for activation in ("selu", "elu", "gelu", "silu", "mish", "softplus"):
        check(f"iris {activation}", "iris", f"--hidden 16,8 --activation {activation} --epochs 20", iris)
    check("penguins counts", penguins, "--target flipper_length_mm --loss poisson --ensemble 2", read(penguins))
    check("iris identity", "iris", "--hidden 5 --activation identity --epochs 50", iris)
    table("mixed.csv", MIXED, mixed_rows(900, rng))
    mixed = read("mixed.csv")
    of_mixed = "--missing -999 --epochs 20 --categories größe"
    check("mixed values", "mixed.csv", f"{of_mixed} --drop class --target prediction", mixed)
    table("two.csv", MIXED[:-1], [row[:-1] for row in mixed_rows(900, rng)])
    Path("s.toml").write_text('[data]\ntarget = ["y 1", "prediction"]\n', encoding="utf-8")
    check("mixed two targets", "two.csv", f"{of_mixed} --config s.toml", read("two.csv"))
    check("mixed two targets, bins", "two.csv", f"{of_mixed} --config s.toml --bins 8 --ensemble 2", read("two.csv"))
    check("mixed classes", "mixed.csv", f"{of_mixed} --target class", mixed)
    # Levels that training did not have.
    new = [[*row[:4], "never seen", "perhaps", *row[6:]] for row in mixed_rows(50, rng)]
    table("new.csv", MIXED, new)
    check("mixed, new levels", "mixed.csv", f"{of_mixed} --target class --max-levels 3", read("new.csv"), predict="new.csv")
    x = numpy.array([[rng.gauss(0, 1) for _ in range(7)] for _ in range(300)])
    numpy.savez("array.npz", x=x, y=(x[:, 0] + x[:, 1] > 0).astype(int))
    rows = [{f"x{c + 1}": repr(float(v)) for c, v in enumerate(row)} for row in x]
    check("an array", "array.npz", "--epochs 20", rows)
    images = numpy.array([[[rng.randrange(256) for _ in range(8)] for _ in range(8)] for _ in range(400)], dtype="uint8")
    labels = (images.mean(axis=(1, 2)) > 127).astype("uint8")
    os.mkdir("pixels")
    for part, to in (("train", slice(0, 300)), ("t10k", slice(300, 400))):
        idx(f"pixels/{part}-images-idx3-ubyte", images[to])
        idx(f"pixels/{part}-labels-idx1-ubyte", labels[to])
    check("images", "pixels", "--epochs 5", pixels=images[300:])
    mnist = Path(os.environ.get("WGRAD_DATA", "/nowhere")) / "mnist"
    if mnist.is_dir():
        file = next(f for f in mnist.iterdir() if "t10k-images" in f.name)
        raw = gzip.open(file).read() if file.suffix == ".gz" else file.read_bytes()
        pixels = numpy.frombuffer(raw[16:], dtype="uint8").reshape(-1, 784)
        check("mnist", str(mnist), "--max-steps 300", pixels=pixels)
    print("all as predicted")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["WGRAD_CACHE_DIR"] = folder
        main()
