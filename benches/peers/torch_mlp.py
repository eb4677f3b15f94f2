"""Training steps in PyTorch, eager: sigmoid, half the squared error, gradient descent. Arguments: WIDTHS BATCH."""

import sys

import torch
from peer import median_time, say, steps_for, widths_and_batch

widths, batch = widths_and_batch(sys.argv)
device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
wait = {"cuda": torch.cuda.synchronize, "mps": torch.mps.synchronize}.get(device, lambda: None)

torch.manual_seed(0)
layers = []
for inputs, outputs in zip(widths, widths[1:]):
    layers += [torch.nn.Linear(inputs, outputs), torch.nn.Sigmoid()]
network = torch.nn.Sequential(*layers).to(device)
optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
x = torch.rand(8, batch, widths[0], device=device)
t = torch.rand(8, batch, widths[-1], device=device)
steps = steps_for(widths, batch, 2000)


def train(count=steps):
    for i in range(count):
        optimizer.zero_grad(set_to_none=True)
        loss = 0.5 * ((network(x[i % 8]) - t[i % 8]) ** 2).sum() / batch
        loss.backward()
        optimizer.step()
    wait()


train(min(steps, 20))
name = f"torch {device}" + (f" ({torch.get_num_threads()} threads)" if device == "cpu" else "")
say(name, sys.argv[1], batch, steps, steps * batch, median_time(train))
