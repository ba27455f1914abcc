"""Every optimizer of the package, found by reflection, and each rule's first steps by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import optim
from chainrule.errors import ArgumentError, CheckpointError, GradientError, ShapeError
from chainrule.graph.trace import tracing

OPTIMIZERS: list[type[Any]] = sorted(
    {
        found
        for name in optim.__all__
        if isinstance(found := getattr(optim, name), type)
        and issubclass(found, optim.Optimizer)
        and found is not optim.Optimizer
        and not issubclass(found, optim.ClosureOptimizer)  # theirs are in test_closures.py
    },
    key=lambda kind: kind.__name__,
)
VARIANTS: list[tuple[type[Any], dict[str, Any]]] = [
    *[(kind, {}) for kind in OPTIMIZERS],
    (optim.SGD, {"momentum": 0.9}),
    (optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 1e-3}),
    (optim.SGD, {"momentum": 0.5, "dampening": 0.25}),
    (optim.SGD, {"momentum": 0.5, "rate_in_velocity": True, "l1_decay": 1e-3}),
    (optim.Adam, {"amsgrad": True, "weight_decay": 1e-3}),
    (optim.AdamW, {"epsilon_hat": True, "l1_decay": 1e-3}),
    (optim.RMSprop, {"centered": True, "momentum": 0.5}),
    (optim.RAdam, {"betas": (0.5, 0.5)}),
    (optim.RAdam, {"betas": (0.9, 0.9), "decoupled_weight_decay": True, "weight_decay": 1e-3}),
    (optim.ASGD, {"t0": 2.0, "lambd": 1e-3}),
    (optim.Lion, {"weight_decay": 1e-3}),
    (optim.Rprop, {"etas": (0.4, 1.5), "step_sizes": (1e-4, 0.5)}),
    (optim.Adafactor, {"beta2_decay": -0.5, "eps": (1e-6, 0.5), "d": 2.0, "weight_decay": 1e-3}),
    (optim.Adagrad, {"lr_decay": 0.001, "initial_accumulator_value": 0.1}),
]


def name_of(variant: Any) -> str:
    if isinstance(variant, type):
        return variant.__name__
    return "-".join(variant) or "plain" if isinstance(variant, dict) else "w"


def parameter(*values: float) -> cr.Tensor:
    return cr.tensor(list(values), requires_grad=True)


def descend(optimizer: optim.Optimizer, steps: int) -> float:
    """Minimise the squared distance of all parameters to 1; return what is left of it."""
    loss = cr.tensor(0.0)
    for _ in range(steps):
        loss = sum((((p - 1.0) * (p - 1.0)).sum() for p in optimizer.parameters()), cr.tensor(0.0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(loss.item())


def test_all_the_optimizers_are_found() -> None:
    assert {kind.__name__ for kind in OPTIMIZERS} == {
        "ASGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Lion", "NAdam",
        "RAdam", "RMSprop", "Rprop", "SGD",
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=name_of)
def test_it_converges_on_a_quadratic(kind: type[Any], options: dict[str, Any]) -> None:
    optimizer = kind([parameter(3.0, -1.0), parameter(0.5)], lr=0.1, **options)
    at_first = descend(optimizer, 1)
    # Adadelta's steps begin at the root of eps, so it is given more of them.
    assert descend(optimizer, 3000 if kind is optim.Adadelta else 300) < 0.02 * at_first


@pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=name_of)
def test_maximize_goes_up(kind: type[Any], options: dict[str, Any]) -> None:
    w = parameter(2.0)
    optimizer = kind([w], lr=0.1, maximize=True, **{**options, "weight_decay": 0.0})
    w.grad = cr.tensor([1.0])
    optimizer.step()
    assert w.item() > 2.0


@pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=name_of)
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_the_state_goes_round_bit_for_bit(
    kind: type[Any], options: dict[str, Any], dtype: str
) -> None:
    def fresh() -> optim.Optimizer:
        start = [[3.0, -1.0, 0.25], [0.5]]
        made: optim.Optimizer = kind(
            [cr.tensor(values, dtype, requires_grad=True) for values in start], lr=0.05, **options
        )
        return made

    whole, first, second = fresh(), fresh(), fresh()
    descend(whole, 7)
    descend(first, 3)
    state = first.state_dict()
    # What a checkpoint does with it: numbers through JSON, arrays as they are.
    groups = json.loads(json.dumps(state["param_groups"]))
    for mine, theirs in zip(second.parameters(), first.parameters(), strict=True):
        mine.assign(theirs)
    second.load_state_dict({"slots": state["slots"], "param_groups": groups})
    assert second.param_groups[0]["lr"] == 0.05
    descend(second, 4)
    for mine, theirs in zip(second.parameters(), whole.parameters(), strict=True):
        assert mine.data.tobytes() == theirs.data.tobytes()
    left, right = dict(second.named_slots()), dict(whole.named_slots())
    assert list(left) == list(right)
    assert all(left[name].data.tobytes() == right[name].data.tobytes() for name in right)


# --- first steps by hand -------------------------------------------------------------------


def after(optimizer: optim.Optimizer, w: cr.Tensor, *gradients: float) -> float:
    for g in gradients:
        w.grad = cr.tensor([g])
        optimizer.step()
    return float(w.item())


HAND_WORKED = [
    # w = 1, lr = 0.1, gradients 2 then 1
    (optim.SGD, {}, 1 - 0.1 * 2 - 0.1 * 1),
    (optim.SGD, {"momentum": 0.5}, 1 - 0.1 * 2 - 0.1 * (0.5 * 2 + 1)),
    (optim.SGD, {"momentum": 0.5, "dampening": 0.5}, 1 - 0.1 * 2 - 0.1 * (0.5 * 2 + 0.5 * 1)),
    # look-ahead: g + momentum * v with v = 2, then v = 2
    (
        optim.SGD,
        {"momentum": 0.5, "nesterov": True},
        1 - 0.1 * (2 + 0.5 * 2) - 0.1 * (1 + 0.5 * 2),
    ),
    # decay: g = 2 + 0.5 * 1; w = 0.75; g = 1 + 0.5 * 0.75
    (optim.SGD, {"weight_decay": 0.5}, 1 - 0.1 * 2.5 - 0.1 * 1.375),
    # and L1: 2 + 0.5; then w = 0.75 and 1 + 0.5
    (optim.SGD, {"l1_decay": 0.5}, 1 - 0.1 * 2.5 - 0.1 * 1.5),
    # m = 1, v = 2, corrected 2 and 4: w = 1 - 0.1; then m = 1, v = 1.5, corrected 4/3 and 2
    (
        optim.Adam,
        {"betas": (0.5, 0.5), "eps": 0.0},
        0.9 - 0.1 * (1 / 0.75) / np.sqrt(1.5 / 0.75),
    ),
    # the same on weights shrunk by 1 - 0.1 * 0.5 each time
    (
        optim.AdamW,
        {"betas": (0.5, 0.5), "eps": 0.0, "weight_decay": 0.5},
        (0.95 - 0.1) * 0.95 - 0.1 * (1 / 0.75) / np.sqrt(1.5 / 0.75),
    ),
    # amsgrad keeps v = 2
    (
        optim.Adam,
        {"betas": (0.5, 0.5), "eps": 0.0, "amsgrad": True},
        0.9 - 0.1 * (1 / 0.75) / np.sqrt(2 / 0.75),
    ),
    # u = 2, then max(0.5 * 2, 1) = 1
    (optim.Adamax, {"betas": (0.5, 0.5), "eps": 0.0}, 0.9 - 0.1 * (1 / 0.75) / 1),
    # v = 2, then 1.5
    (optim.RMSprop, {"alpha": 0.5, "eps": 0.0}, 1 - 0.1 * 2 / np.sqrt(2) - 0.1 / np.sqrt(1.5)),
    # mean 1, then 1: variances 2 - 1 and 1.5 - 1
    (
        optim.RMSprop,
        {"alpha": 0.5, "eps": 0.0, "centered": True},
        1 - 0.1 * 2 - 0.1 / np.sqrt(0.5),
    ),
    # s = 4, then 5; the second rate is 0.1 / 1.5
    (optim.Adagrad, {"eps": 0.0, "lr_decay": 0.5}, 0.9 - 0.1 / 1.5 / np.sqrt(5)),
]


@pytest.mark.parametrize(("kind", "options", "expected"), HAND_WORKED, ids=name_of)
def test_two_steps_by_hand(kind: type[Any], options: dict[str, Any], expected: float) -> None:
    w = parameter(1.0)
    assert after(kind([w], lr=0.1, **options), w, 2.0, 1.0) == pytest.approx(expected, rel=1e-6)


# --- traced --------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=name_of)
def test_a_traced_step_is_the_eager_step(kind: type[Any], options: dict[str, Any]) -> None:
    def started() -> tuple[cr.Tensor, optim.Optimizer]:
        w = parameter(3.0, -1.0)
        optimizer = kind([w], lr=0.1, **options)
        descend(optimizer, 1)
        return w, optimizer

    eager, traced = started(), started()
    descend(eager[1], 1)
    before = traced[0].tolist()
    with tracing() as trace:
        loss = ((traced[0] - 1.0) * (traced[0] - 1.0)).sum()
        traced[1].zero_grad()
        loss.backward()
        traced[1].step()
    assert traced[0].tolist() == before  # a trace changes nothing
    leaves = [eager[0], *eager[1].slots(eager[0]).values()]
    mine = [traced[0], *traced[1].slots(traced[0]).values()]
    assert set(trace.updates) == {id(leaf) for leaf in mine}
    for leaf, expected in zip(mine, leaves, strict=True):
        found = cr.ComputationalGraph(outputs=trace.updates[id(leaf)][1]).forward()
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-6, atol=1e-7)


def test_a_trace_reads_the_rate_anew_and_relies_on_the_other_options() -> None:
    w = parameter(3.0)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    with tracing() as trace:
        ((w - 1.0) * (w - 1.0)).sum().backward()
        optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.5
    assert [read() for _, read in trace.numbers] == [0.5]
    assert trace.still_holds()
    optimizer.param_groups[0]["momentum"] = 0.8
    assert not trace.still_holds()


# --- groups and gradients ------------------------------------------------------------------


def test_groups_have_options_of_their_own() -> None:
    a, b = parameter(1.0), parameter(1.0)
    optimizer = optim.SGD([{"params": [a], "lr": 0.5}, {"params": b}], lr=0.1)
    a.grad = b.grad = cr.tensor([1.0])
    optimizer.step()
    assert (a.item(), b.item()) == (0.5, pytest.approx(0.9))
    assert repr(optimizer).startswith("SGD(lr=0.5, momentum=0.0,")


def test_an_option_may_change_between_steps() -> None:
    w = parameter(1.0)
    optimizer = optim.SGD([w], lr=0.5)
    optimizer.param_groups[0]["lr"] = 0.25
    assert after(optimizer, w, 1.0) == 0.75
    optimizer.param_groups[0]["lr"] = float("nan")
    with pytest.raises(ArgumentError, match="SGD: lr: requires 0 <= lr < inf; received nan"):
        optimizer.step()


def test_parameters_without_gradient_are_left_alone() -> None:
    a, b = parameter(1.0), parameter(1.0)
    optimizer = optim.Adam([a, b], lr=0.1, weight_decay=0.5)
    a.grad = cr.tensor([1.0])
    optimizer.step()
    assert b.item() == 1.0
    assert [name for name, _ in optimizer.named_slots()] == ["0.step", "0.mean", "0.mean_square"]
    optimizer.zero_grad()
    assert a.grad is None


def test_a_step_records_no_history_and_keeps_the_leaf() -> None:
    w = parameter(1.0)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    after(optimizer, w, 1.0, 1.0)
    assert w.is_leaf
    assert w.requires_grad
    assert not any(slot.requires_grad for slot in optimizer.slots(w).values())


def test_the_data_type_of_a_parameter_stays() -> None:
    for kind in OPTIMIZERS:
        w = cr.tensor([1.0], "float16", requires_grad=True)
        w.grad = cr.tensor([1.0], "float16")
        optimizer = kind([w], lr=0.1)
        optimizer.step()
        assert w.dtype is cr.float16
        assert {s.dtype for n, s in optimizer.named_slots() if n == "step"} <= {cr.float64}


# --- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"lr": -0.1}, "SGD: lr: requires 0 <= lr < inf; received -0.1"),
        ({"lr": float("nan")}, "received nan"),
        ({"lr": float("inf")}, "received inf"),
        ({"lr": "fast"}, "received 'fast'"),
        ({"momentum": -1.0}, "SGD: momentum"),
        ({"l1_decay": -1.0}, "SGD: l1_decay: requires 0 <= l1_decay < inf; received -1.0"),
        ({"nesterov": True}, "nesterov: requires momentum > 0 and dampening = 0"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        optim.SGD([parameter(1.0)], **options)


def test_betas_must_be_below_one() -> None:
    with pytest.raises(ArgumentError, match=r"Adam: betas: requires 0 <= betas < 1.0"):
        optim.Adam([parameter(1.0)], betas=(0.9, 1.0))


def test_options_of_one_rule() -> None:
    w = parameter(1.0)
    with pytest.raises(ArgumentError, match=r"0 < etas\[0\] < 1 < etas\[1\].*etas=\(1.5, 2.0\)"):
        optim.Rprop([w], etas=(1.5, 2.0))
    with pytest.raises(ArgumentError, match=r"requires -inf <= beta2_decay < 0.0; received 0.5"):
        optim.Adafactor([w], beta2_decay=0.5)
    with pytest.raises(
        ArgumentError, match=r"Adafactor: requires eps = .*received eps=\(0, None\)"
    ):
        optim.Adafactor([w], eps=(0, None))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"Adafactor: requires .*received eps=0.1"):
        optim.Adafactor([w], eps=0.1)  # type: ignore[arg-type]


def test_an_earlier_state_lacks_options_that_are_new() -> None:
    state = stepped(optim.SGD, 1.0, momentum=0.9).state_dict()
    del state["param_groups"][0]["l1_decay"]
    optimizer = stepped(optim.SGD, 1.0, momentum=0.5)
    optimizer.load_state_dict(state)
    assert optimizer.param_groups[0]["l1_decay"] == 0.0
    assert optimizer.param_groups[0]["momentum"] == 0.9


def test_a_closure_is_called_before_the_step() -> None:
    w = parameter(1.0)
    optimizer = optim.SGD([w], lr=0.5)

    def closure() -> cr.Tensor:
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1.0
    assert w.item() == 0.0


def test_bad_parameters_are_refused() -> None:
    w = parameter(1.0)
    with pytest.raises(ArgumentError, match="at least one parameter"):
        optim.SGD([])
    with pytest.raises(ArgumentError, match="put it into a list"):
        optim.SGD(w)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="every parameter once"):
        optim.SGD([w, w])
    with pytest.raises(GradientError, match="a concrete leaf tensor"):
        optim.SGD([w * 2])
    with pytest.raises(GradientError, match="received float"):
        optim.SGD([1.0])  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="received 'speed'"):
        optim.SGD([{"params": [w], "speed": 1.0}])
    with pytest.raises(ArgumentError, match="a parameter of this optimizer"):
        optim.SGD([w]).slots(parameter(2.0))


def test_a_gradient_of_another_shape_is_refused() -> None:
    w = parameter(1.0, 2.0)
    w.grad = cr.tensor([1.0])
    with pytest.raises(ShapeError, match=r"requires shape \(2,\); received shape \(1,\)"):
        optim.SGD([w]).step()
    assert w.tolist() == [1.0, 2.0]


def stepped(kind: type[Any], *values: float, **options: Any) -> optim.Optimizer:
    w = parameter(*values)
    w.grad = cr.ones_like(w)
    optimizer: optim.Optimizer = kind([w], lr=0.1, **options)
    optimizer.step()
    return optimizer


@pytest.mark.parametrize(
    ("saved", "text"),
    [
        (lambda: stepped(optim.Adam, 1.0).state_dict(), "requires options lr, momentum"),
        (lambda: stepped(optim.SGD, 1.0, 2.0, momentum=0.9).state_dict(), r"shape \(2,\)"),
        (lambda: optim.SGD([parameter(1.0), parameter(1.0)]).state_dict(), r"groups of \[1\]"),
        (lambda: {}, "'slots' and 'param_groups'"),
        (
            lambda: {**stepped(optim.SGD, 1.0).state_dict(), "slots": {"7.momentum": 1.0}},
            "slots of parameters 0 to 0; received slots of '7'",
        ),
        (
            lambda: {**stepped(optim.SGD, 1.0).state_dict(), "slots": {"0.speed": 1.0}},
            "slots momentum; received speed",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused(saved: Any, text: str) -> None:
    optimizer = stepped(optim.SGD, 1.0, momentum=0.9)
    before = dict(optimizer.named_slots())["0.momentum"].tolist()
    with pytest.raises(CheckpointError, match=text):
        optimizer.load_state_dict(saved())
    assert dict(optimizer.named_slots())["0.momentum"].tolist() == before
    assert optimizer.param_groups[0]["momentum"] == 0.9
