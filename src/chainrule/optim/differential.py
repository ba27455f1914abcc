"""Minimising without gradients, by differences between the members of a population."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import Tensor
from .closure import Objective
from .evolution import Evolution
from .optimizer import Parameters
from .slots import Options


class DifferentialEvolution(Evolution):
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
