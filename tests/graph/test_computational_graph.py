"""ComputationalGraph: how it is fed, what its nodes hold, its order, its text and its errors."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import chainrule as cr
from chainrule import errors


@pytest.fixture
def graph():
    x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
    return cr.ComputationalGraph((x + y) * z)


# --- the textbook's example ----------------------------------------------------------------------


def test_forward_and_backward(graph):
    assert graph.forward(x=1.0, y=-3.0, z=4.0) == -8.0
    assert graph.backward() == {"x": 4.0, "y": 4.0, "z": -2.0}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((1.0, -3.0, 4.0), {}),
        ((1.0,), {"z": 4.0, "y": -3.0}),
        (({"x": 1.0, "y": -3.0, "z": 4.0},), {}),
        (({"x": 1.0, "y": -3.0},), {"z": np.float32(4)}),
        ((cr.tensor(1.0), -3, 4), {}),
    ],
)
def test_ways_to_feed_it(graph, values, named):
    assert graph.forward(*values, **named) == -8.0


def test_every_node_keeps_value_and_gradient(graph):
    graph.forward(1.0, -3.0, 4.0)
    graph.backward()
    names = [node.label for node in graph.nodes_topologically_sorted()]
    values = [node.value.item() for node in graph]
    gradients = [node.grad.item() for node in graph]
    assert names == ["x", "y", "add", "z", "multiply"]
    assert values == [1.0, -3.0, -2.0, 4.0, -8.0]
    assert gradients == [4.0, 4.0, 4.0, -2.0, 1.0]


def test_the_reverse_order_is_the_backward_sweep(graph):
    order = graph.nodes_topologically_sorted()
    assert graph.nodes_reverse_topologically_sorted() == order[::-1]


def test_a_new_forward_forgets_the_old_gradients(graph):
    graph.forward(1.0, -3.0, 4.0)
    graph.backward()
    graph.forward(2.0, -3.0, 4.0)
    assert all(node.grad is None for node in graph)


@given(st.data())
def test_inputs_come_before_their_users_in_random_graphs(data):
    nodes = [cr.input(f"x{k}") for k in range(3)]
    for _ in range(data.draw(st.integers(1, 12))):
        a, b = (data.draw(st.sampled_from(nodes)) for _ in range(2))
        nodes.append(a * 2 + b)
    graph = cr.ComputationalGraph(nodes[-1])
    position = {id(node): k for k, node in enumerate(graph)}
    assert all(position[id(i)] < position[id(n)] for n in graph for i in n.inputs)
    assert len(position) == len(graph)


@given(st.data())
def test_a_graph_says_what_eager_computation_says(data):
    leaves = [cr.tensor(v, dtype="float64", requires_grad=True) for v in ([0.3, 0.5], 1.7)]
    inputs = [cr.input("x", dtype="float64"), cr.input("y", dtype="float64")]
    eager, symbolic = list(leaves), list(inputs)
    steps = {
        "add": lambda a, b: a + b,
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a / (2 + b * b),
        "sin": lambda a, b: a.sin(),
        "shared": lambda a, b: a * a + a * b,
    }
    for _ in range(data.draw(st.integers(1, 8))):
        step = steps[data.draw(st.sampled_from(sorted(steps)))]
        i, j = (data.draw(st.integers(0, len(eager) - 1)) for _ in range(2))
        eager.append(step(eager[i], eager[j]))
        symbolic.append(step(symbolic[i], symbolic[j]))
    total, graph = eager[-1].sum(), cr.ComputationalGraph(symbolic[-1].sum())
    names = [node.name for node in graph.inputs]
    given_values = dict(zip("xy", ([0.3, 0.5], 1.7), strict=True))
    value = graph.forward({name: given_values[name] for name in names})
    assert_allclose(value, total.item(), rtol=1e-12)
    total.backward()
    for name, gradient in graph.backward().items():
        assert_allclose(gradient, leaves["xy".index(name)].grad.value, rtol=1e-12)


# --- inputs, outputs, constants ------------------------------------------------------------------


def test_order_fixes_the_inputs_by_position():
    x, y = cr.input("x"), cr.input("y")
    for order in (["y", "x"], [y, x]):
        assert cr.ComputationalGraph(x - y, order=order).forward(1.0, 5.0) == 4.0


def test_several_outputs_and_their_gradients():
    x = cr.input("x")
    graph = cr.ComputationalGraph([x * 2, x * x, x > 0])
    double, square, positive = graph.forward(x=3.0)
    assert (double, square, positive) == (6.0, 9.0, True)
    assert graph.backward() == {"x": 8.0}
    assert graph.backward([10.0, 1.0, None]) == {"x": 26.0}


def test_one_node_as_two_outputs():
    x = cr.input("x")
    y = x * x
    graph = cr.ComputationalGraph([y, y])
    graph.forward(x=3.0)
    assert graph.backward([1.0, 10.0]) == {"x": 66.0}


def test_an_output_may_be_inside_the_graph_or_an_input():
    x = cr.input("x")
    y = x * x
    graph = cr.ComputationalGraph([y * 2, y, x])
    assert graph.forward(x=3.0) == (18.0, 9.0, 3.0)
    assert graph.backward() == {"x": 2 * 6 + 6 + 1.0}


def test_arrays_go_in_and_come_out():
    x = cr.input("x")
    graph = cr.ComputationalGraph((x * x).sum(axis=1))
    result = graph.forward(x=[[1.0, 2.0], [3.0, 4.0]])
    assert isinstance(result, np.ndarray)
    assert result.tolist() == [5.0, 25.0]
    assert graph.backward([1.0, 10.0])["x"].tolist() == [[2.0, 4.0], [60.0, 80.0]]


def test_results_belong_to_the_caller(graph):
    x = cr.input("x")
    identity = cr.ComputationalGraph(x)
    given_array = np.array([1.0, 2.0], np.float32)
    result = identity.forward(x=given_array)
    result[0] = 9.0
    given_array[1] = 9.0
    assert x.value.tolist() == [1.0, 2.0]


def test_shapes_may_change_from_run_to_run():
    x = cr.input("x")
    graph = cr.ComputationalGraph((x * x).sum())
    for n in (3, 1, 0, 5):
        assert graph.forward(x=np.ones(n)) == n
        assert_allclose(graph.backward()["x"], np.full(n, 2.0))


def test_values_take_the_inputs_type():
    x, i = cr.input("x", dtype="bfloat16"), cr.input("i", dtype="int8")
    graph = cr.ComputationalGraph([x * 1, i * 1])
    graph.forward(x=np.float64(1.001), i=7)
    assert (graph.outputs[0].dtype, graph.outputs[1].dtype) == (cr.bfloat16, cr.int8)
    assert x.value == 1.0
    with pytest.raises(errors.ArgumentError, match=r"input 'i': requires int8 values; received fl"):
        graph.forward(x=1.0, i=1.5)


def test_leaves_with_values_take_part():
    x, w = cr.input("x"), cr.tensor([1.0, 2.0], requires_grad=True, name="w")
    graph = cr.ComputationalGraph((x * w).sum())
    assert graph.forward(x=[3.0, 4.0]) == 11.0
    assert graph.backward()["x"].tolist() == [1.0, 2.0]
    assert w.grad.tolist() == [3.0, 4.0]
    w.assign([5.0, 6.0])
    assert graph.forward(x=[3.0, 4.0]) == 39.0
    assert graph.backward()["x"].tolist() == [5.0, 6.0]


def test_a_graph_without_inputs():
    graph = cr.ComputationalGraph(cr.tensor(2.0, requires_grad=True) * 3)
    assert graph.forward() == 6.0
    assert graph.backward() == {}


def test_integer_inputs_get_no_gradient():
    x, i = cr.input("x", shape=(3,)), cr.input("i", shape=(3,), dtype="int64")
    graph = cr.ComputationalGraph(cr.take(x, i).sum())
    graph.forward(x=[1.0, 2.0, 3.0], i=[0, 0, 2])
    assert {k: v.tolist() for k, v in graph.backward().items()} == {"x": [2.0, 0.0, 1.0]}


def test_an_input_may_ask_for_no_gradient():
    x, y = cr.input("x"), cr.input("y", requires_grad=False)
    graph = cr.ComputationalGraph(x * y)
    graph.forward(x=2.0, y=3.0)
    assert graph.backward() == {"x": 3.0}
    assert y.grad is None


# --- names and text ------------------------------------------------------------------------------


def test_nodes_are_found_by_name(graph):
    graph.forward(1.0, -3.0, 4.0)
    assert graph["add"].value == -2.0
    assert len(graph) == 5
    with pytest.raises(errors.GraphError, match=r"one of the nodes x, y, add, z, multiply; rec"):
        graph["missing"]


def test_names_are_made_unique():
    x = cr.input("x")
    graph = cr.ComputationalGraph(x + x + x)
    assert list(graph.names.values()) == ["x", "add", "add_2"]
    named = cr.input("add")
    graph = cr.ComputationalGraph(named + 1.0)
    assert sorted(graph.names.values()) == ["add", "add_2", "constant"]


def test_text_shows_each_node():
    x = cr.input("x", shape=(2, 3))
    lines = str(cr.ComputationalGraph((x * 2.0).sum(axis=1))).splitlines()
    assert lines == [
        "x: float32[2, 3] = input",
        "constant: float32[] = constant",
        "multiply: float32[2, 3] = multiply(x, constant)",
        "sum: float32[2] = sum(multiply, axis=1, keepdims=False)",
    ]


def test_symbolic_nodes_show_their_value_once_they_have_one(graph):
    assert repr(graph.outputs[0]) == "<multiply float32[?]>"
    graph.forward(1.0, -3.0, 4.0)
    assert repr(graph.outputs[0]) == "tensor(-8., op=multiply)"


# --- errors --------------------------------------------------------------------------------------


def test_missing_superfluous_and_doubled_inputs(graph):
    with pytest.raises(errors.ArgumentError, match=r"a value for y, z; received x; forward\(y="):
        graph.forward(x=1.0)
    with pytest.raises(errors.ArgumentError, match=r"the inputs x, y, z, each once; received .*w"):
        graph.forward(1.0, 2.0, 3.0, w=4.0)
    with pytest.raises(errors.ArgumentError, match=r"each once; received 3 by position, x"):
        graph.forward(1.0, 2.0, 3.0, x=1.0)
    with pytest.raises(errors.ArgumentError, match=r"received 4 by position"):
        graph.forward(1.0, 2.0, 3.0, 4.0)


def test_two_inputs_of_one_name():
    with pytest.raises(errors.GraphError, match=r"two inputs named 'x'"):
        cr.ComputationalGraph(cr.input("x") + cr.input("x"))


def test_an_order_that_is_not_that_of_the_inputs():
    x, y = cr.input("x"), cr.input("y")
    for order in (["x"], ["x", "y", "z"], ["x", "x"]):
        with pytest.raises(errors.GraphError, match=r"order of the inputs \['x', 'y'\]"):
            cr.ComputationalGraph(x + y, order=order)


def test_outputs_are_tensors():
    with pytest.raises(errors.GraphError, match=r"outputs that are tensors; received 3"):
        cr.ComputationalGraph([3])


def test_a_shape_that_the_input_does_not_have():
    graph = cr.ComputationalGraph(cr.input("x", shape=(2,)) * 2)
    with pytest.raises(errors.ShapeError, match=r"input 'x': requires shape \(2,\); received"):
        graph.forward(x=[1.0, 2.0, 3.0])


def test_shapes_that_do_not_fit_name_the_node_and_its_line():
    x, y = cr.input("x"), cr.input("y")
    graph = cr.ComputationalGraph(x @ y + 1)
    with pytest.raises(errors.ShapeError, match=r"\[node 'matmul', test_computational_graph.py:\d"):
        graph.forward(x=np.ones((2, 3)), y=np.ones((2, 3)))


def test_shapes_known_in_advance_fail_at_the_users_line():
    x, y = cr.input("x", shape=(2, 3)), cr.input("y", shape=(4,))
    with pytest.raises(errors.ShapeError, match=r"\(2, 3\) and \(4,\) .*graph.py:\d+\]"):
        _ = x + y


def test_backward_before_forward(graph):
    with pytest.raises(errors.GraphError, match=r"call graph.forward\(...\) first"):
        graph.backward()


def test_gradients_of_outputs_with_many_elements_are_given():
    x = cr.input("x")
    graph = cr.ComputationalGraph(x * 2)
    graph.forward(x=[1.0, 2.0])
    with pytest.raises(errors.GradientError, match=r"one element, or its gradient; received an ou"):
        graph.backward()
    with pytest.raises(errors.ShapeError, match=r"a gradient of the output's shape \(2,\)"):
        graph.backward([1.0, 2.0, 3.0])


def test_as_many_gradients_as_outputs():
    x = cr.input("x")
    graph = cr.ComputationalGraph([x * 2, x * 3])
    graph.forward(x=1.0)
    with pytest.raises(errors.GradientError, match=r"2 gradients, one for each output; received 1"):
        graph.backward([1.0])


def test_a_cycle_is_found_when_the_graph_is_made():
    x = cr.input("x")
    a = x + 1.0
    b = a * 2.0
    a.inputs = (b, a.inputs[1])
    with pytest.raises(errors.GraphCycleError, match=r"received multiply <- add <- multiply"):
        cr.ComputationalGraph(b)


def test_symbolic_tensors_are_not_copied_by_value():
    with pytest.raises(errors.GraphError, match="deepcopy"):
        copy.deepcopy(cr.input("x"))
