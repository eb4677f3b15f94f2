"""A population in one compiled, vectorised loop in JAX, a row at a time.

Arguments: `article` (4,096 of the article's network) or `4-8-3` (4,096 networks, 100 epochs of 50 rows)."""

import sys

import jax
import jax.numpy as jnp
from peer import ARTICLE, median_time, say

NETWORKS = 4096


def trained(parameters, x, t, steps):
    """Trains one network of (weight, bias) pairs; the rows take turns."""

    def loss(parameters, x, t):
        for weight, bias in parameters:
            x = jax.nn.sigmoid(weight @ x + bias)
        return 0.5 * jnp.sum((t - x) ** 2)

    def step(i, parameters):
        gradient = jax.grad(loss)(parameters, x[i % len(x)], t[i % len(x)])
        return jax.tree.map(lambda p, g: p - 0.5 * g, parameters, gradient)

    return jax.lax.fori_loop(0, steps, step, parameters)


def article():
    parameters = []
    for weight, bias in zip(ARTICLE["weights"], ARTICLE["biases"]):
        parameters.append((jnp.array([weight] * NETWORKS), jnp.full((NETWORKS, 2), bias)))
    # A tenth of the article's rounds: the figure is one of a step.
    return "4096 x article", parameters, jnp.array([ARTICLE["inputs"]]), jnp.array([ARTICLE["targets"]]), 1000


def table():
    key = jax.random.PRNGKey(0)
    parameters = []
    for inputs, outputs in ((4, 8), (8, 3)):
        key, one = jax.random.split(key)
        parameters.append((jax.random.normal(one, (NETWORKS, outputs, inputs)), jnp.zeros((NETWORKS, outputs))))
    x, t = jax.random.uniform(key, (50, 4)), jax.random.uniform(key, (50, 3))
    return "4096 x 4-8-3, 50 rows", parameters, x, t, 100 * 50


workload, parameters, x, t, steps = {"article": article, "4-8-3": table}[sys.argv[1]]()
train = jax.jit(jax.vmap(lambda p: trained(p, x, t, steps)))
jax.block_until_ready(train(parameters))
seconds = median_time(lambda: jax.block_until_ready(train(parameters)), 3)
say(f"jax {jax.devices()[0].platform}, vmap", workload, 1, steps, NETWORKS * steps, seconds)
