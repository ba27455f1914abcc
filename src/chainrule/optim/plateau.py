"""A schedule that listens to how training goes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import ArgumentError
from .schedule import Schedule


@dataclass(eq=False)
class ReduceLROnPlateau(Schedule):
    """The rate is multiplied by ``factor`` when a value has not improved for ``patience`` counts.

    ``mode`` says whether less ("min") or more ("max") is better; better means by more than
    ``threshold``, relative ("rel") or absolute ("abs"). After a reduction ``cooldown`` counts are
    not judged. Reductions smaller than ``eps`` are not made.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, patience=1)
    >>> for loss in (5.0, 4.0, 4.0, 4.0):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.1]
    """

    mode: Literal["min", "max"] = "min"
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    threshold_mode: Literal["rel", "abs"] = "rel"
    cooldown: int = 0
    min_lr: float = 0.0
    eps: float = 1e-8
    best: float | None = field(default=None, init=False, repr=False)
    bad: int = field(default=0, init=False, repr=False)
    cooling: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.factor < 1:
            self.refuse("0 < factor < 1")
        if self.mode not in ("min", "max") or self.threshold_mode not in ("rel", "abs"):
            self.refuse("mode 'min' or 'max', threshold_mode 'rel' or 'abs'")
        super().__post_init__()

    def step(self, value: float | None = None) -> None:
        """Judge the newest value and reduce the rates if it is time."""
        if value is None:
            raise ArgumentError("ReduceLROnPlateau.step", required="a value", received="none")
        if self._is_better(value):
            self.best, self.bad = float(value), 0
        else:
            self.bad += 1
        if self.cooling > 0:
            self.cooling, self.bad = self.cooling - 1, 0
        if self.bad > self.patience:
            self._reduce()
            self.cooling, self.bad = self.cooldown, 0

    def _is_better(self, value: float) -> bool:
        if self.best is None:
            return not math.isnan(value)
        sign = 1.0 if self.mode == "max" else -1.0
        if self.threshold_mode == "rel":
            return sign * value > sign * self.best * (1 + sign * self.threshold)
        return sign * value > sign * self.best + self.threshold

    def _reduce(self) -> None:
        for group in self.optimizer.param_groups:
            reduced = max(group["lr"] * self.factor, self.min_lr)
            if group["lr"] - reduced > self.eps:
                group["lr"] = reduced

    def position(self) -> dict[str, Any]:
        """Return the best value and the counts; the rates are part of the optimizer's state."""
        return {"best": self.best, "bad": self.bad, "cooling": self.cooling}

    def go_to(self, position: Mapping[str, Any]) -> None:
        """Take over a position."""
        best = position["best"]
        self.best = None if best is None else float(best)
        self.bad, self.cooling = int(position["bad"]), int(position["cooling"])
