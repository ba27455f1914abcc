"""What optimizers share that draw populations instead of computing gradients."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..graph import Tensor
from .closure import ClosureOptimizer, Objective


class Evolution(ClosureOptimizer):
    """Keeps the number of generations, and the best vector that was seen."""

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
