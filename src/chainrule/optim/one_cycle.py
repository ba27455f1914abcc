"""The one-cycle policy: learning rate and momentum in one rise and fall."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from .schedule import ClosedForm


@dataclass(eq=False)
class OneCycleLR(ClosedForm):
    """Up from ``max_lr / div_factor`` to ``max_lr``, then far down, by step; momentum opposite.

    The rise takes ``pct_start`` of ``total_steps``; the end is the start over
    ``final_div_factor``. With ``cycle_momentum`` an option ``momentum`` (or the first of
    ``betas``) runs from ``max_momentum`` to ``base_momentum`` and back. The optimizer's own rate is
    not used. Smith and Topin, 2019.
    """

    max_lr: float
    total_steps: int
    pct_start: float = 0.3
    anneal_strategy: Literal["cos", "linear"] = "cos"
    cycle_momentum: bool = True
    base_momentum: float = 0.85
    max_momentum: float = 0.95
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    _: KW_ONLY
    by: Literal["epoch", "step"] = "step"

    def __post_init__(self) -> None:
        if self.total_steps < 1 or not 0 <= self.pct_start <= 1:
            self.refuse("total_steps >= 1 and 0 <= pct_start <= 1")
        if self.anneal_strategy not in ("cos", "linear"):
            self.refuse("anneal_strategy 'cos' or 'linear'")
        if self.cycle_momentum:
            self.schedule_momentum()
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """Anneal from start to ``max_lr`` to end; constant after ``total_steps``."""
        start = self.max_lr / self.div_factor
        return self._cycle(t, start, self.max_lr, start / self.final_div_factor)

    def apply(self) -> None:
        """Set the rates, and the momenta against them."""
        super().apply()
        if self.cycle_momentum:
            high, low = self.max_momentum, self.base_momentum
            self.set_momentum(self._cycle(self.count, high, low, high))

    def _cycle(self, t: int, first: float, middle: float, last: float) -> float:
        turn, end = float(self.pct_start * self.total_steps) - 1, self.total_steps - 1
        t = min(t, end)
        if t <= turn:
            return self._between(first, middle, t / turn if turn > 0 else 1.0)
        return self._between(middle, last, (t - turn) / (end - turn))

    def _between(self, start: float, end: float, done: float) -> float:
        if self.anneal_strategy == "linear":
            return (end - start) * done + start
        return end + (start - end) / 2 * (math.cos(math.pi * done) + 1)
