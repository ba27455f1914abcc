"""The numerical check finds wrong derivatives of first and of second order, and only those."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import errors


class Cube(cr.Op):
    """x^3 with a factor in its derivative that tests make wrong."""

    def __init__(self, factor=3.0):
        self.factor = factor

    def forward(self, x):
        return x**3

    def backward(self, g, x):
        return self.factor * g * x * x


class OnlyFirstOrder(Cube):
    """Right values, but the graph of the derivative does not depend on x."""

    def backward(self, g, x):
        return g * (3 * x.value**2)


X = cr.tensor([[0.5, -1.0, 2.0]], name="weights")


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (Cube(), [X]),
        (lambda x, y: x @ y, [np.ones((2, 3)), np.ones((3, 2))]),
        (lambda x: (x.exp(), x.sum(), x.astype("int32")), [X]),
        (lambda x, i: cr.take(x, i, axis=1), [X, np.array([0, 0, 2])]),
        (cr.floor, [[0.3, 1.7]]),
        (lambda x: cr.tensor(np.ones(3)), [X]),
        (cr.relu, [np.zeros((0, 2))]),
        (lambda x, y: x * y, [2.0, 3]),
    ],
)
def test_right_derivatives_pass(f, inputs):
    cr.check_gradients(f, inputs)


def test_one_input_needs_no_list():
    cr.check_gradients(cr.exp, X)


def test_higher_orders():
    cr.check_gradients(lambda x: x.sin() * x.exp(), [0.5], order=4)


def test_a_wrong_derivative_is_caught_and_described():
    with pytest.raises(errors.GradientCheckError) as info:
        cr.check_gradients(lambda weights: Cube(2.0)(weights).sum(), [X])
    text = str(info.value)
    assert "check_gradients(<lambda>): requires a first derivative" in text
    assert "input 0 ('weights'), shape (1, 3), equal to its numerical estimate" in text
    assert "first wrong component [0, 0]: gradient 0.5, numerical 0.75" in text


def test_the_first_wrong_component_is_shown():
    mask = np.array([1.0, 1.0, 0.0])
    f = lambda x: (x * x.detach() * mask + x * x * (1 - mask)).sum()
    with pytest.raises(
        errors.GradientCheckError, match=r"component \[1\]: gradient 2, numerical 4"
    ):
        cr.check_gradients(f, [cr.tensor([0.0, 2.0, 3.0])], order=1)


def test_large_inputs_are_not_searched_for_the_component():
    with pytest.raises(errors.GradientCheckError) as info:
        cr.check_gradients(lambda x: x * x.detach(), [np.ones(1000)])
    assert "component" not in str(info.value)


def test_the_input_that_is_wrong_is_named():
    with pytest.raises(errors.GradientCheckError, match=r"with respect to input 2, shape \(\),"):
        cr.check_gradients(lambda x, i, y: x * y.detach(), [1.5, 2, 2.5])


def test_a_derivative_that_is_wrong_only_in_second_order_is_caught_there():
    cr.check_gradients(OnlyFirstOrder(), [X], order=1)
    with pytest.raises(errors.GradientCheckError, match=r"requires a second derivative"):
        cr.check_gradients(OnlyFirstOrder(), [X])


def test_a_second_derivative_that_does_not_exist_can_be_left_out():
    class Numeric(Cube):
        def backward(self, g, x):
            return 3 * g.value * x.value**2

    cr.check_gradients(Numeric(), [X], order=1)
    with pytest.raises(errors.GradientError, match=r"derivative of Numeric.backward"):
        cr.check_gradients(Numeric(), [X])


def test_nan_never_agrees():
    with pytest.raises(
        errors.GradientCheckError, match=r"check_gradients\(log\): .* numerical nan"
    ):
        cr.check_gradients(cr.log, [cr.tensor([-1.0])])


def test_one_wrong_number_among_many():
    wrong = np.ones(10_000)
    wrong[7777] = 0.9
    f = lambda x: x * x.detach() * wrong + x * x * (1 - wrong / 2)
    with pytest.raises(errors.GradientCheckError):
        cr.check_gradients(f, [np.ones(10_000)], order=1)


def test_kinks_are_avoided():
    at_the_kink = np.array([0.0, 1e-7, -1e-7, 1.0])
    with pytest.raises(errors.GradientCheckError):
        cr.check_gradients(cr.relu, [at_the_kink])
    cr.check_gradients(cr.relu, [at_the_kink], kinks=(0.0,))


def test_inputs_are_left_alone():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    cr.check_gradients(cr.exp, [x], kinks=(1.0,))
    assert x.tolist() == [1.0, 2.0]
    assert x.grad is None
    assert x.dtype is cr.float32


def test_functions_that_compute_in_float32_are_refused():
    with pytest.raises(errors.GradientError, match=r"keeps float64; received .* float32; finite"):
        cr.check_gradients(lambda x: x.astype("float32"), [1.0])


def test_random_functions_are_refused():
    generator = np.random.default_rng(0)
    with pytest.raises(errors.GradientError, match=r"same result for the same inputs"):
        cr.check_gradients(lambda x: x * generator.random(), [1.0])


def test_arguments_are_checked():
    with pytest.raises(errors.ArgumentError, match=r"order >= 1, eps > 0, directions >= 1"):
        cr.check_gradients(cr.exp, [1.0], order=0)


def test_the_check_is_the_same_under_no_grad():
    with cr.no_grad():
        cr.check_gradients(Cube(), [X])
        with pytest.raises(errors.GradientCheckError):
            cr.check_gradients(Cube(2.0), [X])
