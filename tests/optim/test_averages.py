"""Averages of weights: by hand, beside a compiled step, saved, swapped in and out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, optim
from chainrule.errors import ArgumentError, CheckpointError

KINDS: list[Any] = [
    lambda p: optim.ExponentialMovingAverage(p, 0.75), optim.StochasticWeightAverage,
]  # fmt: skip


def parameter(*values: float) -> cr.Tensor:
    return cr.tensor(list(values), requires_grad=True)


@pytest.mark.parametrize(("kind", "expected"), [(KINDS[0], 6.0), (KINDS[1], 7.0)])
def test_three_updates_by_hand(kind: Any, expected: float) -> None:
    w = parameter(-100.0)  # the value before the first update does not count
    average = kind([w])
    for value in (4.0, 8.0, 9.0):
        w.assign([value])
        average.update()
    # 4, then 0.75 * 4 + 0.25 * 8 = 5, then 0.75 * 5 + 0.25 * 9 = 6; or (4 + 8 + 9) / 3
    assert average.averages["0"].item() == expected
    with average.swapped():
        assert w.item() == expected
    assert w.item() == 9.0
    average.swap()
    average.swap()
    assert average.averages["0"].item() == expected
    assert not average.averages["0"].requires_grad


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_beside_a_compiled_step(kind: Any, dtype: str) -> None:
    found = []
    for wrap in (lambda f: f, cr.compile):
        model = nn.Linear(3, 2, generator=cr.Generator(0), dtype=dtype)
        optimizer, average = optim.SGD(model.parameters(), lr=0.1), kind(model)

        def step(x: Any, m: Any = model, o: Any = optimizer, a: Any = average) -> Any:
            loss = (m(x) ** 2).sum()
            o.zero_grad()
            loss.backward()
            o.step()
            a.update()
            return loss

        run, x = wrap(step), cr.tensor(np.ones((1, 3)), dtype)
        for i in range(4):
            run(x)
            if i == 1:
                average.swap()  # compiled programs see it
                average.swap()
        found.append([average.averages[name].numpy() for name in ("weight", "bias")])
        assert average.count.item() == 4
    bound = {"float32": 1e-5, "float64": 1e-12, "bfloat16": 0.05}[dtype]
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(
            np.asarray(mine, np.float64), np.asarray(other, np.float64), rtol=bound, atol=bound
        )


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_goes_round(kind: Any) -> None:
    w = parameter(1.0, 2.0)
    first, second = kind([w]), kind([w])
    first.update()
    second.load_state_dict(first.state_dict())
    w.assign([5.0, 5.0])
    first.update()
    second.update()
    assert second.averages["0"].tolist() == first.averages["0"].tolist() != [5.0, 5.0]


def test_batch_norms_are_computed_anew() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.0))
    model[2].eval()
    rng = np.random.default_rng(0)
    batches = [rng.normal(size=(8, 2)).astype(np.float32) for _ in range(3)]
    optim.update_batch_norm([(batch, None) for batch in batches], model)
    through = np.stack([model[0](cr.asarray(batch)).numpy() for batch in batches])
    np.testing.assert_allclose(
        model[1].running_mean.numpy(), through.mean((0, 1)), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        model[1].running_var.numpy(), through.var(1, ddof=1).mean(0), rtol=1e-4
    )
    assert model[1].momentum == 0.1
    assert [module.training for module in model] == [True, True, False]


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="requires 0 <= decay < 1; received 1"):
        optim.ExponentialMovingAverage([parameter(1.0)], 1.0)
    with pytest.raises(ArgumentError, match="at least one parameter"):
        optim.StochasticWeightAverage([])
    average = optim.StochasticWeightAverage([parameter(1.0)])
    with pytest.raises(CheckpointError, match="requires 'averages' and 'count'"):
        average.load_state_dict({})
    with pytest.raises(CheckpointError, match=r"shape \(1,\); received shape \(2,\)"):
        average.load_state_dict({"averages": {"0": np.ones(2)}, "count": 1})
