"""Schedules made of schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .schedule import ClosedForm


@dataclass(eq=False)
class SequentialLR(ClosedForm):
    """Several schedules, one after the other; each counts from 0 when its turn comes.

    ``milestones[i]`` is the count at which ``schedules[i + 1]`` takes over.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> warm_up = optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> cosine = optim.CosineAnnealingLR(optimizer, 2)
    >>> schedule = SequentialLR(optimizer, [warm_up, cosine], [2])
    >>> np.round([schedule.learning_rate(t, 1.0) for t in range(5)], 3).tolist()
    [0.5, 0.75, 1.0, 0.5, 0.0]
    """

    schedules: Sequence[ClosedForm]
    milestones: Sequence[int]

    def __post_init__(self) -> None:
        self.schedules, self.milestones = list(self.schedules), list(self.milestones)
        fitting = len(self.schedules) == len(self.milestones) + 1
        if not fitting or self.milestones != sorted(self.milestones):
            self.refuse("one ascending milestone between every two schedules")
        _check(self, self.schedules)
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """The rate of the schedule whose turn it is."""
        turn = bisect_right(self.milestones, t)
        start = self.milestones[turn - 1] if turn else 0
        return self.schedules[turn].learning_rate(t - start, base)


@dataclass(eq=False)
class ChainedScheduler(ClosedForm):
    """Several schedules at once: the rate of each is the base rate of the next.

    Schedules that multiply the rate are multiplied with each other.

    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=1.0)
    >>> warm_up = optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> schedule = ChainedScheduler(optimizer, [warm_up, optim.ExponentialLR(optimizer, 0.5)])
    >>> [schedule.learning_rate(t, 1.0) for t in range(4)]
    [0.5, 0.375, 0.25, 0.125]
    """

    schedules: Sequence[ClosedForm]

    def __post_init__(self) -> None:
        self.schedules = list(self.schedules)
        if not self.schedules:
            self.refuse("at least one schedule")
        _check(self, self.schedules)
        super().__post_init__()

    def learning_rate(self, t: int, base: float) -> float:
        """``schedules[-1](t, ... schedules[0](t, base))``."""
        for schedule in self.schedules:
            base = schedule.learning_rate(t, base)
        return base


def _check(combined: ClosedForm, schedules: Sequence[object]) -> None:
    if not all(isinstance(s, ClosedForm) for s in schedules):
        combined.refuse("schedules that depend on the count alone")
