"""Several losses as one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from ..errors import ArgumentError
from ..graph import Tensor
from ..ops import add
from .branches import entries_of
from .containers import _Numbered
from .module import Module

__all__ = ["MultiCriterion", "ParallelCriterion"]


class _Weighted(_Numbered):
    def __init__(self, *losses: Module, weights: Sequence[float] | None = None) -> None:
        super().__init__(losses)
        self.weights = [1.0] * len(losses) if weights is None else list(weights)
        if not losses or len(self.weights) != len(losses):
            raise ArgumentError(
                type(self).__name__, required="at least one loss, and a weight for each",
                received=f"{len(losses)} losses, {len(self.weights)} weights",
            )  # fmt: skip

    def _total(self, pairs: Sequence[tuple[Any, Any]]) -> Tensor:
        losses = zip(self, pairs, self.weights, strict=True)
        total: Tensor = reduce(add, [w * loss(x, target) for loss, (x, target), w in losses])
        return total

    def extra_repr(self) -> str:
        """Show the weights."""
        return f"weights={self.weights}"


class MultiCriterion(_Weighted):
    """Sum of losses of one prediction and target: sum over i of weights[i] * loss_i(x, target).

    In Torch7: MultiCriterion.

    >>> loss = nn.MultiCriterion(nn.MSELoss(), nn.L1Loss(), weights=[1.0, 0.5])
    >>> loss(tensor([4.0]), tensor([2.0]))
    tensor(5.)
    """

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the weighted sum."""
        return self._total([(x, target)] * len(self))


class ParallelCriterion(_Weighted):
    """Sum of losses, each of its own prediction: sum over i of weights[i] * loss_i(x_i, target_i).

    Predictions and targets are tuples; with ``repeat_target`` there is one target for all. In
    Torch7: ParallelCriterion.

    >>> loss = nn.ParallelCriterion(nn.MSELoss(), nn.L1Loss())
    >>> loss((tensor([4.0]), tensor([1.0])), (tensor([2.0]), tensor([0.0])))
    tensor(5.)
    """

    def __init__(
        self, *losses: Module, weights: Sequence[float] | None = None, repeat_target: bool = False
    ) -> None:
        super().__init__(*losses, weights=weights)
        self.repeat_target = repeat_target

    def forward(self, x: Any, target: Any) -> Tensor:
        """Return the weighted sum."""
        count = len(self)
        targets = [target] * count if self.repeat_target else entries_of(
            target, "ParallelCriterion, target", count
        )  # fmt: skip
        predictions = entries_of(x, "ParallelCriterion", count)
        return self._total(list(zip(predictions, targets, strict=True)))
