"""Rates that go up and down again and again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from .schedule import ClosedForm


@dataclass(eq=False)
class CyclicLR(ClosedForm):
    """Straight lines from ``base_lr`` to ``max_lr`` and back, by step; momentum opposite.

    Up in ``step_size_up`` steps, down in ``step_size_down`` (as many, if None). The height of the
    cycle with number c, from 1, is scaled: by 1 ("triangular"), ``0.5**(c - 1)`` ("triangular2"),
    ``gamma**t`` ("exp_range"), or by ``scale_fn`` of c or t (``scale_mode`` "cycle" or
    "iterations"). With ``cycle_momentum`` an option ``momentum`` (or the first of ``betas``) runs
    from ``max_momentum`` to ``base_momentum`` and back. The optimizer's own rate is not used.
    Smith, 2017.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = CyclicLR(optimizer, 0.1, 0.5, 2, cycle_momentum=False)
    >>> np.round([schedule.learning_rate(t, 1.0) for t in range(6)], 3).tolist()
    [0.1, 0.3, 0.5, 0.3, 0.1, 0.3]
    """

    base_lr: float
    max_lr: float
    step_size_up: int = 2000
    step_size_down: int | None = None
    mode: Literal["triangular", "triangular2", "exp_range"] = "triangular"
    gamma: float = 1.0
    scale_fn: Callable[[int], float] | None = None
    scale_mode: Literal["cycle", "iterations"] = "cycle"
    cycle_momentum: bool = True
    base_momentum: float = 0.8
    max_momentum: float = 0.9
    _: KW_ONLY
    by: Literal["epoch", "step"] = "step"

    def __post_init__(self) -> None:
        if self.step_size_up < 1 or (self.step_size_down is not None and self.step_size_down < 1):
            self.refuse("step_size_up >= 1, step_size_down >= 1 or None")
        if self.mode not in ("triangular", "triangular2", "exp_range"):
            self.refuse("mode 'triangular', 'triangular2' or 'exp_range'")
        if self.scale_mode not in ("cycle", "iterations"):
            self.refuse("scale_mode 'cycle' or 'iterations'")
        if self.cycle_momentum:
            self.schedule_momentum()
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``base_lr + (max_lr - base_lr) * height``, where the height is 0 to 1 and scaled."""
        return self.base_lr + (self.max_lr - self.base_lr) * self._height(t)

    def apply(self) -> None:
        """Set the rates, and the momenta against them."""
        super().apply()
        if self.cycle_momentum:
            between = self.max_momentum - self.base_momentum
            self.set_momentum(self.max_momentum - between * self._height(self.count))

    def _height(self, t: int) -> float:
        up = self.step_size_up
        total = up + (up if self.step_size_down is None else self.step_size_down)
        cycle = math.floor(1 + t / total)
        done, top = 1.0 + t / total - cycle, up / total
        height = done / top if done <= top else (done - 1) / (top - 1)
        return height * self._scale(cycle, t)

    def _scale(self, cycle: int, t: int) -> float:
        if self.scale_fn is not None:
            return float(self.scale_fn(cycle if self.scale_mode == "cycle" else t))
        if self.mode == "exp_range":
            return float(self.gamma**t)
        return 1.0 if self.mode == "triangular" else 0.5 ** (cycle - 1)


@dataclass(eq=False)
class CosineAnnealingWarmRestarts(ClosedForm):
    """Half a cosine from the base rate to ``eta_min``, then again from the base rate, and so on.

    The first takes ``T_0`` counts, each later one ``T_mult`` times as many as the one before.
    Loshchilov and Hutter, 2017.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = CosineAnnealingWarmRestarts(optimizer, 2, 2)
    >>> np.round([schedule.learning_rate(t, 1.0) for t in range(7)], 3).tolist()
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """

    T_0: int
    T_mult: int = 1
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        if self.T_0 < 1 or self.T_mult < 1:
            self.refuse("T_0 >= 1 and T_mult >= 1")
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``eta_min + (base - eta_min) * (1 + cos(pi * t / T)) / 2``, t since the last restart."""
        length = self.T_0
        if self.T_mult == 1:
            t %= length
        while t >= length:
            t, length = t - length, length * self.T_mult
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / length)) / 2
