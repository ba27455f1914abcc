"""Optimizers, schedules and clipping against PyTorch, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import optim

torch = pytest.importorskip("torch")

STEPS = 20
OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-2}),
    ("SGD", {"lr": 0.05, "momentum": 0.5, "dampening": 0.3, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": (0.8, 0.95), "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.3, "amsgrad": True}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.02, "betas": (0.8, 0.9), "weight_decay": 0.1, "maximize": True}),
    ("RAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.02, "betas": (0.8, 0.5)}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.6, "t0": 5, "weight_decay": 0.1}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.01, 0.2), "maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.5, "beta2_decay": -0.6, "eps": (1e-6, 0.5), "d": 1.5}),
    ("Adafactor", {"weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.02, "weight_decay": 0.1, "momentum_decay": 0.01}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.02, "weight_decay": 0.1, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.9, "centered": True, "weight_decay": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1, "maximize": True}),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_twenty_steps_on_random_gradients(name: str, options: dict[str, Any], dtype: str) -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(3, 4)).astype(dtype)
    mine = cr.tensor(start, requires_grad=True)
    theirs = torch.tensor(start, requires_grad=True)
    here = getattr(optim, name)([mine], **options)
    there = getattr(torch.optim, name)([theirs], foreach=False, **options)
    for _ in range(STEPS):
        gradient = rng.normal(size=(3, 4)).astype(dtype)
        mine.grad = cr.tensor(gradient)
        theirs.grad = torch.tensor(gradient)
        here.step()
        there.step()
        # PyTorch keeps NAdam's product of momenta and ASGD's rate in float32.
        exact = {"NAdam": 1e-8, "ASGD": 2e-7}.get(name, 1e-12)
        tolerance = 2e-6 if dtype == "float32" else exact
        np.testing.assert_allclose(
            mine.numpy(), theirs.detach().numpy(), rtol=tolerance, atol=tolerance
        )


@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
@pytest.mark.parametrize("lr", [1.0, 0.4])
@pytest.mark.parametrize("history_size", [2, 100])
def test_twenty_steps_of_lbfgs(line_search_fn: str | None, lr: float, history_size: int) -> None:
    def loss(w: Any) -> Any:
        return (1 - w[0]) ** 2 + 3 * (w[1] - w[0] ** 2) ** 2 + (w[2] - w[1]) ** 4 + w[2] ** 2

    start = np.array([-1.2, 1.0, 0.5])
    mine = cr.tensor(start, requires_grad=True)
    theirs = torch.tensor(start, requires_grad=True)
    options = {"lr": lr, "max_iter": 3, "history_size": history_size}
    here = optim.LBFGS([mine], line_search_fn=line_search_fn, **options)
    there = torch.optim.LBFGS([theirs], line_search_fn=line_search_fn, **options)

    def closure_of(w: Any, optimizer: Any) -> Callable[[], Any]:
        def closure() -> Any:
            optimizer.zero_grad()
            value = loss(w)
            value.backward()
            return value

        return closure

    ours, other = closure_of(mine, here), closure_of(theirs, there)
    for _ in range(STEPS):
        assert here.step(ours).item() == pytest.approx(there.step(other).item(), rel=1e-5)
        np.testing.assert_allclose(mine.numpy(), theirs.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_averages_of_weights() -> None:
    utils = torch.optim.swa_utils
    rng = np.random.default_rng(0)
    model = torch.nn.Linear(3, 2)
    mine = [cr.tensor(p.detach().numpy(), requires_grad=True) for p in model.parameters()]
    pairs: list[tuple[Any, Any]] = [
        (optim.StochasticWeightAverage(mine), utils.AveragedModel(model)),
        (
            optim.ExponentialMovingAverage(mine, 0.9),
            utils.AveragedModel(model, multi_avg_fn=utils.get_ema_multi_avg_fn(0.9)),
        ),
    ]
    for _ in range(STEPS):
        for p, q in zip(mine, model.parameters(), strict=True):
            value = rng.normal(size=p.shape).astype(np.float32)
            p.assign(value)
            q.data = torch.tensor(value)
        for here, there in pairs:
            here.update()
            there.update_parameters(model)
            for a, b in zip(here.averages.values(), there.module.parameters(), strict=True):
                np.testing.assert_allclose(a.numpy(), b.detach().numpy(), rtol=1e-5, atol=1e-6)


Make = Callable[[Any, Any], Any]


def averaging(module: Any) -> Any:
    """PyTorch keeps what belongs to averages of weights in a module of its own."""
    return optim if module is optim else torch.optim.swa_utils


def chained(module: Any, optimizer: Any, schedules: list[Any]) -> Any:
    """PyTorch's takes the optimizer from its schedules."""
    if module is optim:
        return optim.ChainedScheduler(optimizer, schedules)
    return module.ChainedScheduler(schedules)


