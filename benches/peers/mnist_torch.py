"""MNIST in PyTorch, 784-128-10, relu, Adam 1e-3, batch 128, until the test set is at 97 %: seconds from process start."""

import torch
from peer import mnist, say, since_start

device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
x, y, test_x, test_y = (torch.tensor(a).to(device) for a in mnist())
y, test_y = y.long(), test_y.long()
torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)).to(device)
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
steps = 0
for epoch in range(1, 31):
    for rows in torch.randperm(len(x), device=device).split(128):
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
        optimizer.step()
        steps += 1
    with torch.no_grad():
        accuracy = (network(test_x).argmax(1) == test_y).float().mean().item()
    if accuracy >= 0.97:
        break
seconds = since_start()
name = f"torch {device}" + (f" ({torch.get_num_threads()} threads)" if device == "cpu" else "")
say(name, "MNIST to 97 %", 128, steps, epoch * len(x), seconds, seconds=seconds, epochs=epoch, accuracy=accuracy)
