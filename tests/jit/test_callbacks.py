"""User-written NumPy operations inside of compiled functions."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, nn, optim
from chainrule.errors import GraphError, ShapeError


@pytest.mark.parametrize("threads", [1, 2])
def test_a_program_may_begin_with_a_call(threads: int) -> None:
    f = compile(lambda x: cr.argsort(x), threads=threads)
    assert f(np.array([3.0, 1.0, 2.0])).tolist() == [1, 2, 0]


def test_what_is_called_may_read_backwards() -> None:
    f = compile(lambda x: cr.argsort(cr.flip(x)[:, ::-2], axis=1))
    x = np.random.default_rng(0).standard_normal((3, 8))
    np.testing.assert_array_equal(f(x).value, np.argsort(x[::-1, ::2], axis=1))


class Cube(cr.Op):
    """x ** 3, in NumPy; it says nothing about its type."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        return x**3

    def backward(self, g: Any, x: Any) -> Any:
        return 3 * x * x * g


class SplitAndScale(cr.Op):
    """Two results of other shapes and types than the input."""

    def forward(self, x: np.ndarray) -> Any:
        return x[:2] * 2, np.argsort(x, axis=0)

    def backward(self, g: Any, x: Any) -> Any:
        first = g[0] * 2
        return cr.pad(first, [(0, x.shape[0] - 2), (0, 0)])


def train(model: nn.Module, wrap: Any) -> Any:
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    @wrap
    def step(x: Any) -> Any:
        hidden = cr.tanh(model(x))
        cubes = Cube()(hidden * 0.5)
        part, order = SplitAndScale()(cubes + hidden)
        loss = (part * part).sum() + (Cube()(cubes) * order.astype("float32")).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


@pytest.mark.parametrize("threads", [1, 2])
def test_user_written_operations_in_a_training_step(threads: int) -> None:
    model = nn.Linear(4, 6)
    twin = copy.deepcopy(model)
    eager = train(model, lambda f: f)
    compiled = train(twin, compile(threads=threads))
    x = cr.tensor(np.random.default_rng(1).standard_normal((5, 4)), "float32")
    for _ in range(4):
        assert compiled(x).item() == pytest.approx(eager(x).item(), rel=1e-5)
    np.testing.assert_allclose(twin.weight.value, model.weight.value, rtol=1e-4, atol=1e-6)


def test_second_derivatives_through_a_user_written_operation() -> None:
    def second(x: Any) -> Any:
        return cr.grad(lambda v: cr.grad(lambda u: Cube()(u).sum())(v).sum())(x)

    assert compile(second)(np.array([1.0, 2.0], np.float32)).tolist() == [6.0, 12.0]


def test_types_are_found_by_trying_and_a_forward_that_cannot_be_tried_is_told() -> None:
    class Picky(cr.Op):
        def forward(self, x: np.ndarray) -> np.ndarray:
            if x[0] == 1:
                raise ValueError("no ones")
            return x

    with pytest.raises(GraphError, match=r"no ones.*TensorType") as caught:
        compile(lambda x: Picky()(x))(np.array([2.0, 3.0]))
    assert "test_callbacks.py" in str(caught.value)


class Fickle(cr.Op):
    """Does what a list says, one entry for each call."""

    def __init__(self, *results: Any) -> None:
        self.results = list(results)

    def result_type(self, *types: Any) -> Any:
        return types[0]

    def forward(self, x: np.ndarray) -> Any:
        result = self.results.pop(0)
        if isinstance(result, BaseException):
            raise result
        return result


@pytest.mark.parametrize("threads", [1, 2])
def test_an_exception_in_a_call_names_the_line_and_leaves_nothing_broken(threads: int) -> None:
    op = Fickle(ZeroDivisionError("mine"), KeyboardInterrupt(), np.zeros(2, np.float32))
    w = cr.tensor([1.0, 2.0])

    @compile(threads=threads)
    def f(x: Any) -> Any:
        w.assign(w + x)
        return op(x * 2) + w

    x = np.ones(2, np.float32)
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        f(x)
    assert "in node 'Fickle', test_callbacks.py" in caught.value.__notes__[0]
    with pytest.raises(KeyboardInterrupt):
        f(x)
    done = w.numpy()
    np.testing.assert_array_equal(f(x).value, done + 1)
    np.testing.assert_array_equal(w.value, done + 1)


def test_a_result_of_another_shape_than_foreseen_is_an_error() -> None:
    op = Fickle(np.zeros(3, np.float32), (np.zeros(2), np.zeros(2)), np.zeros(2))
    f = compile(lambda x: op(x) + 1)
    x = np.ones(2, np.float32)
    for _ in range(2):
        with pytest.raises(ShapeError, match=r"Fickle.*as told.*test_callbacks.py"):
            f(x)
    assert f(x).tolist() == [1.0, 1.0]


def test_a_program_that_was_interrupted_counts_as_one_that_changed_its_state() -> None:
    w = cr.tensor([1.0, 2.0], requires_grad=True)
    op = Fickle(ZeroDivisionError())

    @compile
    def writer(x: Any) -> Any:
        w.assign(w * 2)
        return op(x)

    pending = (w * w).sum()
    with pytest.raises(ZeroDivisionError):
        writer(np.ones(2, np.float32))
    with pytest.raises(cr.errors.GradientError, match="assigned to since"):
        pending.backward()


def test_a_program_cannot_be_run_from_within() -> None:
    class Again(cr.Op):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return np.asarray(f(x).value)

        def result_type(self, *types: Any) -> Any:
            return types[0]

    f = compile(lambda x: Again()(x * 2))
    with pytest.raises(GraphError, match="from an operation"):
        f(np.ones(2, np.float32))


def test_another_program_can() -> None:
    inner = compile(lambda x: x * 3)

    class Calls(cr.Op):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return np.asarray(inner(x).value)

        def result_type(self, *types: Any) -> Any:
            return types[0]

    f = compile(lambda x: Calls()(x * 2) + 1, threads=2)
    assert f(np.ones(2, np.float32)).tolist() == [7.0, 7.0]
