"""graph.compile(): the same results as the graph's own sweeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import ComputationalGraph
from chainrule import functional as F

RANDOM = np.random.default_rng(0)


def attention() -> ComputationalGraph:
    x, w = cr.input("x", (5, 3)), cr.input("w", (3, 3))
    scores = F.softmax(x @ w @ cr.matrix_transpose(x))
    return ComputationalGraph([(scores @ x).sum(), scores.max(), cr.argmax(scores)])


def layers() -> ComputationalGraph:
    x, k = cr.input("x", (2, 3, 6, 6), cr.float64), cr.input("k", (4, 3, 3, 3), cr.float64)
    b = cr.input("b", (4,), cr.float64, requires_grad=False)
    return ComputationalGraph(F.max_pool2d(F.tanh(F.conv2d(x, k, b, padding=1)), 2))


def pieces() -> ComputationalGraph:
    x = cr.input("x", (4,))
    first, second = cr.split(x, 2)
    constant = cr.tensor([1.0, 2.0], requires_grad=True)
    return ComputationalGraph([first * constant + second, second], order=["x"])


GRAPHS: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "attention": (
        attention,
        {"x": RANDOM.random((5, 3)), "w": RANDOM.random((3, 3))},
        [2.0, None, None],
    ),
    "layers": (
        layers,
        {"x": RANDOM.random((2, 3, 6, 6)), "k": RANDOM.random((4, 3, 3, 3)), "b": np.ones(4)},
        RANDOM.random((2, 4, 3, 3)),
    ),
    "pieces": (pieces, {"x": np.arange(4.0)}, [[1.0, 2.0], [3.0, 4.0]]),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_same_as_the_graph_itself(name: str) -> None:
    make, values, gradients = GRAPHS[name]
    graph = make()
    native = graph.compile()
    for _ in range(2):
        expected, found = graph.forward(values), native.forward(**values)
        assert type(found) is type(expected)
        results = (
            zip(found, expected, strict=True) if isinstance(found, tuple) else [(found, expected)]
        )
        for one, other in results:
            np.testing.assert_allclose(one, other, rtol=1e-5)
        wanted, got = graph.backward(gradients), native.backward(gradients)
        assert list(got) == list(wanted)
        for key, value in wanted.items():
            np.testing.assert_allclose(got[key], value, rtol=1e-4, atol=1e-6)
        values = {key: value + 0.25 for key, value in values.items()}


def test_numbers() -> None:
    x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
    native = ComputationalGraph((x + y) * z).compile(threads=1)
    assert native.forward(1.0, -3.0, 4.0) == -8.0
    assert native.backward() == {"x": 4.0, "y": 4.0, "z": -2.0}
    assert native.backward(2.0) == {"x": 8.0, "y": 8.0, "z": -4.0}
    assert native.forward({"x": 2.0, "y": 0.0, "z": 5.0}) == 10.0
    assert native.backward() == {"x": 5.0, "y": 5.0, "z": 2.0}


def test_an_input_that_does_not_matter_has_gradient_zero() -> None:
    x, y = cr.input("x"), cr.input("y")
    graph = ComputationalGraph(cr.where(y > 0, x * 2, x))
    native = graph.compile()
    assert native.forward(x=1.0, y=2.0) == graph.forward(x=1.0, y=2.0)
    assert native.backward() == graph.backward() == {"x": 2.0, "y": 0.0}


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda g: g.backward(), "forward"),
        (lambda g: g.forward(x=1.0), "a value for y"),
        (lambda g: g.forward(x=1.0, y=2.0, z=3.0), "the inputs x, y"),
        (lambda g: (g.forward(x=[1.0, 2.0], y=1.0), g.backward()), "of one element"),
        (lambda g: (g.forward(x=1.0, y=1.0), g.backward([1.0, 2.0])), "the output's shape"),
    ],
)
def test_the_same_errors(act: Any, text: str) -> None:
    x, y = cr.input("x"), cr.input("y")
    graph = ComputationalGraph(x * y)
    for one in (graph, graph.compile()):
        with pytest.raises(cr.errors.ChainruleError, match=text):
            act(one)


def test_no_gradient_is_the_same_error() -> None:
    graph = ComputationalGraph(cr.argmax(cr.input("x", (2,))))
    native = graph.compile()
    texts = []
    for one in (graph, native):
        assert one.forward(x=[1.0, 3.0]) == 1
        with pytest.raises(cr.errors.GradientError) as caught:
            one.backward()
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
