"""Primitives as records, user-written operations, modes, and where errors point to."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import chainrule as cr
from chainrule import errors
from chainrule.graph import (
    FUNCTIONS,
    MODES,
    PRIMITIVES,
    Each,
    NotDifferentiable,
    TensorType,
    primitive,
)


@pytest.fixture
def registered():
    """Remove the primitives that a test registers."""
    before, functions = set(PRIMITIVES), set(FUNCTIONS)
    yield
    for table, names in ((PRIMITIVES, before), (FUNCTIONS, functions)):
        for name in set(table) - names:
            del table[name]


# --- primitives ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("registered")
def test_a_primitive_is_registered_under_its_kernels_name():
    @primitive(vjp=(lambda g, y, x: 3 * g * x * x,), scalar=lambda s, x: x * x * x)
    def _cube(x):
        """Cube."""
        return x**3

    assert PRIMITIVES["cube"] is _cube
    assert _cube.__doc__ == "Cube."
    x = cr.tensor([2.0], requires_grad=True)
    y = _cube(x)
    y.backward()
    assert (y.op, y.inputs, x.grad.tolist()) == (_cube, (x,), [12.0])
    cr.check_gradients(_cube, [x])


@pytest.mark.usefixtures("registered")
def test_rules_for_any_number_of_inputs_and_zero_rules():
    @primitive(vjp=Each(lambda i, g, y, *xs: g * (i + 1)))
    def weighted(*xs):
        return sum((k + 1) * x for k, x in enumerate(xs))

    @primitive(vjp=(lambda g, y, x, step: g, None))
    def first(x, step):
        return x + 0 * step

    xs = [cr.tensor(1.0, requires_grad=True) for _ in range(3)]
    weighted(*xs).backward()
    assert [x.grad.item() for x in xs] == [1.0, 2.0, 3.0]
    a, b = (cr.tensor(1.0, requires_grad=True) for _ in range(2))
    first(a, b).backward()
    assert (a.grad.item(), b.grad) == (1.0, None)


@pytest.mark.usefixtures("registered")
def test_a_primitive_with_several_results():
    @primitive(
        shape=lambda shape: (shape, ()),
        dtype=lambda kind: (kind, cr.int64),
        vjp=(lambda g, y, x: g[0] * y[0],),
    )
    def exp_and_count(x):
        return np.exp(x), np.asarray(x.size)

    x = cr.tensor([0.0, 1.0], requires_grad=True)
    y, count = exp_and_count.several(x)
    assert count.item() == 2
    y.sum().backward()
    np.testing.assert_allclose(x.grad.value, np.exp([0.0, 1.0]), rtol=1e-6)
    s = cr.input("s")
    graph = cr.ComputationalGraph(exp_and_count.several(s))
    assert graph.forward(s=0.0) == (1.0, 1)
    assert graph.backward() == {"s": 1.0}


@pytest.mark.usefixtures("registered")
def test_an_operation_that_is_not_differentiable_says_why():
    @primitive(vjp=NotDifferentiable("it counts"))
    def counted(x):
        return x

    x = cr.tensor(1.0, requires_grad=True)
    assert not counted(x).requires_grad
    with pytest.raises(errors.GradientError, match=r"received it counts; stop the gradient with"):
        counted.pullback(cr.tensor(1.0), None, [x], {}, [True])


def test_types_are_inferred_without_computing():
    add = PRIMITIVES["add"]
    types = [TensorType(cr.float32, (2, 1)), TensorType(cr.float32, (3,))]
    assert add.infer(types, {}) == TensorType(cr.float32, (2, 3))
    assert add.infer([types[0], TensorType(cr.float32)], {}) == TensorType(cr.float32)
    assert TensorType(cr.float32, (2, 3)).size == 6
    assert str(TensorType(cr.int8)) == "int8[?]"


# --- user-written operations ---------------------------------------------------------------------


class Scale(cr.Op):
    """What an instance needs besides its inputs it keeps in itself."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        return x * self.factor

    def backward(self, g, x):
        return g * self.factor

    def result_type(self, x):
        return x


