"""Many steps in one call do what single calls do, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, nn, optim
from chainrule import functional as F

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (40, 1, 12, 12), np.uint8)
LABELS = RANDOM.integers(0, 5, 40)
ROWS = RANDOM.integers(0, 40, (9, 8))


def build() -> tuple[nn.Module, optim.Optimizer]:
    cr.random.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.2), nn.Flatten(),
        nn.Linear(400, 5),
    )  # fmt: skip
    return model, optim.Adam(model.parameters(), lr=0.01)


def step_of(model: nn.Module, optimizer: optim.Optimizer) -> Any:
    @compile
    def step(images: Any, labels: Any) -> Any:
        outputs = model(images.astype(cr.float32) / 255 - 0.5)
        loss = F.cross_entropy(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return {"loss": loss, "outputs": outputs}

    return step


def bits(model: nn.Module, optimizer: optim.Optimizer) -> dict[str, bytes]:
    held = [*model.named_parameters(), *model.named_buffers(), *optimizer.named_slots()]
    return {name: tensor.data.tobytes() for name, tensor in held}


def test_many_steps_are_single_steps_bit_for_bit() -> None:
    one, many = build(), build()
    step, loop = step_of(*one), step_of(*many).over(IMAGES, LABELS)
    cr.random.manual_seed(7)
    singles = [step(IMAGES[row], LABELS[row]) for row in ROWS]
    cr.random.manual_seed(7)
    found = [loop(ROWS[:4]), loop(ROWS[4:5]), loop(ROWS[5:])]
    assert bits(*many) == bits(*one)
    for name in ("loss", "outputs"):
        stacked = np.concatenate([part[name].value for part in found])
        np.testing.assert_array_equal(stacked, [single[name].value for single in singles])


def test_a_learning_rate_for_each_step() -> None:
    one, many = build(), build()
    schedules = [optim.ExponentialLR(pair[1], 0.5, by="step") for pair in (one, many)]
    step = step_of(*one)
    cr.random.manual_seed(7)
    for row in ROWS:
        step(IMAGES[row], LABELS[row])
        schedules[0].step()
    cr.random.manual_seed(7)
    step_of(*many).over(IMAGES, LABELS)(ROWS, each_step=schedules[1].step)
    assert bits(*many) == bits(*one)
    assert schedules[1].get_last_lr() == schedules[0].get_last_lr()


def test_single_calls_go_on_after_many_steps_and_the_report_too() -> None:
    one, many = build(), build()
    cr.random.manual_seed(7)
    step, other = step_of(*one), step_of(*many)
    loop = other.over(IMAGES, LABELS)
    for row in ROWS:
        step(IMAGES[row], LABELS[row])
    cr.random.manual_seed(7)
    loop(ROWS[:3])
    assert "kernels" in str(loop.function.report())
    for row in ROWS[3:5]:
        other(IMAGES[row], LABELS[row])
    loop(ROWS[5:])
    assert bits(*many) == bits(*one)


def test_progress_is_told_while_it_runs() -> None:
    loop = compile(lambda x: (x @ x.T).sum()).over(np.ones((8, 256), np.float32))
    rows = np.zeros((2000, 64), int)
    told: list[int] = []
    while not told:
        assert loop(rows, progress=told.append).tolist() == [64.0 * 64 * 256] * len(rows)
    assert all(0 <= steps < len(rows) for steps in told)


def test_a_step_that_fails_a_condition_changes_nothing_and_is_the_last() -> None:
    weight = cr.tensor(1.0)

    @compile
    def step(x: Any) -> Any:
        total = x.sum()
        trace = cr.graph.active_trace()
        assert trace is not None
        trace.require(cr.isfinite(total))
        weight.assign(weight + total)
        return total

    data = np.array([1.0, 2.0, np.nan, 4.0], np.float32)
    found = step.over(data)([[0], [1], [2], [3]])
    np.testing.assert_array_equal(found.value, [1.0, 2.0, np.nan])
    assert weight.item() == 4.0
    assert np.isnan(step(data[2:3]).item())
    assert weight.item() == 4.0
    assert step(data[3:]).item() == 4.0
    assert weight.item() == 8.0


def test_indices_out_of_range_are_an_error_wherever_they_are() -> None:
    loop = compile(lambda x: x * 2).over(np.arange(3.0))
    assert loop([[0, 2], [-1, 1]]).tolist() == [[0.0, 4.0], [4.0, 2.0]]
    with pytest.raises(cr.errors.BoundsError, match="indices from -3 to 2"):
        loop([[0, 1], [3, 0], [0, 0]])


@pytest.mark.parametrize("data", [(), (3.0,), (np.ones(3), np.ones(4))])
def test_data_must_be_arrays_of_one_length(data: Any) -> None:
    with pytest.raises(cr.errors.ShapeError, match="arrays of one length"):
        compile(lambda *x: x).over(*data)


@pytest.mark.parametrize("indices", [3, [1, 2], np.zeros((0, 2), int), np.zeros((2, 0), int)])
def test_indices_must_be_rows(indices: Any) -> None:
    with pytest.raises(cr.errors.ShapeError, match=r"\(steps, batch\)"):
        compile(lambda x: x).over(np.ones(3))(indices)


def test_an_exception_of_a_called_back_operation_ends_the_run() -> None:
    class Third(cr.Op):
        calls = 0

        def forward(self, x: Any) -> Any:
            Third.calls += 1
            if Third.calls == 3:
                raise ValueError("the third")
            return x

        def result_type(self, *types: Any) -> Any:
            return types[0]

    loop = compile(lambda x: Third()(x) * 2).over(np.arange(3.0))
    with pytest.raises(ValueError, match="the third"):
        loop(np.zeros((5, 1), int))
    assert loop([[1]]).tolist() == [[2.0]]
