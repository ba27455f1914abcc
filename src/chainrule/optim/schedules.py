"""Learning-rate schedules: the rate as a function of the number of epochs or steps done.

Formulas and defaults are those of PyTorch, in closed form, so that the whole state is a count.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .combined import ChainedScheduler, SequentialLR
from .cyclic import CosineAnnealingWarmRestarts, CyclicLR
from .one_cycle import OneCycleLR
from .plateau import ReduceLROnPlateau
from .schedule import ClosedForm, Schedule
from .swa_lr import SWALR

__all__ = [
    "SWALR",
    "ChainedScheduler",
    "ClosedForm",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "InverseLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "Schedule",
    "SequentialLR",
    "SigmoidLR",
    "StepLR",
]


@dataclass(eq=False)
class ConstantLR(ClosedForm):
    """The base rate times ``factor`` for the first ``total_iters`` counts, then the base rate."""

    factor: float = 1 / 3
    total_iters: int = 5

    def learning_rate(self, t: int, base: float) -> float:
        """``base * (factor if t < total_iters else 1)``."""
        return base * (self.factor if t < self.total_iters else 1.0)


@dataclass(eq=False)
class LinearLR(ClosedForm):
    """A straight line from ``start_factor`` to ``end_factor``, then constant: a warm-up.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> [schedule.learning_rate(t, 1.0) for t in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """

    start_factor: float = 1 / 3
    end_factor: float = 1.0
    total_iters: int = 5

    def __post_init__(self) -> None:
        if not (0 < self.start_factor <= 1 and 0 <= self.end_factor <= 1 and self.total_iters > 0):
            self.refuse("0 < start_factor <= 1, 0 <= end_factor <= 1, total_iters > 0")
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``base * (start_factor + (end_factor - start_factor) * min(1, t / total_iters))``."""
        done = min(t, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * done)


@dataclass(eq=False)
class StepLR(ClosedForm):
    """The rate is multiplied by ``gamma`` every ``step_size`` counts.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> [schedule.learning_rate(t, 1.0) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        if self.step_size < 1:
            self.refuse("step_size >= 1")
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``base * gamma ** (t // step_size)``."""
        return float(base * self.gamma ** (t // self.step_size))


@dataclass(eq=False)
class MultiStepLR(ClosedForm):
    """The rate is multiplied by ``gamma`` at each milestone."""

    milestones: Sequence[int]
    gamma: float = 0.1

    def __post_init__(self) -> None:
        self.milestones = sorted(self.milestones)
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``base * gamma ** (number of milestones <= t)``."""
        return float(base * self.gamma ** bisect_right(self.milestones, t))


@dataclass(eq=False)
class ExponentialLR(ClosedForm):
    """The rate is multiplied by ``gamma`` every count."""

    gamma: float

    def learning_rate(self, t: int, base: float) -> float:
        """``base * gamma ** t``."""
        return float(base * self.gamma**t)


@dataclass(eq=False)
class PolynomialLR(ClosedForm):
    """The rate falls to 0 within ``total_iters`` counts, along a polynomial."""

    total_iters: int = 5
    power: float = 1.0

    def __post_init__(self) -> None:
        if self.total_iters < 1:
            self.refuse("total_iters >= 1")
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``base * (1 - min(1, t / total_iters)) ** power``."""
        return float(base * (1.0 - min(t, self.total_iters) / self.total_iters) ** self.power)


@dataclass(eq=False)
class InverseLR(ClosedForm):
    """Caffe's policy "inv", in which LeNet is trained with gamma 0.0001 and power 0.75 by step.

    With power 1 the learningRateDecay of Torch7's optimizers, which is gamma, by step.
    """

    gamma: float
    power: float = 1.0

    def learning_rate(self, t: int, base: float) -> float:
        """``base * (1 + gamma * t) ** -power``."""
        return float(base * (1 + self.gamma * t) ** -self.power)


@dataclass(eq=False)
class SigmoidLR(ClosedForm):
    """Caffe's policy "sigmoid": from base to 0 (gamma < 0) or up from 0, halfway at ``step_size``.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = SigmoidLR(optimizer, gamma=-1.0, step_size=2)
    >>> np.round([schedule.learning_rate(t, 1.0) for t in range(5)], 3).tolist()
    [0.881, 0.731, 0.5, 0.269, 0.119]
    """

    gamma: float
    step_size: int

    def learning_rate(self, t: int, base: float) -> float:
        """``base / (1 + exp(-gamma * (t - step_size)))``."""
        z = self.gamma * (t - self.step_size)
        return base * (0.5 + 0.5 * math.tanh(0.5 * z))  # the same, and exp cannot overflow


@dataclass(eq=False)
class CosineAnnealingLR(ClosedForm):
    """Half a cosine from the base rate to ``eta_min`` within ``T_max`` counts, then up again.

    Loshchilov and Hutter, 2017, without restarts.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = CosineAnnealingLR(optimizer, T_max=4)
    >>> np.round([schedule.learning_rate(t, 1.0) for t in range(5)], 3).tolist()
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    T_max: int
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        if self.T_max < 1:
            self.refuse("T_max >= 1")
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``eta_min + (base - eta_min) * (1 + cos(pi * t / T_max)) / 2``."""
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / self.T_max)) / 2


@dataclass(eq=False)
class LambdaLR(ClosedForm):
    """The base rate times any function of the count.

    A function is code, so a checkpoint holds the count and the function's name only: give the same
    function when you resume.
    """

    function: Callable[[int], float]

    def learning_rate(self, t: int, base: float) -> float:
        """``base * function(t)``."""
        return float(base * self.function(t))


@dataclass(eq=False)
class MultiplicativeLR(ClosedForm):
    """The rate is multiplied by a function of the count, at every count from 1 on.

    As of LambdaLR a checkpoint holds the function's name only.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> schedule = MultiplicativeLR(optimizer, lambda t: 0.5 if t < 3 else 1.0)
    >>> [schedule.learning_rate(t, 1.0) for t in range(5)]
    [1.0, 0.5, 0.25, 0.25, 0.25]
    """

    function: Callable[[int], float]
    products: list[float] = field(default_factory=lambda: [1.0], init=False, repr=False)

    def learning_rate(self, t: int, base: float) -> float:
        """``base * function(1) * ... * function(t)``."""
        for count in range(len(self.products), t + 1):
            self.products.append(self.products[-1] * float(self.function(count)))
        return base * self.products[t]
