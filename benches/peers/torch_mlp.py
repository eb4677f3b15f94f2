"""Training steps in PyTorch: sigmoid, half the squared error, gradient descent. Arguments: WIDTHS[,WIDTHS...]
BATCHES.

Eager; on CUDA also as a graph of eight steps, which is replayed."""

import sys

import torch
from peer import enough_steps, median_time, networks_and_batches, say, steps_for

BATCHES_OF_DATA = 8

networks, batches = networks_and_batches(sys.argv)
device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
wait = {"cuda": torch.cuda.synchronize, "mps": torch.mps.synchronize}.get(device, lambda: None)
name = f"torch {device}" + (f" ({torch.get_num_threads()} threads)" if device == "cpu" else "")


class Work:
    """A network, and eight batches of data."""

    def __init__(self, widths, batch):
        torch.manual_seed(0)
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.Sigmoid()]
        self.batch = batch
        self.network = torch.nn.Sequential(*layers).to(device)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.1)
        self.x = torch.rand(BATCHES_OF_DATA, batch, widths[0], device=device)
        self.t = torch.rand(BATCHES_OF_DATA, batch, widths[-1], device=device)

    def step(self, i):
        self.optimizer.zero_grad(set_to_none=True)
        n = i % BATCHES_OF_DATA
        loss = 0.5 * ((self.network(self.x[n]) - self.t[n]) ** 2).sum() / self.batch
        loss.backward()
        self.optimizer.step()

    def steps(self, count):
        for i in range(count):
            self.step(i)
        wait()

    def graph(self):
        """Eight steps, recorded as PyTorch's notes on CUDA graphs have it: after a warm-up on another stream."""
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for i in range(3):
                self.step(i)
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            for i in range(BATCHES_OF_DATA):
                self.step(i)
        return graph


def measure(label, widths, batch):
    work = Work(widths, batch)
    work.steps(20 if device != "cpu" else min(steps_for(widths, batch, 2000), 20))
    count = enough_steps(work.steps, 2000) if device != "cpu" else steps_for(widths, batch, 2000)
    say(name, label, batch, count, count * batch, median_time(lambda: work.steps(count)))
    if device != "cuda":
        return
    graph = work.graph()

    def replays(steps):
        for _ in range(-(-steps // BATCHES_OF_DATA)):
            graph.replay()
        wait()

    replays(BATCHES_OF_DATA)
    count = enough_steps(replays, 8000) // BATCHES_OF_DATA * BATCHES_OF_DATA
    say(f"{name}, graph", label, batch, count, count * batch, median_time(lambda: replays(count)))


for label, widths in networks:
    for batch in batches:
        measure(label, widths, batch)
