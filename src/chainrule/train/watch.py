"""The value that decides which checkpoint is the best, and when to stop early."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ArgumentError
from .metric import Metric


class Watch:
    """Remember the best value so far, and for how many epochs there was no better one."""

    def __init__(self, name: str, larger_is_better: bool, patience: int | None) -> None:
        if patience is not None and patience < 1:
            raise ArgumentError(
                "patience", required="patience >= 1, or None", received=str(patience)
            )
        self.name = name
        self.larger_is_better = larger_is_better
        self.patience = patience
        self.best: float | None = None
        self.epochs_without = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether it is time to stop early."""
        return self.patience is not None and self.epochs_without >= self.patience

    def describe(self) -> str:
        """Say how long the value has not improved."""
        best = "" if self.best is None else f"; the best was {self.best:.6g}"
        return f"{self.name} has not improved for {self.epochs_without} epochs{best}"

    def judge(self, value: float) -> bool:
        """Take an epoch's value into account; return whether it is the best. NaN never is."""
        sign = 1 if self.larger_is_better else -1
        better = self.best is None or sign * value > sign * self.best
        if better and not math.isnan(value):
            self.best, self.epochs_without = float(value), 0
            return True
        self.epochs_without += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {"name": self.name, "best": self.best, "epochs_without": self.epochs_without}

    def load_state_dict(self, state: Mapping[str, Any]) -> bool:
        """Put the state back; return False, changing nothing, if another value was watched."""
        if state.get("name") != self.name:
            return False
        self.best, self.epochs_without = state["best"], int(state["epochs_without"])
        return True


def make_watch(
    name: str | None, metrics: Iterable[Metric], validates: bool, patience: int | None
) -> Watch:
    """Return the watch of a value by name, by default of the validation loss or the loss."""
    directions = {"loss": False}
    directions |= {m.name: m.larger_is_better for m in metrics if m.larger_is_better is not None}
    if validates:
        directions = {**{f"validation_{k}": v for k, v in directions.items()}, **directions}
    chosen = name if name is not None else next(iter(directions))
    if chosen not in directions:
        raise ArgumentError(
            "monitor", required=f"one of {', '.join(directions)}", received=repr(name)
        )
    return Watch(chosen, directions[chosen], patience)
