"""The backward sweep: sums over users, several outputs, deep graphs, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import chainrule as cr
from chainrule import errors

SIZES = [(), (1,), (0,), (3,), (2, 3)]


class Multiply(cr.Op):
    def forward(self, x: Any, y: Any) -> Any:
        return x * y

    def backward(self, g: Any, x: Any, y: Any) -> Any:
        return g * y, g * x


class SumAndDifference(cr.Op):
    def forward(self, x: Any, y: Any) -> Any:
        return x + y, x - y

    def backward(self, g: Any, x: Any, y: Any) -> Any:
        total, difference = g
        if total is None:
            return difference, -difference
        if difference is None:
            return total, total
        return total + difference, total - difference

    def result_type(self, x: Any, y: Any) -> Any:
        return x, y


def leaf(value: Any, name: str | None = None) -> cr.Tensor:
    return cr.tensor(value, requires_grad=True, name=name)


# --- sums ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SIZES)
def test_a_node_used_many_times_sums_its_gradients(shape: tuple[int, ...]) -> None:
    x = leaf(np.full(shape, 3.0))
    y = x * x
    (y * y + y + x).sum().backward()
    assert_allclose(x.grad.value, np.full(shape, 4 * 27 + 6 + 1.0))


def test_gradients_of_several_backward_calls_add_up() -> None:
    x = leaf(2.0)
    (x * x).backward()
    (x * x * x).backward()
    assert x.grad.item() == 4 + 12


def test_two_leaves_never_share_one_gradient() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x + y).backward(cr.tensor([1.0, 1.0]))
    x.grad.assign([7.0, 7.0])
    assert y.grad.tolist() == [1.0, 1.0]


def test_the_given_gradient_is_not_kept() -> None:
    x, g = leaf([1.0, 2.0]), cr.tensor([1.0, 1.0])
    x.backward(g)
    x.grad.assign([5.0, 5.0])
    assert g.tolist() == [1.0, 1.0]


def test_broadcast_inputs_get_gradients_of_their_own_shape() -> None:
    row, column, number = leaf([1.0, 2.0, 3.0]), leaf([[4.0], [5.0]]), leaf(2.0)
    (row * column * number).sum().backward()
    assert row.grad.tolist() == [18.0, 18.0, 18.0]
    assert column.grad.tolist() == [[12.0], [12.0]]
    assert number.grad.item() == 54.0


def test_the_gradient_of_a_vector_is_given_and_takes_the_vectors_type() -> None:
    x = leaf([1.0, 2.0])
    (x * x).backward(np.array([10.0, 1.0]))
    assert x.grad.dtype is cr.float32
    assert x.grad.tolist() == [20.0, 4.0]


def test_several_results_of_one_operation() -> None:
    x, y = leaf(3.0), leaf(2.0)
    total, difference = SumAndDifference()(x, y)
    (total * difference).backward()  # x^2 - y^2
    assert (x.grad.item(), y.grad.item()) == (6.0, -4.0)


def test_only_one_of_several_results_is_used() -> None:
    x, y = leaf(3.0), leaf(2.0)
    SumAndDifference()(x, y)[1].backward()
    assert (x.grad.item(), y.grad.item()) == (1.0, -1.0)


def test_a_node_that_nobody_asks_about_keeps_no_gradient() -> None:
    x = leaf(2.0)
    y = x * x
    (y * y).backward()
    assert y.grad is None


def test_retain_grad_keeps_the_gradient_of_an_inner_node() -> None:
    x = leaf(2.0)
    y = (x * x).retain_grad()
    (y * y).backward()
    assert y.grad.item() == 8.0


def test_create_graph_gives_gradients_a_history() -> None:
    x = leaf(2.0)
    (x * x * x).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    assert x.grad.item() == 12.0


def test_without_create_graph_gradients_have_no_history() -> None:
    x = leaf(2.0)
    (x * x).backward()
    assert x.grad.op is None
    assert not x.grad.requires_grad


# --- where gradients stop ------------------------------------------------------------------------


def test_no_grad_records_nothing_and_puts_the_mode_back() -> None:
    x = leaf(2.0)
    with cr.no_grad():
        assert not (x * x).requires_grad
        with cr.enable_grad():
            assert (x * x).requires_grad
        assert not (x * x).requires_grad
    with pytest.raises(errors.ShapeError), cr.no_grad():
        cr.reshape(x, (2, 3))
    assert (x * x).requires_grad


def test_no_grad_as_decorator() -> None:
    @cr.no_grad()
    def square(x: cr.Tensor) -> cr.Tensor:
        return x * x

    assert not square(leaf(2.0)).requires_grad


def test_detach_stops_the_gradient() -> None:
    x = leaf(3.0)
    (x * x.detach()).backward()
    assert x.grad.item() == 3.0


def test_constants_are_not_recorded() -> None:
    y = cr.tensor(2.0) * 3
    assert y.op is None
    assert y.inputs == ()


def test_integers_made_from_a_leaf_hold_no_graph() -> None:
    y = leaf([1.5, 2.5]).astype("int64")
    assert y.op is None


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda x: x.detach() * 2, "stop_gradient"),
        (lambda x: (x > 1).astype("float32") * 3, "greater"),
        (lambda x: x.astype("int32").astype("float32"), "cast"),
        (lambda x: cr.where(x.argmax() == 0, 1.0, 2.0), "argmax"),
    ],
)
def test_a_missing_gradient_names_the_operation_that_cut_it(
    make: Callable[[cr.Tensor], cr.Tensor], name: str
) -> None:
    y = make(leaf([1.0, 2.0])).sum()
    with pytest.raises(errors.GradientError, match=rf"stops at '{name}', test_reverse.py:\d+"):
        y.backward()


def test_backward_of_a_constant_says_what_to_do() -> None:
    with pytest.raises(errors.GradientError, match=r"tensor\(\.\.\., requires_grad=True\)"):
        (cr.tensor(1.0) * 2).backward()


def test_backward_of_a_vector_needs_its_gradient() -> None:
    with pytest.raises(errors.GradientError, match=r"output of shape \(2,\); reduce it"):
        (leaf([1.0, 2.0]) * 2).backward()


def test_a_gradient_of_the_wrong_shape() -> None:
    with pytest.raises(errors.ShapeError, match=r"requires .* shape \(2,\); received shape \(3,\)"):
        (leaf([1.0, 2.0]) * 2).backward([1.0, 2.0, 3.0])


def test_assigning_a_leaf_before_backward_is_an_error() -> None:
    x = leaf(2.0)
    y = x * x
    x.assign(5.0)
    with pytest.raises(errors.GradientError, match="assigned to since; run the forward pass again"):
        y.backward()
    (x * x).backward()
    assert x.grad.item() == 10.0


# --- deep graphs and cycles ----------------------------------------------------------------------


def test_a_graph_of_20000_nodes_in_a_row() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y + x
    y.backward()
    assert x.grad.item() == 20_001.0


def test_a_symbolic_graph_of_20000_nodes_in_a_row() -> None:
    x = cr.input("x")
    y = x
    for _ in range(20_000):
        y = y + x
    graph = cr.ComputationalGraph(y)
    assert graph.forward(x=2.0) == 40_002.0
    assert graph.backward() == {"x": 20_001.0}


def test_a_cycle_is_an_error_that_names_its_path() -> None:
    x = leaf(1.0, "x")
    a = x + 1
    b = a.exp()
    c = b * 2
    a.inputs = (x, c)
    with pytest.raises(errors.GraphCycleError, match="multiply <- exp <- add <- multiply"):
        c.backward()


def test_a_node_that_is_its_own_input() -> None:
    a = leaf(1.0) + 1
    a.inputs = (a,)
    with pytest.raises(errors.GraphCycleError, match="received add <- add"):
        a.backward()


# --- anomalies -----------------------------------------------------------------------------------


def test_anomalies_forward_name_the_first_node() -> None:
    x = leaf([1.0, -1.0])
    with (
        cr.detect_anomalies(),
        pytest.raises(errors.AnomalyError, match=r"log: produced 1 NaN of 2 values.*\[-1, 1\]"),
    ):
        (x.log() * 2).sum()


def test_anomalies_backward_name_the_node_whose_gradient_it_is() -> None:
    x = leaf([0.0, 4.0], "x")
    y = x.sqrt().sum()  # finite, but its derivative at 0 is not
    with (
        cr.detect_anomalies(),
        pytest.raises(errors.AnomalyError, match=r"gradient of input 0 of 'sqrt': .*1 infinite"),
    ):
        y.backward()


def test_anomalies_name_the_line_of_the_node() -> None:
    x = cr.input("x")
    graph = cr.ComputationalGraph((x - 1.0).log())
    with (
        cr.detect_anomalies(),
        pytest.raises(errors.AnomalyError, match=r"\[node 'log', test_reverse.py:\d+\]"),
    ):
        graph.forward(x=1.0)


def test_anomalies_are_silent_without_the_switch() -> None:
    assert np.isnan(cr.log(cr.tensor(-1.0)).item())


# --- user-written operations in every mode -------------------------------------------------------


def test_a_user_op_eagerly() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    z = Multiply()(x, y)
    assert z.tolist() == [3.0, 8.0]
    z.sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_a_user_op_in_a_computational_graph() -> None:
    x, y = cr.input("x"), cr.input("y")
    graph = cr.ComputationalGraph(Multiply()(x + y, y))
    assert graph.forward(x=2.0, y=3.0) == 15.0
    assert graph.backward() == {"x": 3.0, "y": 8.0}


def test_a_user_op_with_several_results_in_a_computational_graph() -> None:
    x, y = cr.input("x", shape=()), cr.input("y", shape=())
    total, difference = SumAndDifference()(x, y)
    graph = cr.ComputationalGraph([total * difference, difference])
    assert graph.forward(x=3.0, y=2.0) == (5.0, 1.0)
    assert graph.backward([1.0, 10.0]) == {"x": 16.0, "y": -14.0}


def test_a_user_op_under_grad_hessian_jvp_and_jacobian() -> None:
    op, x, y = Multiply(), cr.tensor([1.0, 2.0]), cr.tensor([3.0, 4.0])
    square = lambda v: op(v, v).sum()
    assert cr.grad(square)(x).tolist() == [2.0, 4.0]
    assert cr.hessian(square)(x).tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert cr.jvp(op, (x, y), ([1.0, 0.0], [0.0, 1.0]))[1].tolist() == [3.0, 2.0]
    assert cr.jacobian(op, x, y).todense().tolist() == [[3.0, 0.0], [0.0, 4.0]]
    cr.check_gradients(op, [x, y])


def test_an_op_without_backward_is_named() -> None:
    class OnlyForward(cr.Op):
        def forward(self, x: Any) -> Any:
            return x * 2

    with pytest.raises(errors.GradientError, match=r"gradient of 'OnlyForward': requires a method"):
        OnlyForward()(leaf(1.0)).backward()


def test_backward_with_the_wrong_number_of_gradients() -> None:
    class OneOfTwo(Multiply):
        def backward(self, g: Any, x: Any, y: Any) -> Any:
            return g * y

    with pytest.raises(errors.GradientError, match=r"OneOfTwo.backward: requires 2 gradients"):
        OneOfTwo()(leaf(1.0), leaf(2.0)).backward()


def test_backward_with_a_gradient_of_the_wrong_shape() -> None:
    class Unsummed(Multiply):
        def backward(self, g: Any, x: Any, y: Any) -> Any:
            return g * y, g * x

    with pytest.raises(
        errors.GradientError, match=r"gradient 1 of shape \(\), as input 1; .* sum over the axes"
    ):
        Unsummed()(leaf([1.0, 2.0]), leaf(2.0)).sum().backward()


def test_none_is_the_gradient_of_an_input_without_one() -> None:
    class Scale(cr.Op):
        def forward(self, x: Any, factor: Any) -> Any:
            return x * factor

        def backward(self, g: Any, x: Any, factor: Any) -> Any:
            return g * factor, None

    x, factor = leaf(1.0), leaf(2.0)
    Scale()(x, factor).backward()
    assert (x.grad.item(), factor.grad) == (2.0, None)


def test_a_gradient_computed_with_numpy_takes_the_inputs_type() -> None:
    class Square(cr.Op):
        def forward(self, x: Any) -> Any:
            return x * x

        def backward(self, g: Any, x: Any) -> Any:
            return (2.0 * x.value * g.value).astype(np.float64)

    x = leaf([1.0, 3.0])
    Square()(x).sum().backward()
    assert x.grad.dtype is cr.float32
    assert x.grad.tolist() == [2.0, 6.0]


def test_differentiating_a_gradient_computed_with_numpy_is_an_error_not_a_zero() -> None:
    class Square(cr.Op):
        def forward(self, x: Any) -> Any:
            return x * x

        def backward(self, g: Any, x: Any) -> Any:
            return 2.0 * x.value * g.value

    with pytest.raises(errors.GradientError, match=r"derivative of Square.backward: requires"):
        cr.jvp(Square(), (cr.tensor(3.0),), (1.0,))


# --- the textbook's graph ------------------------------------------------------------------------


def test_every_node_of_a_graph_holds_its_gradient() -> None:
    x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
    total = x + y
    graph = cr.ComputationalGraph(total * z)
    graph.forward(x=1.0, y=-3.0, z=4.0)
    assert graph.backward() == {"x": 4.0, "y": 4.0, "z": -2.0}
    assert total.grad.item() == 4.0
    assert graph.outputs[0].grad.item() == 1.0


def test_unused_inputs_get_zeros() -> None:
    x, y = cr.input("x"), cr.input("y")
    graph = cr.ComputationalGraph([x * 2, y * 3])
    graph.forward(x=1.0, y=[1.0, 2.0])
    assert_allclose(graph.backward([1.0, [0.0, 0.0]])["y"], [0.0, 0.0])
    unused = cr.grad(lambda a, b: a * 2, argnums=1)
    assert unused(cr.tensor(1.0), cr.tensor([1.0, 2.0])).tolist() == [0.0, 0.0]


def test_a_graph_without_a_gradient_names_the_operation_that_cut_it() -> None:
    x = cr.input("x")
    graph = cr.ComputationalGraph((x > 0).astype("float32"))
    graph.forward(x=1.0)
    with pytest.raises(errors.GradientError, match=r"the gradient stops at 'greater'"):
        graph.backward()


def test_a_graph_may_run_backward_twice() -> None:
    x = cr.input("x")
    graph = cr.ComputationalGraph(x * x)
    graph.forward(x=3.0)
    assert graph.backward() == graph.backward() == {"x": 6.0}