def test_an_op_computes_and_differentiates():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    y = Scale(3)(x)
    y.sum().backward()
    assert y.tolist() == [3.0, 6.0]
    assert x.grad.tolist() == [3.0, 3.0]
    assert y.label == "Scale"


def test_an_op_takes_arrays_and_numbers():
    assert Scale(2)(np.array([1.0])).tolist() == [2.0]
    assert Scale(2)(3.0).item() == 6.0


def test_result_type_gives_symbolic_results_a_shape():
    y = Scale(2)(cr.input("x", shape=(2, 3)))
    assert y.shape == (2, 3)
    assert cr.ComputationalGraph(y.sum(axis=1)).forward(x=np.ones((2, 3))).tolist() == [6.0, 6.0]


def test_an_op_without_result_type_is_typed_by_running_it():
    class Split(cr.Op):
        def forward(self, x):
            return (x > 0).astype(np.int64)

    y = Split()(cr.input("x"))
    graph = cr.ComputationalGraph(y)
    assert graph.forward(x=[1.0, -1.0]).tolist() == [1, 0]


def test_a_scalar_of_numpy_or_python_is_a_result_too():
    class Total(cr.Op):
        def forward(self, x):
            return x.sum()

        def backward(self, g, x):
            return cr.broadcast_to(g, x.shape)

    x = cr.tensor([1.0, 2.0], requires_grad=True)
    y = Total()(x)
    assert y.shape == ()
    y.backward()
    assert x.grad.tolist() == [1.0, 1.0]
    cr.check_gradients(Total(), [x])


def test_forward_is_required():
    with pytest.raises(NotImplementedError, match=r"Empty must define forward"):
        type("Empty", (cr.Op,), {})()(1.0)


def test_what_forward_returns_must_be_numbers():
    class Text(cr.Op):
        def forward(self, x):
            return "text"

    with pytest.raises(errors.DTypeError, match=r"\[node 'Text', test_op.py:\d+\]"):
        Text()(1.0)


def test_an_op_gets_short_floats_as_float32():
    seen = []

    class Spy(Scale):
        def forward(self, x):
            seen.append(x.dtype)
            return super().forward(x)

    x = cr.tensor([1.0], dtype="bfloat16", requires_grad=True)
    y = Spy(2)(x)
    assert seen == [np.float32]
    assert y.dtype is cr.bfloat16
    y.backward()
    assert x.grad.dtype is cr.bfloat16


def test_one_instance_may_make_many_nodes():
    op, x = Scale(2), cr.tensor(1.0, requires_grad=True)
    op(op(op(x))).backward()
    assert x.grad.item() == 8.0


# --- modes and places ----------------------------------------------------------------------------


def test_modes_belong_to_the_thread():
    seen = []
    with cr.no_grad(), cr.detect_anomalies():
        thread = threading.Thread(target=lambda: seen.append((MODES.grad, MODES.anomalies)))
        thread.start()
        thread.join()
        assert (MODES.grad, MODES.anomalies) == (False, True)
    assert seen == [(True, False)]
    assert (MODES.grad, MODES.anomalies) == (True, False)


def test_modes_nest_in_one_switch():
    switch = cr.no_grad()
    with switch:
        with switch:
            assert not MODES.grad
        assert not MODES.grad
    assert MODES.grad


def test_the_hunt_for_anomalies_can_pause():
    with cr.detect_anomalies(), cr.detect_anomalies(False):
        assert np.isnan(cr.log(-1.0).item())


def test_anomalies_that_came_in_are_not_blamed_on_the_operation():
    with (
        cr.detect_anomalies(),
        pytest.raises(errors.AnomalyError, match=r"exp: .*input 0 was not finite already"),
    ):
        cr.exp(cr.tensor([np.nan]))


def test_errors_point_to_the_users_line():
    with pytest.raises(errors.ShapeError, match=r"\[node 'matmul', test_op.py:\d+\]"):
        cr.matmul(np.ones((2, 3)), np.ones((2, 3)))
