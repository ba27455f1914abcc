"""Minimising without gradients, by a normal distribution that learns."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import Tensor
from .closure import Objective
from .evolution import Evolution
from .optimizer import Parameters
from .slots import Options

_MOST = 10_000  # numbers, whose covariance takes 800 MB


class CMAES(Evolution):
    """Evolution whose covariance matrix learns the shape of the function: a generation a step.

    Draws ``popsize`` vectors (0: ``4 + floor(3 ln N)`` for N numbers) from a normal distribution
    around a mean, at first the parameters with deviation ``sigma``; the better half moves mean,
    step size and covariance. Invariant to rotations and to monotone functions of the loss; a step
    takes time N**3 and memory N**2. The closure returns the loss, without gradients. The parameters
    become the best vector so far; ``step(closure)`` returns its loss. Hansen, The CMA evolution
    strategy: a tutorial, 2016; Torch7's cmaes. See ClosureOptimizer.

    >>> w = tensor([-1.0, 2.0], requires_grad=True)
    >>> optimizer = CMAES([w])
    >>> for _ in range(150):
    ...     loss = optimizer.step(lambda: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2)
    >>> np.round(w.numpy(), 2).tolist()
    [1.0, 1.0]
    """

    remembers = (
        "generation", "least", "best", "mean", "size", "covariance", "size_path", "path",
    )  # fmt: skip

    def __init__(
        self,
        parameters: Parameters,
        sigma: float = 0.5,
        popsize: int = 0,
        seed: int = 0,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters, {"sigma": sigma, "popsize": popsize, "seed": seed},
            weight_decay=weight_decay, maximize=maximize,
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse a distribution that is a point, and populations without a better half."""
        if not options["sigma"] > 0 or 0 < options["popsize"] < 4:
            raise ArgumentError(
                "CMAES", required="sigma > 0, popsize 0 or >= 4",
                received=f"sigma={options['sigma']}, popsize={options['popsize']}",
            )  # fmt: skip

    def search(self, objective: Objective, x: Array, options: Options) -> Tensor:
        """Draw a generation, and move the distribution."""
        held, n = self.memory, x.size
        if n > _MOST:
            raise ArgumentError(
                "CMAES", required=f"at most {_MOST} numbers in all parameters", received=str(n),
                hint="its covariance has the square of that; use an optimizer with gradients",
            )  # fmt: skip
        if not held:
            held.update(
                generation=np.asarray(0.0), least=np.asarray(math.inf), mean=x,
                size=np.asarray(float(options["sigma"])), covariance=np.eye(n),
                size_path=np.zeros(n), path=np.zeros(n),
            )  # fmt: skip
        count = int(options["popsize"]) or 4 + math.floor(3 * math.log(max(1, n)))
        squares, axes = np.linalg.eigh(held["covariance"])
        lengths = np.sqrt(np.maximum(squares, 1e-300))
        steps = (self._random().standard_normal((count, n)) * lengths) @ axes.T
        points = held["mean"] + float(held["size"]) * steps
        values = np.array([objective.value(point) for point in points])
        self._learn(steps[np.argsort(values, kind="stable")], axes, lengths)
        return self._settle(objective, points, values)

    def _learn(self, steps: Array, axes: Array, lengths: Array) -> None:
        """Move mean, step size and covariance by steps that are sorted, the best first."""
        held, (count, n) = self.memory, steps.shape
        rates = _rates(count, n)
        better = steps[: len(rates.weights)]
        moved = rates.weights @ better
        held["mean"] = held["mean"] + float(held["size"]) * moved

        a = rates.of_size
        whitened = axes @ ((axes.T @ moved) / lengths)
        ps = (1 - a) * held["size_path"] + math.sqrt(a * (2 - a) * rates.mass) * whitened
        length = float(np.linalg.norm(ps)) / rates.usual
        age = 1 - (1 - a) ** (2 * (float(held["generation"]) + 1))
        straight = length / math.sqrt(age) < 1.4 + 2 / (n + 1)  # else the step size grows anyway

        b = rates.of_path
        pc = (1 - b) * held["path"] + straight * math.sqrt(b * (2 - b) * rates.mass) * moved
        lost = 0.0 if straight else rates.of_one * b * (2 - b)
        among = (rates.weights[:, None] * better).T @ better
        held["covariance"] = (
            (1 - rates.of_one - rates.of_all + lost) * held["covariance"]
            + rates.of_one * np.outer(pc, pc) + rates.of_all * among
        )  # fmt: skip
        grown = math.exp(min(1.0, a / rates.damping * (length - 1)))
        held.update(size_path=ps, path=pc, size=np.asarray(float(held["size"]) * grown))


class _Rates(NamedTuple):
    """How fast a distribution of n numbers learns from a generation."""

    weights: Array  # of the better half, the best first
    mass: float  # of how many equal steps the mean is made
    usual: float  # the length of a normal vector
    of_size: float
    damping: float
    of_path: float
    of_one: float  # of the covariance, from the path
    of_all: float  # of the covariance, from the better half


def _rates(count: int, n: int) -> _Rates:
    half = count // 2
    weights = math.log((count + 1) / 2) - np.log(np.arange(1, half + 1))
    weights /= weights.sum()
    mass = 1 / float(weights @ weights)
    of_size = (mass + 2) / (n + mass + 5)
    of_one = 2 / ((n + 1.3) ** 2 + mass)
    return _Rates(
        weights, mass, math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)), of_size,
        damping=1 + 2 * max(0.0, math.sqrt((mass - 1) / (n + 1)) - 1) + of_size,
        of_path=(4 + mass / n) / (n + 4 + 2 * mass / n), of_one=of_one,
        of_all=min(1 - of_one, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass)),
    )  # fmt: skip
