"""Several losses as one."""

from __future__ import annotations

from typing import Any

from tests.functional.samples import spaced

import chainrule as cr
from chainrule import nn

from .record import layer

x = spaced(3, 4)


class Pairs(nn.Module):
    """Two predictions and two targets as four inputs."""

    def __init__(self, loss: nn.Module) -> None:
        self.loss = loss

    def forward(self, *inputs: cr.Tensor) -> Any:
        return self.loss(inputs[:2], inputs[2:])


def parallel() -> nn.Module:
    return Pairs(nn.ParallelCriterion(nn.MSELoss(), nn.SmoothL1Loss(beta=9.0), weights=[1.0, 0.5]))


def multi() -> nn.Module:
    return nn.MultiCriterion(nn.MSELoss(), nn.SmoothL1Loss(beta=9.0), weights=[1.0, 0.5])


inputs = (x, x[:, :2], x[::-1] + 0.1, x[:, 2:] + 0.1)
SAMPLES = [
    layer("MultiCriterion", inputs=(x, x[::-1] + 0.1), shape=(), batched=False, build=multi),
    layer("ParallelCriterion", inputs=inputs, shape=(), batched=False, build=parallel),
]
