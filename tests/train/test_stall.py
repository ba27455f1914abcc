"""A loss that has saturated: the run says so, once, at the step where it is noticed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, optim
from chainrule.errors import LossWarning
from chainrule.train import Callback, Trainer
from chainrule.train.stall import Stall


def test_a_hundred_equal_losses_are_told_once() -> None:
    stall = Stall()
    assert stall.judge([3.0] * 40) is None
    assert stall.judge([2.0] * 60) is None
    said = stall.judge([2.0] * 40)
    assert said is not None
    assert said.startswith("the loss has been 2 to the last digit for 100 steps: it has saturated")
    assert stall.judge([2.0] * 200) is None


@pytest.mark.parametrize(
    "losses",
    [[0.0] * 300, [2.0, 2.5] * 200, [2.0] * 99 + [2.1] + [2.0] * 99],
)
def test_what_is_no_stall(losses: list[float]) -> None:
    stall = Stall()
    assert [stall.judge(losses[k : k + 7]) for k in range(0, len(losses), 7)] == [None] * (
        -(-len(losses) // 7)
    )


class Notes(Callback):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def on_note(self, run: Any, text: str) -> None:
        self.texts.append(text)


class Saturated(nn.Module):
    """Probabilities that are 0 whatever the input."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(cr.zeros((1,)))

    def forward(self, x: Any) -> Any:
        return cr.relu(x * self.weight - 5.0)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.filterwarnings("ignore::chainrule.errors.LossWarning")
def test_a_saturated_loss_in_training(compiled: bool) -> None:
    notes, model = Notes(), Saturated()
    trainer = Trainer(
        model, nn.BCELoss(), optim.SGD(model.parameters(), lr=0.1), metrics=(),
        callbacks=[notes], compile=compiled,
    )  # fmt: skip
    data = np.ones((8, 1), np.float32)
    trainer.fit((data, data), epochs=130, batch_size=8, progress=False)
    assert notes.texts == [
        "step 100: the loss has been 100 to the last digit for 100 steps: it has saturated, or "
        "nothing is left to learn, or the steps are too small to change anything"
    ]


def test_a_loss_that_is_not_finite_warns_where_nobody_checks_it() -> None:
    with pytest.warns(LossWarning, match=r"mse_loss: the loss is inf; chainrule.detect_anomalies"):
        nn.MSELoss()(cr.tensor([1e30]), cr.tensor([0.0]))
    with pytest.warns(LossWarning, match=r"nll_loss: the loss is inf"):
        nn.NLLLoss()(cr.log(cr.tensor([[0.0, 1.0]])), cr.tensor([0]))
