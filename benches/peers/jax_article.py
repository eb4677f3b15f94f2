"""The article's 10,000 rounds in one compiled loop in JAX: the loop alone, and the whole process."""

import jax
import jax.numpy as jnp
from peer import ARTICLE, median_time, say, since_start

weights = [jnp.array(w) for w in ARTICLE["weights"]]
x, t = jnp.array(ARTICLE["inputs"]), jnp.array(ARTICLE["targets"])
rounds = ARTICLE["rounds"]


def error(weights):
    out = x
    for weight, bias in zip(weights, ARTICLE["biases"]):
        out = jax.nn.sigmoid(weight @ out + bias)
    return 0.5 * jnp.sum((t - out) ** 2)


def step(_, weights):
    return jax.tree.map(lambda w, g: w - ARTICLE["learning_rate"] * g, weights, jax.grad(error)(weights))


loop = jax.jit(lambda weights: jax.lax.fori_loop(0, rounds, step, weights))
reached = float(error(loop(weights)))
whole = since_start()
assert abs(reached / ARTICLE["error"] - 1) < 0.01, reached
peer = f"jax {jax.devices()[0].platform}, one loop"
seconds = median_time(lambda: jax.block_until_ready(loop(weights)))
say(peer, "article, 10000 rounds", 1, rounds, rounds, seconds, seconds=seconds)
say(peer, "article, whole process", 1, rounds, rounds, whole, seconds=whole)
