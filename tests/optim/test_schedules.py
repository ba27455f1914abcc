"""Schedules: their rates by hand, their state, what they refuse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import optim
from chainrule.errors import ArgumentError, CheckpointError
from chainrule.optim import schedules
from chainrule.optim.schedules import ClosedForm, Schedule


def sgd(lr: float = 1.0, **options: Any) -> optim.SGD:
    return optim.SGD([cr.tensor(0.0, requires_grad=True)], lr=lr, **options)


def half(t: int) -> float:
    return 0.5**t


Make = Callable[[optim.Optimizer], Any]
CASES: dict[str, tuple[Make, list[float]]] = {
    "ConstantLR": (lambda o: optim.ConstantLR(o, 0.5, 2), [0.5, 0.5, 1, 1]),
    "LinearLR": (lambda o: optim.LinearLR(o, 0.5, total_iters=2), [0.5, 0.75, 1, 1]),
    "StepLR": (lambda o: optim.StepLR(o, 2, 0.5), [1, 1, 0.5, 0.5, 0.25]),
    "MultiStepLR": (lambda o: optim.MultiStepLR(o, [3, 1], 0.5), [1, 0.5, 0.5, 0.25]),
    "ExponentialLR": (lambda o: optim.ExponentialLR(o, 0.5), [1, 0.5, 0.25]),
    "PolynomialLR": (lambda o: optim.PolynomialLR(o, 4, 2.0), [1, 9 / 16, 1 / 4, 1 / 16, 0, 0]),
    "InverseLR": (lambda o: optim.InverseLR(o, 1.0, 2.0), [1, 1 / 4, 1 / 9]),
    "SigmoidLR": (
        lambda o: optim.SigmoidLR(o, -2.0, 1),
        [1 / (1 + math.exp(-2)), 1 / 2, 1 / (1 + math.exp(2)), 1 / (1 + math.exp(4))],
    ),
    "CosineAnnealingLR": (
        lambda o: optim.CosineAnnealingLR(o, 3, 0.2),
        [1, 0.2 + 0.4 * 1.5, 0.2 + 0.4 * 0.5, 0.2, 0.2 + 0.4 * 0.5],
    ),
    "CosineAnnealingWarmRestarts": (
        lambda o: optim.CosineAnnealingWarmRestarts(o, 2, 2, 0.2),
        [1, 0.6, 1, 0.6 + 0.4 / math.sqrt(2), 0.6, 0.6 - 0.4 / math.sqrt(2), 1],
    ),
    "CyclicLR": (
        lambda o: optim.CyclicLR(o, 1.0, 4.0, 3, 1, mode="triangular2", cycle_momentum=False),
        [1, 2, 3, 4, 1, 1.5, 2, 2.5, 1, 1.25],
    ),
    "MultiplicativeLR": (lambda o: optim.MultiplicativeLR(o, half), [1, 1 / 2, 1 / 8, 1 / 64]),
    "ChainedScheduler": (
        lambda o: optim.ChainedScheduler(
            o, [optim.LinearLR(o, 0.5, total_iters=2), optim.StepLR(o, 2, 0.1)]
        ),
        [0.5, 0.75, 0.1, 0.1, 0.01],
    ),
    "LambdaLR": (lambda o: optim.LambdaLR(o, half), [1, 0.5, 0.25]),
    "OneCycleLR": (
        lambda o: optim.OneCycleLR(
            o, 4.0, 5, 0.6, "linear", cycle_momentum=False, div_factor=4.0, final_div_factor=4.0
        ),
        [1, 2.5, 4, 4 - 3.75 / 2, 0.25, 0.25],
    ),
    "SequentialLR": (
        lambda o: optim.SequentialLR(
            o, [optim.LinearLR(o, 0.5, total_iters=2), optim.StepLR(o, 1, 0.1)], [2]
        ),
        [0.5, 0.75, 1, 0.1, 0.01],
    ),
}


def test_every_schedule_has_a_case() -> None:
    kinds = {
        name
        for name in schedules.__all__
        if issubclass(getattr(schedules, name), ClosedForm) and name != "ClosedForm"
    }
    assert set(CASES) == kinds


@pytest.mark.parametrize("name", CASES)
def test_rates_by_hand(name: str) -> None:
    make, expected = CASES[name]
    schedule = make(sgd())
    rates = []
    for _ in expected:
        rates.extend(schedule.get_last_lr())
        schedule.step()
    assert rates == pytest.approx(expected)


@pytest.mark.parametrize("name", CASES)
def test_state_goes_round_through_json(name: str) -> None:
    make, _ = CASES[name]
    first, second = make(sgd(0.3)), make(sgd(0.3))
    for _ in range(3):
        first.step()
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert second.get_last_lr() == first.get_last_lr()
    first.step()
    second.step()
    assert second.get_last_lr() == first.get_last_lr()


def test_each_group_has_its_base_rate() -> None:
    a, b = cr.tensor(0.0, requires_grad=True), cr.tensor(0.0, requires_grad=True)
    optimizer = optim.SGD([{"params": [a], "lr": 0.4}, {"params": [b]}], lr=0.1)
    schedule = optim.ExponentialLR(optimizer, 0.5)
    schedule.step()
    assert schedule.get_last_lr() == [0.2, 0.05]
    assert [group["initial_lr"] for group in optimizer.param_groups] == [0.4, 0.1]


def test_a_group_that_comes_later_is_scheduled_too() -> None:
    optimizer = sgd()
    schedule = optim.ExponentialLR(optimizer, 0.5)
    optimizer.add_param_group({"params": [cr.tensor(0.0, requires_grad=True)], "lr": 4.0})
    schedule.step()
    assert schedule.get_last_lr() == [0.5, 2.0]


def test_one_cycle_moves_the_momentum_against_the_rate() -> None:
    optimizer = sgd(momentum=0.9)
    schedule = optim.OneCycleLR(optimizer, 1.0, 10)
    assert schedule.by == "step"
    momenta = []
    for _ in range(10):
        momenta.append(optimizer.param_groups[0]["momentum"])
        schedule.step()
    assert momenta[0] == pytest.approx(0.95)
    assert momenta[2] == pytest.approx(0.85)
    assert momenta[-1] == pytest.approx(0.95)
    adam = optim.Adam([cr.tensor(0.0, requires_grad=True)])
    optim.OneCycleLR(adam, 1.0, 10)
    assert adam.param_groups[0]["betas"] == (pytest.approx(0.95), 0.999)


class TestPlateau:
    def test_it_waits_reduces_and_cools_down(self) -> None:
        schedule = optim.ReduceLROnPlateau(sgd(), factor=0.5, patience=1, cooldown=2)
        rates = []
        for value in (4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0):
            schedule.step(value)
            rates.extend(schedule.get_last_lr())
        assert rates == [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]

    def test_more_can_be_better(self) -> None:
        schedule = optim.ReduceLROnPlateau(
            sgd(), mode="max", patience=0, threshold=0.1, threshold_mode="abs"
        )
        for value, rate in ((0.5, 1.0), (0.7, 1.0), (0.75, 0.1)):
            schedule.step(value)
            assert schedule.get_last_lr() == [pytest.approx(rate)]

    def test_nan_is_never_an_improvement(self) -> None:
        schedule = optim.ReduceLROnPlateau(sgd(), patience=0)
        schedule.step(math.nan)
        assert schedule.best is None
        assert schedule.get_last_lr() == [pytest.approx(0.1)]

    def test_it_stops_at_the_smallest_rate(self) -> None:
        schedule = optim.ReduceLROnPlateau(sgd(), patience=0, min_lr=0.05)
        for _ in range(5):
            schedule.step(1.0)
        assert schedule.get_last_lr() == [0.05]

    def test_state_goes_round(self) -> None:
        first = optim.ReduceLROnPlateau(sgd(), patience=3)
        for value in (2.0, 1.0, 1.0):
            first.step(value)
        second = optim.ReduceLROnPlateau(sgd(), patience=3)
        second.load_state_dict(json.loads(json.dumps(first.state_dict())))
        assert (second.best, second.bad, second.cooling) == (1.0, 1, 0)


def test_a_state_of_other_arguments_is_refused() -> None:
    state = optim.StepLR(sgd(), 10).state_dict()
    other = optim.StepLR(sgd(), 20)
    with pytest.raises(CheckpointError, match=r"'step_size': 20.*the same arguments"):
        other.load_state_dict(state)
    with pytest.raises(CheckpointError, match="requires count; received t"):
        other.load_state_dict({"config": other.config(), "t": 3})


def test_a_function_is_saved_by_name_only() -> None:
    schedule = optim.LambdaLR(sgd(), half)
    assert schedule.state_dict() == {
        "config": {"schedule": "LambdaLR", "by": "epoch", "function": "half"},
        "count": 0,
    }


def test_the_rate_for_averages_starts_where_the_rate_is() -> None:
    def started() -> tuple[optim.SGD, optim.SWALR]:
        optimizer = sgd()
        before, schedule = optim.ExponentialLR(optimizer, 0.5), optim.SWALR(optimizer, 0.1, 2)
        before.step()
        schedule.step()
        return optimizer, schedule

    (first, schedule), (second, other) = started(), started()
    assert schedule.get_last_lr() == [pytest.approx(0.3)]  # half way from 0.5 to 0.1
    other.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
    second.param_groups[0]["lr"] = first.param_groups[0]["lr"]
    for _ in range(2):
        schedule.step()
        other.step()
        assert other.get_last_lr() == schedule.get_last_lr() == [pytest.approx(0.1)]


def test_a_cycle_moves_the_momentum_against_the_rate() -> None:
    optimizer = sgd(momentum=0.5)
    schedule = optim.CyclicLR(optimizer, 0.1, 0.5, 2)
    momenta = []
    for _ in range(5):
        momenta.append(optimizer.param_groups[0]["momentum"])
        schedule.step()
    assert momenta == pytest.approx([0.9, 0.85, 0.8, 0.85, 0.9])


REFUSED: dict[str, Callable[[], Schedule]] = {
    "step_size >= 1": lambda: optim.StepLR(sgd(), 0),
    "T_max >= 1": lambda: optim.CosineAnnealingLR(sgd(), 0),
    "total_iters >= 1": lambda: optim.PolynomialLR(sgd(), 0),
    "0 < start_factor <= 1": lambda: optim.LinearLR(sgd(), 0.0),
    "total_steps >= 1": lambda: optim.OneCycleLR(sgd(), 1.0, 0),
    "anneal_strategy": lambda: optim.OneCycleLR(sgd(), 1.0, 5, anneal_strategy="up"),  # type: ignore[arg-type]
    "momentum or betas": lambda: optim.OneCycleLR(
        optim.Adagrad([cr.tensor(0.0, requires_grad=True)]), 1.0, 5
    ),
    "one ascending milestone": lambda: optim.SequentialLR(sgd(), [optim.StepLR(sgd(), 1)], [1]),
    "the count alone": lambda: optim.SequentialLR(sgd(), [optim.ReduceLROnPlateau(sgd())], []),  # type: ignore[list-item]
    "T_0 >= 1": lambda: optim.CosineAnnealingWarmRestarts(sgd(), 0),
    "step_size_up >= 1": lambda: optim.CyclicLR(sgd(), 0.1, 1.0, 0),
    "mode 'triangular'": lambda: optim.CyclicLR(sgd(), 0.1, 1.0, mode="round"),  # type: ignore[arg-type]
    "scale_mode 'cycle'": lambda: optim.CyclicLR(sgd(), 0.1, 1.0, scale_mode="t"),  # type: ignore[arg-type]
    "at least one schedule": lambda: optim.ChainedScheduler(sgd(), []),
    "anneal_epochs >= 0": lambda: optim.SWALR(sgd(), 0.1, -1),
    "0 < factor < 1": lambda: optim.ReduceLROnPlateau(sgd(), factor=1.0),
    "mode 'min' or 'max'": lambda: optim.ReduceLROnPlateau(sgd(), mode="up"),  # type: ignore[arg-type]
    "by='epoch'": lambda: optim.StepLR(sgd(), 1, by="batch"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("text", REFUSED)
def test_bad_arguments_are_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        REFUSED[text]()


@pytest.mark.parametrize("make", [
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    lambda p: optim.Adam(p, lr=0.1),
    lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5),
])  # fmt: skip
def test_one_program_follows_a_cycle_of_the_momentum(make: Any) -> None:
    weights, programs = [], set()
    for wrap in (lambda f: f, cr.compile):
        w = cr.tensor([1.0, -2.0], requires_grad=True)
        optimizer = make([w])
        schedule = optim.OneCycleLR(optimizer, 0.05, 8)

        def step(w: Any = w, optimizer: Any = optimizer) -> Any:
            loss = (w * w).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        run = wrap(step)
        for _ in range(8):
            run()
            schedule.step()
            if wrap is cr.compile:
                programs.add(id(run.program))
        weights.append(w.numpy())
    np.testing.assert_allclose(weights[1], weights[0], rtol=1e-5)
    assert len(programs) == 1
