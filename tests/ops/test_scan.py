"""scan: a loop in time equals the loop written out, with derivatives of every order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import AnomalyError, ArgumentError, ChainruleError, DTypeError, ShapeError
from chainrule.graph import TensorType, topological_order
from chainrule.ops.scan import SCAN

STEPS = 5


def draw(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(sum(shape)).standard_normal(shape) * 0.6


def network() -> list[np.ndarray[Any, Any]]:
    """Initial state, inputs, and two weights."""
    return [draw(4), draw(STEPS, 3), draw(4, 4), draw(3, 4)]


def cell(h: cr.Tensor, x: cr.Tensor, w: cr.Tensor, u: cr.Tensor) -> cr.Tensor:
    return cr.tanh(h @ w + x @ u)


def scanned(h: Any, xs: Any, w: Any, u: Any, reverse: bool = False) -> tuple[Any, Any]:
    def body(h: cr.Tensor, x: cr.Tensor) -> tuple[cr.Tensor, cr.Tensor]:
        new = cell(h, x, w, u)
        return new, new * h

    final, ys = cr.scan(body, h, xs, reverse=reverse)
    return final, ys


def unrolled(h: Any, xs: Any, w: Any, u: Any, reverse: bool = False) -> tuple[Any, Any]:
    ys: list[Any] = [None] * STEPS
    for t in reversed(range(STEPS)) if reverse else range(STEPS):
        new = cell(h, xs[t], w, u)
        h, ys[t] = new, new * h
    return h, cr.stack(ys)


@pytest.mark.parametrize("reverse", [False, True])
def test_equals_the_unrolled_loop(reverse: bool) -> None:
    tensors = [[cr.tensor(a, requires_grad=True) for a in network()] for _ in range(2)]
    results = [f(*ts, reverse=reverse) for f, ts in zip((scanned, unrolled), tensors, strict=True)]
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-14)
    for final, ys in results:
        (final.sum() + (ys * ys).sum()).backward()
    for a, b in zip(*tensors, strict=True):
        assert a.grad is not None
        assert b.grad is not None
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("reverse", [False, True])
def test_derivatives_of_first_and_second_order(reverse: bool) -> None:
    cr.check_gradients(lambda *args: scanned(*args, reverse=reverse), network())


def test_derivatives_of_third_order_and_of_each_result_alone() -> None:
    cr.check_gradients(lambda *args: scanned(*args)[0], network(), order=3)
    cr.check_gradients(lambda *args: scanned(*args)[1], network())


def test_cumulative_sum_of_many_steps() -> None:
    x = cr.tensor(draw(1000, 2), requires_grad=True)
    total, ys = cr.scan(lambda c, x: (c + x, c + x), cr.zeros(2, dtype="float64"), x)
    np.testing.assert_allclose(ys.numpy(), np.cumsum(x.numpy(), 0), rtol=1e-12)
    np.testing.assert_allclose(total.numpy(), x.numpy().sum(0), rtol=1e-12)
    ys.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy()[:, 0], np.arange(1000, 0, -1))


def test_is_one_node_and_its_body_runs_once() -> None:
    calls = []

    def body(h: cr.Tensor, x: cr.Tensor) -> tuple[cr.Tensor, None]:
        calls.append(h)
        return (h * x).sin(), None

    h = cr.tensor(1.0, requires_grad=True)
    final, ys = cr.scan(body, h, cr.tensor([1.0, 2.0, 3.0]))
    assert ys is None
    assert len(calls) == 1
    assert [n.label for n in topological_order([final])].count("scan") == 1


class State(NamedTuple):
    position: Any
    extra: Any


def test_structures() -> None:
    def body(state: State, x: dict[str, Any]) -> tuple[State, Any]:
        left, (right, nothing) = x["left"], x["right"]
        assert nothing is None
        new = State(state.position + left * right, [state.extra[0], None])
        return new, {"product": left * right, "both": (left, [right]), "none": None}

    start = State(cr.tensor(0.0), [cr.tensor([7.0]), None])
    xs = {"left": cr.tensor([1.0, 2.0]), "right": [cr.tensor([3.0, 4.0]), None]}
    final, ys = cr.scan(body, start, xs)
    assert isinstance(final, State)
    assert final.position.item() == 11
    assert final.extra[0].tolist() == [7]
    assert final.extra[1] is None
    assert ys["product"].tolist() == [3, 8]
    assert ys["both"][1][0].tolist() == [3, 4]
    assert ys["none"] is None


def test_without_xs() -> None:
    last, ys = cr.scan(lambda n, _: (n * 2, n), cr.tensor(1), length=5)
    assert (last.item(), ys.tolist()) == (32, [1, 2, 4, 8, 16])
    assert cr.scan(lambda c, _: (None, None), None, length=3) == (None, None)


@pytest.mark.parametrize("reverse", [False, True])
def test_no_steps(reverse: bool) -> None:
    h, xs, w, u = (cr.tensor(a, requires_grad=True) for a in network())
    final, ys = scanned(h, xs[:0], w, u, reverse)
    assert ys.shape == (0, 4)
    np.testing.assert_array_equal(final.numpy(), h.numpy())
    final.sum().backward()
    for leaf, expected in ((h, 1), (w, 0), (xs, 0)):
        assert leaf.grad is not None
        assert (leaf.grad.numpy() == expected).all()


def test_captured_tensors_get_gradients() -> None:
    """Parameters that the body closes over, used twice, in a product made outside, as a result."""

    def run(w: Any, scale: Any, loop: bool) -> cr.Tensor:
        doubled = w * 2

        def body(h: Any, x: Any) -> tuple[Any, Any]:
            return (h * doubled + w * x).sin() * scale, (w, x, h, scale * 3)

        h = cr.tensor(0.5, dtype="float64")
        xs = cr.tensor([1.0, -2.0, 0.5], dtype="float64")
        if loop:
            h, ys = cr.scan(body, h, xs)
            return h + sum((y * y).sum() for y in ys)
        total: Any = 0.0
        for t in range(3):
            h, ys = body(h, xs[t])
            total = total + sum((y * y).sum() for y in ys)
        return h + total

    args = [np.array(0.7), np.array(1.3)]
    values = [run(*[cr.tensor(a) for a in args], loop).item() for loop in (True, False)]
    assert values[0] == pytest.approx(values[1], rel=1e-14)
    cr.check_gradients(lambda w, s: run(w, s, True), args)


def test_only_what_is_needed_gets_a_gradient() -> None:
    h, xs, w, u = (cr.tensor(a) for a in network())
    w.requires_grad_()
    scanned(h, xs, w, u)[0].sum().backward()
    assert w.grad is not None
    assert [t.grad for t in (h, xs, u)] == [None] * 3


def test_integers_in_the_carry() -> None:
    def body(carry: Any, x: Any) -> Any:
        n, h = carry
        return (n + 1, h * x), h * n

    x = draw(4)
    cr.check_gradients(
        lambda x: cr.scan(body, (cr.tensor(0), cr.tensor(1.0, dtype="float64")), x)[1], [x]
    )


def test_inside_of_a_graph_of_symbolic_inputs() -> None:
    h, xs = cr.input("h", (4,), "float64"), cr.input("xs", (STEPS, 3), "float64")
    w, u = cr.input("w", (4, 4), "float64"), cr.input("u", (3, 4), "float64")
    final, ys = scanned(h, xs, w, u)
    graph = cr.ComputationalGraph(final.sum() + (ys * ys).sum())
    for _ in range(2):
        values = network()
        value = graph.forward(h=values[0], xs=values[1], w=values[2], u=values[3])
        gradients = graph.backward()
        tensors = [cr.tensor(a, requires_grad=True) for a in values]
        final, ys = unrolled(*tensors)
        loss = final.sum() + (ys * ys).sum()
        loss.backward()
        assert value == pytest.approx(loss.item(), rel=1e-13)
        for name, leaf in zip(("h", "xs", "w", "u"), tensors, strict=True):
            assert leaf.grad is not None
            np.testing.assert_allclose(gradients[name], leaf.grad.numpy(), rtol=1e-11, atol=1e-13)
    assert "scan(" in str(graph)


def test_loop_in_a_loop() -> None:
    def run(a: Any, xs: Any, loop: Callable[..., Any]) -> Any:
        def inner(h: Any, x: Any) -> Any:
            return (h * a + x).tanh(), h * x

        def outer(total: Any, row: Any) -> Any:
            h, ys = loop(inner, total, row)
            return h * a, ys.sum() + h

        return loop(outer, a * 0.5, xs)

    def written_out(body: Any, carry: Any, xs: Any) -> Any:
        ys = []
        for k in range(xs.shape[0]):
            carry, y = body(carry, xs[k])
            ys.append(y)
        return carry, cr.stack(ys)

    args = [np.array(0.8), draw(3, 2)]
    tensors = [cr.tensor(a) for a in args]
    for ours, theirs in zip(run(*tensors, cr.scan), run(*tensors, written_out), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-13)
    cr.check_gradients(lambda a, xs: run(a, xs, cr.scan), args)


class Polar(cr.Op):
    """A user-written operation with two results."""

    def forward(self, x: Any, y: Any) -> Any:
        return np.hypot(x, y), np.arctan2(y, x)

    def backward(self, g: Any, x: Any, y: Any) -> Any:
        r2 = x * x + y * y
        of_r, of_angle = (0.0 if part is None else part for part in g)
        along = of_r / r2**0.5
        return along * x - of_angle * y / r2, along * y + of_angle * x / r2

    def result_type(self, *types: TensorType) -> tuple[TensorType, ...]:
        return types


def test_operation_with_several_results_in_the_body() -> None:
    def body(carry: Any, x: Any) -> Any:
        r, angle = Polar()(carry + 2.0, x)
        return (r * angle).sin(), (r, angle)

    def run(h: Any, xs: Any) -> Any:
        final, (r, angle) = cr.scan(body, h, xs)
        return final, r, angle

    cr.check_gradients(run, [draw(2), draw(3, 2)])


def test_half_precision_carry() -> None:
    for kind in ("float16", "bfloat16"):
        x = cr.tensor([0.1, 0.2, 0.3], dtype=kind, requires_grad=True)
        start = cr.tensor(1.0, dtype=kind)
        total, ys = cr.scan(lambda c, x: (c * (1 + x), c), start, x)
        expected, c = [], start
        for t in range(3):
            expected.append(c.item())
            c = c * (1 + x[t])
        assert str(ys.dtype) == str(total.dtype) == kind
        assert ys.tolist() == expected
        assert total.item() == c.item()
        total.backward()
        assert x.grad is not None
        assert x.grad.dtype is x.dtype
        np.testing.assert_allclose(x.grad.numpy(), total.item() / (1 + x.numpy()), rtol=0.03)


def scans_of(node: cr.Tensor) -> list[cr.Tensor]:
    return [n for n in topological_order([node]) if n.op is SCAN]


def test_carries_are_saved_only_for_a_gradient() -> None:
    arrays = [cr.tensor(a) for a in network()]
    arrays[0].requires_grad_()
    final, _ = scanned(*arrays)
    (whole,) = scans_of(final)
    assert whole.tuple_types is not None
    assert [t.shape for t in whole.tuple_types] == [(4,), (STEPS, 4), (STEPS, 4)]
    with cr.no_grad():
        final, _ = scanned(*arrays)
    assert final.is_leaf


def test_gradients_of_weights_are_summed_not_stacked() -> None:
    """The recorded backward loop keeps one gradient of the weights, not one for every step."""
    h, xs, w, u = (cr.tensor(a, requires_grad=True) for a in network())
    scanned(h, xs, w, u)[0].sum().backward(create_graph=True)
    assert w.grad is not None
    for whole in scans_of(w.grad):
        assert whole.tuple_types is not None
        assert (STEPS, 4, 4) not in [t.shape for t in whole.tuple_types]


def test_numbers_drawn_in_the_body_are_the_same_in_every_step() -> None:
    g = cr.Generator(0)
    _, ys = cr.scan(lambda c, _: (c, c + cr.random.uniform(generator=g)), cr.tensor(0.0), length=3)
    assert len(set(ys.tolist())) == 1


def test_anomalies_are_found_inside() -> None:
    with cr.detect_anomalies(), pytest.raises(AnomalyError, match="log: produced 1 NaN"):
        cr.scan(lambda c, x: (c + cr.log(x), None), cr.tensor(0.0), cr.tensor([1.0, -1.0]))


ONE = cr.tensor(1.0)
THREE = cr.tensor([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.scan(lambda c, x: (c, x), ONE), ShapeError, "received neither"),
        (
            lambda: cr.scan(lambda c, x: (c, None), ONE, {"a": THREE, "b": [THREE[:2]]}),
            ShapeError,
            "3 for xs['a'], 2 for xs['b'][0]",
        ),
        (
            lambda: cr.scan(lambda c, x: (c, x), ONE, THREE, length=4),
            ShapeError,
            "4 for length, 3 for xs",
        ),
        (lambda: cr.scan(lambda c, x: (c, x), ONE, length=-1), ShapeError, "-1 for length"),
        (lambda: cr.scan(lambda c, x: (c, x), ONE, (ONE,)), ShapeError, "scan, xs[0]"),
        (lambda: cr.scan(lambda c, x: c, ONE, THREE), ArgumentError, "(carry, y)"),
        (
            lambda: cr.scan(lambda c, x: ({"h": c["h"] + THREE}, x), {"h": ONE}, THREE),
            ShapeError,
            "scan, carry['h']: requires a carry that keeps its type float32[]; received float32[3]",
        ),
        (
            lambda: cr.scan(lambda c, x: (c[0] + 0.5, None), (cr.tensor(1),), THREE),
            ArgumentError,
            "the structure (*,)",
        ),
        (
            lambda: cr.scan(lambda c, x: ((c[0] + 0.5,), None), (cr.tensor(1),), THREE),
            DTypeError,
            "scan, carry[0]: requires a carry that keeps its type int64[]; received float32[]",
        ),
        (
            lambda: cr.scan(lambda c, x: ((c[0], x), None), (ONE, None), THREE),
            ArgumentError,
            "None where it was None",
        ),
        (
            lambda: cr.scan(lambda c, x: (c, x), ONE, cr.input("x")),
            ShapeError,
            "scan, xs: requires a known shape",
        ),
        (
            lambda: cr.scan(lambda c, x: (c + cr.input("x"), x), ONE, THREE),
            ShapeError,
            "scan, carry: requires a carry that keeps its type",
        ),
        (
            lambda: cr.scan(lambda c, x: (c, x * cr.input("x")), ONE, THREE),
            ShapeError,
            "scan, y: requires a known shape",
        ),
        (lambda: cr.scan(lambda c, x: (c, x), "a", THREE), DTypeError, "numbers"),
    ],
)
def test_errors(call: Callable[[], Any], error: type[ChainruleError], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
