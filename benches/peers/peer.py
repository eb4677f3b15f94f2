"""What the programs of this folder share: the clock and the JSON line."""

import json
import os
import statistics
import time

LOADED = time.time()


def say(peer, workload, batch, steps, rows, seconds, /, **more):
    """One figure: `steps` steps over `rows` rows, of all networks together, took `seconds`."""
    line = {
        "peer": peer,
        "workload": workload,
        "batch": batch,
        "us_per_step": seconds / steps * 1e6,
        "samples_per_s": rows / seconds,
    }
    print(json.dumps(line | more), flush=True)


def since_start():
    """Seconds since the process was started: run.sh sets PEER_START just before it starts one."""
    return time.time() - float(os.environ.get("PEER_START", LOADED))


def median_time(work, repeats=5):
    """Median seconds of `work`, which must wait for its result; it has run once before."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def multiply_adds(widths, batch):
    """Multiply-adds of a training step: the forward pass, the weight gradients, the hidden deltas."""
    products = sum(a * b for a, b in zip(widths, widths[1:]))
    return batch * (3 * products - widths[0] * widths[1])


def steps_for(widths, batch, most):
    """Steps that take a good part of a second on a usual CPU."""
    return max(5, min(most, int(5e9 / multiply_adds(widths, batch))))


def enough_steps(work, most, seconds=0.1):
    """Steps that take about so long on whatever device: `work` runs so many and waits. It has run before."""
    start = time.perf_counter()
    work(8)
    return max(8, min(most, int(8 * seconds / (time.perf_counter() - start))))


def networks_and_batches(arguments):
    """`784-128-10,2-2-2 32,128` as pairs of a network's name and its widths, and [32, 128]."""
    if len(arguments) != 3:
        raise SystemExit(f"usage: {arguments[0]} WIDTHS[,WIDTHS...] BATCHES, as in 784-128-10 32,128")
    networks = [(name, [int(width) for width in name.split("-")]) for name in arguments[1].split(",")]
    return networks, [int(batch) for batch in arguments[2].split(",")]


def widths_and_batches(arguments):
    """`784-128-10 32,128` as ([784, 128, 10], [32, 128])."""
    [(_, widths)], batches = networks_and_batches(arguments)
    return widths, batches


def mnist():
    """MNIST of $WGRAD_DATA/mnist: images (N, 784) in 0..1 as float32 and labels, to train on and to test with."""
    import gzip
    import pathlib

    import numpy

    folder = pathlib.Path(os.environ.get("WGRAD_DATA", "")) / "mnist"

    def idx(name):
        plain, packed = folder / name, folder / f"{name}.gz"
        if not plain.exists() and not packed.exists():
            raise SystemExit(f"{packed}: not there; set WGRAD_DATA to the folder that holds mnist/")
        data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
        shape = [int.from_bytes(data[4 * i + 4 : 4 * i + 8], "big") for i in range(data[3])]
        return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(shape)

    def pair(which):
        images = idx(f"{which}-images-idx3-ubyte").reshape(-1, 784)
        return images.astype("float32") / numpy.float32(255), idx(f"{which}-labels-idx1-ubyte").astype("int32")

    return *pair("train"), *pair("t10k")


# What is told of a device without the host's share is told for its own sake, and not compared.
DEVICE_TIME = "device time"
# Nor is what is computed in another precision.
MIXED = "mixed"

# The article's network: two inputs, two hidden neurons, two outputs, fixed biases.
ARTICLE = {
    "inputs": [0.05, 0.10],
    "targets": [0.01, 0.99],
    "weights": [[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]],
    "biases": [0.35, 0.60],
    "learning_rate": 0.5,
    "rounds": 10_000,
    "error": 3.5101878e-05,
}