SCHEDULES: dict[str, Make] = {
    "ConstantLR": lambda m, o: m.ConstantLR(o, factor=0.3, total_iters=4),
    "LinearLR": lambda m, o: m.LinearLR(o, start_factor=0.1, total_iters=7),
    "StepLR": lambda m, o: m.StepLR(o, 3, gamma=0.5),
    "MultiStepLR": lambda m, o: m.MultiStepLR(o, [2, 9], gamma=0.3),
    "ExponentialLR": lambda m, o: m.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda m, o: m.PolynomialLR(o, total_iters=10, power=2.0),
    "CosineAnnealingLR": lambda m, o: m.CosineAnnealingLR(o, 8, eta_min=0.01),
    "OneCycleLR": lambda m, o: m.OneCycleLR(o, 1.0, total_steps=STEPS + 1),
    "OneCycleLR linear": lambda m, o: m.OneCycleLR(
        o, 1.0, total_steps=STEPS + 1, anneal_strategy="linear", pct_start=0.4
    ),
    "CosineAnnealingWarmRestarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 4),
    "CosineAnnealingWarmRestarts growing": lambda m, o: m.CosineAnnealingWarmRestarts(o, 2, 2, 0.1),
    "CyclicLR": lambda m, o: m.CyclicLR(o, 0.1, 0.5, 3, 5),
    "CyclicLR halving": lambda m, o: m.CyclicLR(o, 0.1, 0.5, 4, mode="triangular2"),
    "CyclicLR falling": lambda m, o: m.CyclicLR(o, 0.1, 0.5, 4, mode="exp_range", gamma=0.9),
    "CyclicLR of a function": lambda m, o: m.CyclicLR(
        o, 0.1, 0.5, 2, scale_fn=lambda t: 1 / (1 + t), scale_mode="iterations"
    ),
    "MultiplicativeLR": lambda m, o: m.MultiplicativeLR(o, lambda t: 1 - 1 / (1 + t)),
    "SWALR": lambda m, o: averaging(m).SWALR(o, 0.05, 7),
    "SWALR linear": lambda m, o: averaging(m).SWALR(
        o, swa_lr=0.05, anneal_epochs=7, anneal_strategy="linear"
    ),
    "ChainedScheduler": lambda m, o: chained(
        m, o, [m.ConstantLR(o, 0.3, 4), m.StepLR(o, 3, 0.5), m.ExponentialLR(o, 0.9)]
    ),
    "LambdaLR": lambda m, o: m.LambdaLR(o, lambda t: 1 / (1 + t)),
    "SequentialLR": lambda m, o: m.SequentialLR(
        o, [m.LinearLR(o, 0.1, total_iters=5), m.CosineAnnealingLR(o, 15)], milestones=[5]
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_twenty_rates(name: str) -> None:
    here = optim.SGD([cr.tensor(0.0, requires_grad=True)], lr=0.4, momentum=0.9)
    there = torch.optim.SGD([torch.zeros((), requires_grad=True)], lr=0.4, momentum=0.9)
    mine = SCHEDULES[name](optim, here)
    theirs = SCHEDULES[name](torch.optim.lr_scheduler, there)
    for _ in range(STEPS):
        assert mine.get_last_lr() == pytest.approx(theirs.get_last_lr(), rel=1e-9, abs=1e-12)
        assert here.param_groups[0]["momentum"] == pytest.approx(there.param_groups[0]["momentum"])
        there.step()
        mine.step()
        theirs.step()


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
def test_plateau(mode: Any, threshold_mode: Any) -> None:
    options = {
        "mode": mode, "threshold_mode": threshold_mode, "patience": 2, "cooldown": 1,
        "factor": 0.5, "threshold": 0.05, "min_lr": 0.01,
    }  # fmt: skip
    here = optim.SGD([cr.tensor(0.0, requires_grad=True)], lr=0.4)
    there = torch.optim.SGD([torch.zeros((), requires_grad=True)], lr=0.4)
    mine = optim.ReduceLROnPlateau(here, **options)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(there, **options)
    rng = np.random.default_rng(3)
    for value in np.cumsum(rng.normal(size=60)):
        mine.step(float(value))
        theirs.step(float(value))
        assert mine.get_last_lr() == pytest.approx(theirs.get_last_lr())


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, math.inf])
def test_clipping_by_norm(norm_type: float) -> None:
    rng = np.random.default_rng(1)
    gradients = [rng.normal(size=shape).astype(np.float32) for shape in ((2, 3), (4,))]
    mine = [cr.zeros(g.shape) for g in gradients]
    theirs = [torch.zeros(g.shape) for g in gradients]
    for m, t, g in zip(mine, theirs, gradients, strict=True):
        m.grad, t.grad = cr.tensor(g), torch.tensor(g)
    norm = optim.clip_grad_norm(mine, 0.7, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 0.7, norm_type)
    assert norm.item() == pytest.approx(expected.item(), rel=1e-6)
    for m, t in zip(mine, theirs, strict=True):
        assert m.grad is not None
        np.testing.assert_allclose(m.grad.numpy(), t.grad.numpy(), rtol=1e-5)
