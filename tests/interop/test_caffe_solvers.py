"""Caffe's solvers on a least-squares problem: its order of operations, in NumPy, against ours.

An iteration there: gradients of iter_size batches are summed, scaled by clip_gradients / norm if
their norm is larger, divided by iter_size, decayed (weight_decay * decay_mult), and turned into a
step at the rate lr * lr_mult.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim

Array = Any
Step = Callable[[dict[str, Any], Array, float], Array]
DELTA, MU, MU2, RHO = 1e-8, 0.9, 0.999, 0.95


def sgd(kept: dict[str, Any], g: Array, r: float) -> Array:
    kept["h"] = MU * kept.get("h", 0) + r * g
    return kept["h"]


def nesterov(kept: dict[str, Any], g: Array, r: float) -> Array:
    old = kept.get("h", 0)
    kept["h"] = MU * old + r * g
    return (1 + MU) * kept["h"] - MU * old


def adagrad(kept: dict[str, Any], g: Array, r: float) -> Array:
    kept["h"] = kept.get("h", 0) + g**2
    return r * g / (np.sqrt(kept["h"]) + DELTA)


def rmsprop(kept: dict[str, Any], g: Array, r: float) -> Array:
    kept["h"] = RHO * kept.get("h", 0) + (1 - RHO) * g**2
    return r * g / (np.sqrt(kept["h"]) + DELTA)


def adadelta(kept: dict[str, Any], g: Array, r: float) -> Array:
    kept["h"] = RHO * kept.get("h", 0) + (1 - RHO) * g**2
    u = g * np.sqrt((kept.get("h2", 0) + DELTA) / (kept["h"] + DELTA))
    kept["h2"] = RHO * kept.get("h2", 0) + (1 - RHO) * u**2
    return r * u


def adam(kept: dict[str, Any], g: Array, r: float) -> Array:
    t = kept["t"] = kept.get("t", 0) + 1
    kept["m"] = MU * kept.get("m", 0) + (1 - MU) * g
    kept["v"] = MU2 * kept.get("v", 0) + (1 - MU2) * g**2
    r = r * np.sqrt(1 - MU2**t) / (1 - MU**t)
    return r * kept["m"] / (np.sqrt(kept["v"]) + DELTA)


SOLVERS: dict[str, tuple[Step, Callable[..., optim.Optimizer]]] = {
    "SGD": (sgd, lambda p, **o: optim.SGD(p, momentum=MU, rate_in_velocity=True, **o)),
    "Nesterov": (
        nesterov,
        lambda p, **o: optim.SGD(p, momentum=MU, nesterov=True, rate_in_velocity=True, **o),
    ),
    "AdaGrad": (adagrad, lambda p, **o: optim.Adagrad(p, eps=DELTA, **o)),
    "RMSProp": (rmsprop, lambda p, **o: optim.RMSprop(p, alpha=RHO, eps=DELTA, **o)),
    "AdaDelta": (adadelta, lambda p, **o: optim.Adadelta(p, rho=RHO, eps=DELTA, **o)),
    "Adam": (adam, lambda p, **o: optim.Adam(p, betas=(MU, MU2), eps=DELTA, epsilon_hat=True, **o)),
}
RATE, DECAY, CLIP = 0.1, 0.5, 2.0


class LeastSquares:
    """y = x W^T + b with the loss 1 / (2 N) * sum of (y - target)**2, and Caffe's iteration."""

    def __init__(self, step: Step, w: Array, b: Array) -> None:
        self.step, self.kept, self.values = step, ({}, {}), [w, b]
        self.rate_of, self.decay_of = (1.0, 2.0), (1.0, 0.0)  # lr_mult, decay_mult of W and b

    def iterate(self, batches: list[tuple[Array, Array]], rate: float) -> None:
        w, b = self.values
        total = [np.zeros_like(w), np.zeros_like(b)]
        for x, target in batches:
            error = (x @ w.T + b - target) / len(x)
            total = [total[0] + error.T @ x, total[1] + error.sum(0)]
        norm = np.sqrt(sum((g**2).sum() for g in total))
        total = [g * (CLIP / norm if norm > CLIP else 1) / len(batches) for g in total]
        for k, (kept, g) in enumerate(zip(self.kept, total, strict=True)):
            g = g + DECAY * self.decay_of[k] * self.values[k]
            self.values[k] = self.values[k] - self.step(kept, g, rate * self.rate_of[k])


@pytest.mark.parametrize("iter_size", [1, 3])
@pytest.mark.parametrize("name", SOLVERS)
def test_least_squares(name: str, iter_size: int) -> None:
    step, make = SOLVERS[name]
    rng = np.random.default_rng(3)
    layer = nn.Linear(3, 1, dtype="float64")
    caffe = LeastSquares(step, layer.weight.numpy(), layer.bias.numpy())
    groups = [
        {"params": [layer.weight], "lr": RATE, "weight_decay": DECAY},
        {"params": [layer.bias], "lr": 2 * RATE, "weight_decay": 0.0},
    ]
    optimizer = make(groups)
    accumulation = optim.GradientAccumulation(optimizer, max_norm=CLIP, clip="sum")
    schedule = optim.StepLR(optimizer, 2, 0.5, by="step")
    limited = set()
    for t in range(6):
        scale = 2.0 if t % 2 else 0.05  # some gradients are longer than the limit, some are not
        batches = [
            (rng.normal(size=(4, 3)) * scale, rng.normal(size=(4, 1)) * scale)
            for _ in range(iter_size)
        ]
        caffe.iterate(batches, RATE * 0.5 ** (t // 2))
        for x, target in batches:
            error = layer(cr.tensor(x)) - target
            ((error * error).sum() / (2 * len(x))).backward()
            accumulation.add()
        norm = accumulation.step()
        schedule.step()
        limited.add(norm is not None and norm.item() > CLIP)
        for mine, its in zip((layer.weight, layer.bias), caffe.values, strict=True):
            np.testing.assert_allclose(mine.numpy(), its, rtol=1e-9, atol=1e-12)
    assert limited == {True, False}


@pytest.mark.parametrize("name", SOLVERS)
def test_gradients_of_parts_add_up_to_those_of_one_batch(name: str) -> None:
    """iter_size batches of n samples make the same step as one of iter_size * n."""
    rng = np.random.default_rng(0)
    x, target = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
    results = []
    for parts in (1, 3):
        layer = nn.Linear(3, 1, dtype="float64")
        layer.weight.assign(np.ones((1, 3)))
        layer.bias.assign(np.zeros(1))
        accumulation = optim.GradientAccumulation(SOLVERS[name][1](layer.parameters(), lr=0.1))
        for _ in range(3):
            for rows in np.split(np.arange(6), parts):
                F.mse_loss(layer(cr.tensor(x[rows])), target[rows]).backward()
                accumulation.add()
            accumulation.step()
        results.append(layer.weight.numpy())
    np.testing.assert_allclose(results[1], results[0], rtol=1e-12)
