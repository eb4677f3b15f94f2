"""Training steps in JAX: sigmoid, half the squared error, gradient descent. Arguments: WIDTHS[,WIDTHS...] BATCHES.

All steps in one compiled loop; on CPUs also one compiled step called from Python. In f32 throughout, as the others: by itself
JAX takes TF32 where there is such a thing."""

import sys

import jax
import jax.numpy as jnp
from peer import enough_steps, median_time, networks_and_batches, say, steps_for

jax.config.update("jax_default_matmul_precision", "highest")
networks, batches = networks_and_batches(sys.argv)
device = jax.devices()[0].platform


def measure(label, widths, batch):
    key = jax.random.PRNGKey(0)
    parameters = []
    for inputs, outputs in zip(widths, widths[1:]):
        key, one = jax.random.split(key)
        parameters.append((jax.random.normal(one, (inputs, outputs)) / inputs**0.5, jnp.zeros(outputs)))
    x = jax.random.uniform(key, (8, batch, widths[0]))
    t = jax.random.uniform(key, (8, batch, widths[-1]))

    def loss(parameters, x, t):
        for weight, bias in parameters:
            x = jax.nn.sigmoid(x @ weight + bias)
        return 0.5 * jnp.sum((t - x) ** 2) / batch

    def step(i, parameters, x, t):
        gradient = jax.grad(loss)(parameters, x[i % 8], t[i % 8])
        return jax.tree.map(lambda p, g: p - 0.1 * g, parameters, gradient)

    one_step = jax.jit(step)
    # The number of steps is an argument, so that one compilation serves the trial and the measurement.
    one_loop = jax.jit(lambda p, x, t, steps: jax.lax.fori_loop(0, steps, lambda i, p: step(i, p, x, t), p))

    def stepwise(count):
        p = parameters
        for i in range(count):
            p = one_step(i, p, x, t)
        jax.block_until_ready(p)

    def looped(count):
        jax.block_until_ready(one_loop(parameters, x, t, count))

    # On a GPU the loop is the faster of the two, and compiling takes most of the time.
    ways = (("jit a step", stepwise), ("one loop", looped))
    for name, train in ways if device == "cpu" else ways[1:]:
        train(8)
        count = steps_for(widths, batch, 5000) if device == "cpu" else enough_steps(train, 5000)
        train(count)
        say(f"jax {device}, {name}", label, batch, count, count * batch, median_time(lambda: train(count)))


for label, widths in networks:
    for batch in batches:
        measure(label, widths, batch)
