"""Training steps in scikit-learn: one epoch of MLPRegressor. Arguments: WIDTHS BATCHES.

Sigmoid in the hidden layers, the identity at the output (MLPRegressor has no other), squared error, gradient descent."""

import sys
import warnings

import numpy
from peer import median_time, say, steps_for, widths_and_batches
from sklearn.neural_network import MLPRegressor

warnings.filterwarnings("ignore")
widths, batches = widths_and_batches(sys.argv)
random = numpy.random.default_rng(0)

for batch in batches:
    steps = steps_for(widths, batch, 500)
    x = random.random((steps * batch, widths[0]), dtype="float32")
    t = random.random((steps * batch, widths[-1]), dtype="float32")
    network = MLPRegressor(
        hidden_layer_sizes=widths[1:-1],
        activation="logistic",
        solver="sgd",
        batch_size=batch,
        max_iter=1,
        learning_rate_init=0.1,
        momentum=0,
        alpha=0,
    )

    def train():
        network.fit(x, t)

    train()
    say("sklearn", sys.argv[1], batch, steps, steps * batch, median_time(train))
