"""Minimising without gradients: populations that are drawn, compared and moved."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import Tensor
from .closure import ClosureOptimizer, Objective
from .optimizer import Parameters
from .slots import Options

_MOST = 10_000  # numbers, whose covariance takes 800 MB


class _Evolution(ClosureOptimizer):
    """What both keep: the number of generations, and the best vector that was seen."""

    def _random(self) -> np.random.Generator:
        """Return the random numbers of this generation, which depend on nothing before it."""
        seed = int(self.param_groups[0]["seed"]), int(self.memory["generation"])
        return np.random.default_rng(seed)

    def _settle(self, objective: Objective, points: Array, values: Array) -> Tensor:
        """Give the parameters the best vector so far; return its loss."""
        held, first = self.memory, int(np.argmin(values))
        if values[first] < float(held["least"]) or "best" not in held:
            held.update(best=points[first].copy(), least=np.asarray(values[first]))
        held["generation"] = held["generation"] + 1
        self.put(held["best"])
        return objective.loss(float(held["least"]), held["best"])


class CMAES(_Evolution):
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
        half = count // 2
        weights = math.log((count + 1) / 2) - np.log(np.arange(1, half + 1))
        weights /= weights.sum()
        mass = 1 / float(weights @ weights)  # of how many equal steps the mean is made
        moved = weights @ steps[:half]
        held["mean"] = held["mean"] + float(held["size"]) * moved

        rate = (mass + 2) / (n + mass + 5)
        whitened = axes @ ((axes.T @ moved) / lengths)
        ps = (1 - rate) * held["size_path"] + math.sqrt(rate * (2 - rate) * mass) * whitened
        usual = math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))  # length of a normal vector
        length = float(np.linalg.norm(ps)) / usual
        damping = 1 + 2 * max(0.0, math.sqrt((mass - 1) / (n + 1)) - 1) + rate
        age = 1 - (1 - rate) ** (2 * (float(held["generation"]) + 1))
        grows = length / math.sqrt(age) < 1.4 + 2 / (n + 1)

        of_path = (4 + mass / n) / (n + 4 + 2 * mass / n)
        of_one = 2 / ((n + 1.3) ** 2 + mass)
        of_all = min(1 - of_one, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass))
        kept = (1 - of_path) * held["path"]
        pc = kept + grows * math.sqrt(of_path * (2 - of_path) * mass) * moved
        lost = 0.0 if grows else of_one * of_path * (2 - of_path)
        among = (weights[:, None] * steps[:half]).T @ steps[:half]
        held["covariance"] = (
            (1 - of_one - of_all + lost) * held["covariance"]
            + of_one * np.outer(pc, pc) + of_all * among
        )  # fmt: skip
        held["size"] = held["size"] * math.exp(min(1.0, rate / damping * (length - 1)))
        held.update(size_path=ps, path=pc)


class DifferentialEvolution(_Evolution):
    """Each vector is challenged by one made of three others: a generation a step.

    Trial i is ``a + scale_factor * (b - c)`` in elements that are chosen with probability
    ``crossover_rate`` (one at least), and vector i elsewhere; it takes i's place if its loss is not
    greater. ``popsize`` vectors (0: 10 for each of the N numbers): the parameters, and others
    uniformly within ``region`` of them. The closure returns the loss, without gradients. The
    parameters become the best vector; ``step(closure)`` returns its loss. Storn and Price, 1997
    (rand/1/bin); Torch7's de. See ClosureOptimizer.

    >>> w = tensor([-1.0, 2.0], requires_grad=True)
    >>> optimizer = DifferentialEvolution([w], region=3.0)
    >>> for _ in range(100):
    ...     loss = optimizer.step(lambda: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2)
    >>> np.round(w.numpy(), 2).tolist()
    [1.0, 1.0]
    """

    remembers = ("generation", "least", "best", "population", "values")
    not_vectors = frozenset({"values"})

    def __init__(
        self,
        parameters: Parameters,
        popsize: int = 0,
        scale_factor: float = 0.5,
        crossover_rate: float = 0.9,
        region: float = 30.0,
        seed: int = 0,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            {
                "popsize": popsize, "scale_factor": scale_factor,
                "crossover_rate": crossover_rate, "region": region, "seed": seed,
            },
            weight_decay=weight_decay, maximize=maximize,
        )  # fmt: skip

    def _check_together(self, options: Options) -> None:
        """Refuse populations that do not have three others, and what is no probability."""
        if 0 < options["popsize"] < 4 or options["crossover_rate"] > 1:
            raise ArgumentError(
                "DifferentialEvolution",
                required="popsize 0 or >= 4, crossover_rate <= 1",
                received=f"popsize={options['popsize']}, "
                f"crossover_rate={options['crossover_rate']}",
            )

    def search(self, objective: Objective, x: Array, options: Options) -> Tensor:
        """Challenge every vector once; the first time, draw them before."""
        held = self.memory
        if not held:
            held.update(generation=np.asarray(0.0), least=np.asarray(math.inf))
            count = int(options["popsize"]) or max(4, 10 * x.size)
            spread = self._random().uniform(-1, 1, (count, x.size)) * options["region"]
            spread[0] = 0.0
            held["population"] = x + spread
            held["values"] = np.array([objective.value(v) for v in held["population"]])
            held["generation"] = np.asarray(1.0)
        random, population = self._random(), held["population"]
        old, values = population.copy(), held["values"].copy()
        for i in range(len(old)):
            a, b, c = random.permutation(np.delete(np.arange(len(old)), i))[:3]
            chosen = random.random(x.size) < options["crossover_rate"]
            chosen[random.integers(max(1, x.size))] = True
            trial = np.where(chosen, old[a] + options["scale_factor"] * (old[b] - old[c]), old[i])
            value = objective.value(trial)
            if value <= values[i]:
                population[i], values[i] = trial, value
        held["values"] = values
        return self._settle(objective, population, values)
