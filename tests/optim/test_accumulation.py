"""Gradients of several batches: both orders of limiting and dividing, compiled, saved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import optim
from chainrule.errors import ArgumentError, CheckpointError

BATCHES = ([3.0, 0.0], [3.0, 8.0])  # sum (6, 8) of norm 10, mean (3, 4) of norm 5


def made(**options: Any) -> tuple[cr.Tensor, optim.GradientAccumulation]:
    w = cr.tensor([1.0, 1.0], "float64", requires_grad=True)
    optimizer = optim.SGD([w], lr=1.0, weight_decay=0.5)
    return w, optim.GradientAccumulation(optimizer, **options)


def added(w: cr.Tensor, accumulation: optim.GradientAccumulation) -> None:
    for x in BATCHES:
        (w * cr.tensor(x, "float64")).sum().backward()
        accumulation.add()


@pytest.mark.parametrize(
    ("options", "gradient", "norm"),
    [
        ({}, (3.0, 4.0), None),
        ({"max_norm": 2.5}, (1.5, 2.0), 5.0),
        ({"max_norm": 2.5, "clip": "sum"}, (0.75, 1.0), 10.0),
        ({"max_norm": 7.0}, (3.0, 4.0), 5.0),
        ({"max_norm": 7.0, "clip": "sum"}, (2.1, 2.8), 10.0),
        ({"max_norm": 0.0, "clip": "sum"}, (0.0, 0.0), 10.0),
    ],
)
def test_what_is_limited_and_what_divided(
    options: dict[str, Any], gradient: tuple[float, float], norm: float | None
) -> None:
    w, accumulation = made(**options)
    for _ in range(2):  # the second time starts anew
        w.assign(cr.tensor([1.0, 1.0], "float64"))
        added(w, accumulation)
        found = accumulation.step()
        # Weight decay comes after all that: 0.5 * 1.
        assert w.tolist() == pytest.approx([1 - g - 0.5 for g in gradient])
        assert (found is None) if norm is None else found.item() == pytest.approx(norm)
        assert w.grad is None


def test_sums_of_zeros_are_no_division_by_zero() -> None:
    w, accumulation = made(max_norm=1.0, clip="sum")
    (w * 0.0).sum().backward()
    accumulation.add()
    accumulation.step()
    assert w.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("clip", ["mean", "sum"])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam])
def test_compiled_in_one_function_or_in_two(clip: Any, whole: bool, kind: Any) -> None:
    rng = np.random.default_rng(0)
    data = rng.normal(size=(4, 3, 5)).astype(np.float32)
    results = []
    for wrap in (lambda f: f, cr.compile):
        w = cr.tensor(np.ones(5, np.float32), requires_grad=True)
        accumulation = optim.GradientAccumulation(kind([w], lr=0.1), max_norm=0.5, clip=clip)

        def add(x: Any, w: Any = w, a: Any = accumulation) -> Any:
            loss = ((cr.asarray(x) * w) ** 2).sum()
            loss.backward()
            a.add()
            return loss

        def step(xs: Any, add: Any = add, a: Any = accumulation) -> Any:
            for i in range(3):
                add(xs[i])
            return a.step()

        add_one, update, at_once = wrap(add), wrap(accumulation.step), wrap(step)
        for xs in data:
            if whole:
                at_once(xs)
            else:
                for x in xs:
                    add_one(x)
                update()
        results.append(w.numpy())
        assert accumulation.count.item() == 0
    np.testing.assert_allclose(results[1], results[0], rtol=1e-5)


def test_the_state_goes_round_in_the_middle() -> None:
    w, accumulation = made()
    (w * cr.tensor(BATCHES[0], "float64")).sum().backward()
    accumulation.add()
    v, other = made()
    other.load_state_dict(accumulation.state_dict())
    for x, a in ((w, accumulation), (v, other)):
        (x * cr.tensor(BATCHES[1], "float64")).sum().backward()
        a.add()
        a.step()
    assert v.tolist() == w.tolist()


def test_what_is_refused() -> None:
    w, accumulation = made()
    with pytest.raises(ArgumentError, match=r"call add\(\) after backward\(\)"):
        accumulation.step()
    with pytest.raises(ArgumentError, match="max_norm >= 0 or None, clip 'mean' or 'sum'"):
        made(max_norm=-1.0)
    with pytest.raises(ArgumentError, match="received max_norm=None, clip='first'"):
        made(clip="first")
    with pytest.raises(CheckpointError, match="requires 'count', and 'sums' of parameters 0 to 0"):
        accumulation.load_state_dict({"sums": {"3": np.ones(2)}, "count": 1})
    with pytest.raises(CheckpointError, match=r"requires shape \(2,\); received shape \(3,\)"):
        accumulation.load_state_dict({"sums": {"0": np.ones(3)}, "count": 1})
    assert w.tolist() == [1.0, 1.0]
