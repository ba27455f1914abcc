"""The rate at which weights are averaged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .schedule import Schedule


@dataclass(eq=False)
class SWALR(Schedule):
    """From the present rate to ``swa_lr`` within ``anneal_epochs`` counts, then constant.

    The rate from which it starts is that at its first ``step``: until then another schedule may be
    stepped in its place. For ``StochasticWeightAverage``. Izmailov et al., 2018.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = SWALR(optimizer, 0.2, 2, "linear")
    >>> for _ in range(3):
    ...     schedule.step()
    ...     print(schedule.get_last_lr())
    [0.6]
    [0.2]
    [0.2]
    """

    swa_lr: float
    anneal_epochs: int = 10
    anneal_strategy: Literal["cos", "linear"] = "cos"
    count: int = field(default=0, init=False, repr=False)
    starts: list[float] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.anneal_epochs < 0 or not self.swa_lr >= 0:
            self.refuse("anneal_epochs >= 0 and swa_lr >= 0")
        if self.anneal_strategy not in ("cos", "linear"):
            self.refuse("anneal_strategy 'cos' or 'linear'")
        super().__post_init__()

    def step(self, value: float | None = None) -> None:
        """Count one epoch (or step) and set the rates, whatever the value."""
        groups = self.optimizer.param_groups
        self.starts += [float(group["lr"]) for group in groups[len(self.starts) :]]
        self.count += 1
        done = min(1.0, self.count / max(1, self.anneal_epochs))
        if self.anneal_strategy == "cos":
            done = (1 - math.cos(math.pi * done)) / 2
        for group, start in zip(groups, self.starts, strict=True):
            group["lr"] = start + (self.swa_lr - start) * done

    def position(self) -> dict[str, Any]:
        """Return the count and the first rates; the present ones are the optimizer's state."""
        return {"count": self.count, "starts": list(self.starts)}

    def go_to(self, position: Mapping[str, Any]) -> None:
        """Take over a position."""
        self.count = int(position["count"])
        self.starts = [float(start) for start in position["starts"]]
