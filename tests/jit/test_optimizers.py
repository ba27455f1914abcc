"""Every optimizer and every schedule: compiled training equals eager training."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from tests.jit.helpers import assert_close
from tests.optim.test_optimizers import VARIANTS, name_of
from tests.optim.test_schedules import CASES, Make

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim

STEPS = 5
BOUNDS = {"float32": 1e-4, "float64": 1e-10, "float16": 1e-2, "bfloat16": 5e-2}
SCHEDULES: dict[str, Make] = {
    **{name: make for name, (make, _) in CASES.items()},
    "SWALR": lambda o: optim.SWALR(o, 0.01, 3),
    "ReduceLROnPlateau": lambda o: optim.ReduceLROnPlateau(o, patience=0, factor=0.5),
}


def model(dtype: str) -> nn.Module:
    generator = cr.Generator(3)
    return nn.Sequential(
        nn.Linear(5, 33, generator=generator, dtype=dtype),
        nn.Tanh(),
        nn.Linear(33, 3, generator=generator, dtype=dtype),
    )


def data(dtype: str) -> tuple[cr.Tensor, np.ndarray]:
    rng = np.random.default_rng(4)
    return cr.tensor(rng.standard_normal((16, 5)), dtype), rng.integers(0, 3, 16)


class Training:
    """A model, its optimizer and a training step."""

    def __init__(self, made: nn.Module, kind: Any, options: dict[str, Any]) -> None:
        self.model, self.optimizer = made, kind(made.parameters(), **options)

    def step(self, x: Any, y: Any) -> Any:
        loss = F.cross_entropy(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss

    def slots(self) -> list[np.ndarray]:
        found = [self.optimizer.slots(p) for p in self.model.parameters()]
        return [np.asarray(slot.value, np.float64) for slots in found for slot in slots.values()]


def assert_trained_alike(one: Training, other: Training, bound: float) -> None:
    ours, theirs = one.model.state_dict(), other.model.state_dict()
    for name, value in theirs.items():
        assert_close(ours[name], value, bound)
    for mine, his in zip(one.slots(), other.slots(), strict=True):
        assert_close(mine, his, bound)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("more", [{}, {"maximize": True, "weight_decay": 0.01}], ids=name_of)
@pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=name_of)
def test_compiled_training_equals_eager(
    kind: Any, options: dict[str, Any], more: dict[str, Any], dtype: str
) -> None:
    compare(kind, {"lr": 0.01, **options, **more}, dtype)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_too(dtype: str) -> None:
    """Others divide by roots of numbers that float16 does not have."""
    compare(optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}, dtype)


def compare(kind: Any, settings: dict[str, Any], dtype: str) -> None:
    made = model(dtype)
    ours, theirs = Training(made, kind, settings), Training(copy.deepcopy(made), kind, settings)
    compiled, (x, y) = cr.compile(ours.step), data(dtype)
    for _ in range(STEPS):
        loss, expected = compiled(x, y), theirs.step(x, cr.asarray(y))
        assert_close(loss.value, expected.value, BOUNDS[dtype])
    assert_trained_alike(ours, theirs, BOUNDS[dtype])


def test_every_schedule_has_a_row() -> None:
    found = {
        name for name in optim.__all__
        if isinstance(kind := getattr(optim, name), type) and issubclass(kind, optim.Schedule)
    }  # fmt: skip
    assert set(SCHEDULES) == found - {"Schedule"}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_followed_by_one_program(name: str) -> None:
    made = model("float64")
    ours = Training(made, optim.SGD, {"lr": 0.1})
    theirs = Training(copy.deepcopy(made), optim.SGD, {"lr": 0.1})
    schedules = [SCHEDULES[name](t.optimizer) for t in (ours, theirs)]
    compiled, (x, y) = cr.compile(ours.step), data("float64")
    programs, rates = set(), set()
    for _ in range(STEPS):
        compiled(x, y)
        theirs.step(x, cr.asarray(y))
        programs.add(id(compiled.program))
        rates.add(ours.optimizer.param_groups[0]["lr"])
        for schedule in schedules:
            schedule.step(1.0) if name == "ReduceLROnPlateau" else schedule.step()
    assert len(programs) == 1
    assert len(rates) > 1
    assert_trained_alike(ours, theirs, 1e-12)
