"""Caffe's six solvers are settings of our optimizers: its updates by its formulas, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import optim

MU, MU2, DELTA, DECAY = 0.9, 0.99, 1e-3, 0.1
Array = Any


def sgd() -> Iterator[Array]:
    h, step = 0.0, None
    while True:
        r, g, _ = yield step
        h = MU * h + r * g
        step = h


def nesterov() -> Iterator[Array]:
    h, step = 0.0, None
    while True:
        r, g, _ = yield step
        old, h = h, MU * h + r * g
        step = (1 + MU) * h - MU * old


def adagrad() -> Iterator[Array]:
    h, step = 0.0, None
    while True:
        r, g, _ = yield step
        h = h + g * g
        step = r * g / (np.sqrt(h) + DELTA)


def rmsprop() -> Iterator[Array]:
    h, step = 0.0, None
    while True:
        r, g, _ = yield step
        h = MU2 * h + (1 - MU2) * g * g
        step = r * g / (np.sqrt(h) + DELTA)


def adadelta() -> Iterator[Array]:
    h, h2, step = 0.0, 0.0, None
    while True:
        r, g, _ = yield step
        h = MU * h + (1 - MU) * g * g
        u = g * np.sqrt((h2 + DELTA) / (h + DELTA))
        h2 = MU * h2 + (1 - MU) * u * u
        step = r * u


def adam() -> Iterator[Array]:
    m, v, step = 0.0, 0.0, None
    while True:
        r, g, t = yield step
        m = MU * m + (1 - MU) * g
        v = MU2 * v + (1 - MU2) * g * g
        step = r * np.sqrt(1 - MU2**t) / (1 - MU**t) * m / (np.sqrt(v) + DELTA)


Make = Callable[..., optim.Optimizer]
SOLVERS: list[tuple[Callable[[], Any], Make]] = [
    (sgd, lambda p, **o: optim.SGD(p, 1.0, MU, rate_in_velocity=True, **o)),
    (nesterov, lambda p, **o: optim.SGD(p, 1.0, MU, nesterov=True, rate_in_velocity=True, **o)),
    (adagrad, lambda p, **o: optim.Adagrad(p, 1.0, eps=DELTA, **o)),
    (rmsprop, lambda p, **o: optim.RMSprop(p, 1.0, MU2, DELTA, **o)),
    (adadelta, lambda p, **o: optim.Adadelta(p, 1.0, MU, DELTA, **o)),
    (adam, lambda p, **o: optim.Adam(p, 1.0, (MU, MU2), DELTA, epsilon_hat=True, **o)),
]


@pytest.mark.parametrize("regularization", ["L2", "L1"])
@pytest.mark.parametrize(("formula", "make"), SOLVERS, ids=lambda x: x.__name__)
def test_a_solver_with_everything(formula: Any, make: Make, regularization: str) -> None:
    """iter_size 2, gradients clipped at 1, weight decay, a rate that falls every two steps."""
    rng = np.random.default_rng(7)
    w = rng.normal(size=6)
    mine = cr.tensor(w, "float64", requires_grad=True)
    decay = {"weight_decay" if regularization == "L2" else "l1_decay": DECAY}
    optimizer = make([mine], **decay)
    rates = optim.StepLR(optimizer, 2, 0.3, by="step")
    accumulation = optim.GradientAccumulation(optimizer, max_norm=1.0, clip="sum")
    solver = formula()
    next(solver)
    for t in range(1, 9):
        batches = rng.normal(size=(2, 6)) * (0.1 if t % 3 == 0 else 1.0)
        total = batches.sum(0)
        norm = np.linalg.norm(total)
        g = (total / norm if norm > 1 else total) / 2
        g = g + DECAY * (w if regularization == "L2" else np.sign(w))
        w = w - solver.send((0.3 ** ((t - 1) // 2), g, t))
        for batch in batches:
            mine.grad = cr.tensor(batch, "float64")
            accumulation.add()
        accumulation.step()
        rates.step()
        np.testing.assert_allclose(mine.numpy(), w, rtol=1e-9, atol=1e-12)
