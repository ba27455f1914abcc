"""grad, value_and_grad, vjp, jvp, hessian: closed forms, nested, with closures, on trees."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import chainrule as cr
from chainrule import errors


def double(value):
    return cr.tensor(np.asarray(value, np.float64))


# --- any order -----------------------------------------------------------------------------------

CLOSED_FORMS = {
    "exp": (cr.exp, [math.exp] * 5),
    "sin": (cr.sin, [math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x), math.sin]),
    "log": (
        cr.log,
        [math.log, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3, lambda x: -6 / x**4],
    ),
    "x^5": (
        lambda x: x**5,
        [
            lambda x: x**5,
            lambda x: 5 * x**4,
            lambda x: 20 * x**3,
            lambda x: 60 * x**2,
            lambda x: 120 * x,
        ],
    ),
    "x exp x": (
        lambda x: x * x.exp(),
        [lambda x, n=n: (x + n) * math.exp(x) for n in range(5)],
    ),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
@pytest.mark.parametrize("order", range(5))
def test_derivatives_of_any_order(name, order):
    f, derivatives = CLOSED_FORMS[name]
    for _ in range(order):
        f = cr.grad(f)
    assert_allclose(f(double(1.3)).item(), derivatives[order](1.3), rtol=1e-12)


def test_mixed_derivatives_of_different_arguments():
    f = lambda x, y: (x * y).sin()
    xy = cr.grad(cr.grad(f, 0), 1)(double(0.5), double(2.0)).item()
    assert_allclose(xy, math.cos(1.0) - math.sin(1.0), rtol=1e-12)


def test_a_gradient_inside_of_a_function_that_is_differentiated():
    f = lambda x: x * cr.grad(lambda y: x * y**2)(double(3.0))  # 6 x^2
    assert cr.grad(f)(double(5.0)).item() == 60.0


def test_the_inner_variable_is_not_confused_with_the_outer_one():
    f = lambda x: x * cr.grad(lambda y: x + y)(double(1.0))  # d/dy (x + y) = 1, so f = x
    assert cr.grad(f)(double(1.0)).item() == 1.0


def test_gradients_of_an_argument_through_its_own_gradient_step():
    loss = lambda w: ((w - 3.0) ** 2).sum()
    step = lambda w: w - 0.25 * cr.grad(loss)(w)  # w' - 3 = (w - 3) / 2
    assert_allclose(cr.grad(lambda w: loss(step(w)))(double(7.0)).item(), 2 * 4 / 4)


# --- what comes back -----------------------------------------------------------------------------


def test_value_and_grad():
    value, gradient = cr.value_and_grad(lambda x: (x * x).sum())(cr.tensor([1.0, 2.0]))
    assert value.item() == 5.0
    assert gradient.tolist() == [2.0, 4.0]
    assert gradient.dtype is cr.float32
    assert not value.requires_grad
    assert not gradient.requires_grad


def test_several_arguments_and_keywords():
    f = lambda x, y, *, power: (x**power * y).sum()
    gx, gy = cr.grad(f, argnums=(0, -1))(double(2.0), double(5.0), power=3)
    assert (gx.item(), gy.item()) == (60.0, 8.0)


def test_has_aux_passes_more_results_on():
    f = lambda x: (x * x, {"twice": 2 * x, "name": "square"})
    (value, more), gradient = cr.value_and_grad(f, has_aux=True)(double(3.0))
    assert (value.item(), more["twice"].item(), more["name"]) == (9.0, 6.0, "square")
    assert gradient.item() == 6.0
    assert cr.grad(f, has_aux=True)(double(3.0))[0].item() == 6.0


def test_structures_of_tensors():
    parameters = {"weight": double([1.0, 2.0]), "rest": (double(3.0), [double(4.0)])}
    f = lambda p: (p["weight"] * p["rest"][0]).sum() + p["rest"][1][0] ** 2
    gradient = cr.grad(f)(parameters)
    assert list(gradient) == ["weight", "rest"]
    assert gradient["weight"].tolist() == [3.0, 3.0]
    assert isinstance(gradient["rest"], tuple)
    assert gradient["rest"][0].item() == 3.0
    assert gradient["rest"][1][0].item() == 8.0


def test_arrays_and_numbers_as_arguments():
    assert cr.grad(lambda x: x * x)(3.0).item() == 6.0
    assert cr.grad(lambda x: (x * x).sum())(np.array([1.0, 2.0])).dtype is cr.float64


def test_zero_elements():
    assert cr.grad(lambda x: x.sum())(np.zeros((0, 3))).shape == (0, 3)


def test_the_wrapped_function_keeps_its_name():
    def loss(x):
        """Square."""
        return x * x

    assert cr.grad(loss).__name__ == cr.hessian(loss).__name__ == "loss"
    assert cr.value_and_grad(loss).__doc__ == "Square."


# --- closures ------------------------------------------------------------------------------------


def test_a_closed_over_leaf_is_differentiated_through_the_gradient():
    w = cr.tensor(3.0, requires_grad=True)
    slope = cr.grad(lambda x: (w * x) ** 2)(2.0)  # 2 w^2 x
    slope.backward()
    assert slope.item() == 36.0
    assert w.grad.item() == 24.0


def test_a_closed_over_leaf_gets_no_gradient_by_itself():
    w = cr.tensor(3.0, requires_grad=True)
    cr.grad(lambda x: (w * x) ** 2)(2.0)
    assert w.grad is None


def test_an_argument_with_a_history_keeps_it():
    w = cr.tensor(3.0, requires_grad=True)
    cr.grad(lambda x: x**3)(w * w).backward()  # 3 w^4
    assert w.grad.item() == 4 * 3 * 27.0


def test_the_gradient_of_a_leaf_does_not_touch_its_grad():
    w = cr.tensor(3.0, requires_grad=True)
    assert cr.grad(lambda x: x * x)(w).item() == 6.0
    assert w.grad is None


def test_under_no_grad_derivatives_work_but_have_no_history():
    w = cr.tensor(3.0, requires_grad=True)
    with cr.no_grad():
        value, gradient = cr.value_and_grad(lambda x: (w * x) ** 2)(w)
        second = cr.grad(cr.grad(lambda x: w * x**3))(2.0)
    assert (gradient.item(), second.item()) == (54.0, 36.0)
    assert not value.requires_grad
    assert not gradient.requires_grad
    assert not second.requires_grad


# --- vjp, jvp ------------------------------------------------------------------------------------


def test_vjp_may_be_pulled_back_many_times_and_differentiated():
    x = double([1.0, 2.0])
    value, pullback = cr.vjp(lambda v: v**2, x)
    assert value.tolist() == [1.0, 4.0]
    assert pullback(double([1.0, 0.0]))[0].tolist() == [2.0, 0.0]
    assert pullback(double([0.0, 1.0]))[0].tolist() == [0.0, 4.0]
    in_u = cr.grad(lambda u: (pullback(u)[0] ** 2).sum())(double([1.0, 1.0]))
    assert in_u.tolist() == [8.0, 32.0]


def test_the_cotangent_of_one_number_may_be_left_out():
    assert cr.vjp(lambda x: x**3, double(2.0))[1]()[0].item() == 12.0


def test_arguments_and_results_that_are_not_floating():
    indices = np.array([1, 0, 1])
    f = lambda x, i: {"y": cr.take(x, i), "i": cr.tensor(i) + 1}
    x = double([3.0, 5.0])
    value, pullback = cr.vjp(f, x, indices)
    assert value["i"].tolist() == [2, 1, 2]
    assert pullback({"y": double([1.0, 10.0, 100.0]), "i": None})[0].tolist() == [10.0, 101.0]
    assert pullback({"i": None, "y": double([1.0, 1.0, 1.0])})[1] is None
    tangent = cr.jvp(f, (x, indices), (double([1.0, 10.0]), None))[1]
    assert tangent["y"].tolist() == [10.0, 1.0, 10.0]
    assert tangent["i"] is None


def test_jvp_of_a_result_that_does_not_depend_on_the_argument():
    value, tangent = cr.jvp(lambda x: cr.tensor([1.0, 2.0]), (3.0,), (1.0,))
    assert value.tolist() == [1.0, 2.0]
    assert tangent.tolist() == [0.0, 0.0]


def test_jvp_nests():
    f = lambda x: x**4
    first = lambda x: cr.jvp(f, (x,), (double(1.0),))[1]
    second = lambda x: cr.jvp(first, (x,), (double(1.0),))[1]
    assert second(double(2.0)).item() == 48.0
    assert cr.grad(second)(double(2.0)).item() == 48.0


FUNCTIONS = {
    "elementwise": lambda x: x.sin() * x.exp(),
    "softmax": lambda x: (x - cr.logsumexp(x, axis=-1, keepdims=True)).exp(),
    "matmul": lambda x: x @ x.mT,
    "variance": lambda x: x.var(axis=0),
    "movement": lambda x: cr.concat([x.mT.reshape(-1), x[0, ::2] ** 2], axis=0),
    "two": lambda x: (x.sum(), x * x.sum()),
    "number": lambda x: (x * x).mean(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=8, deadline=None)
@given(shape=st.tuples(st.integers(1, 3), st.integers(1, 3)), seed=st.integers(0, 2**32 - 1))
def test_jvp_and_vjp_are_transposes(name, shape, seed):
    f, generator = FUNCTIONS[name], np.random.default_rng(seed)
    x, v = (double(generator.standard_normal(shape)) for _ in range(2))
    value, tangent = cr.jvp(f, (x,), (v,))
    parts = zip(*[t if isinstance(t, tuple) else (t,) for t in (value, tangent)], strict=True)
    cotangents, left = [], 0.0
    for y, moved in parts:
        cotangents.append(double(generator.standard_normal(y.shape)))
        left += (cotangents[-1] * moved).sum().item()
    pullback = cr.vjp(f, x)[1]
    (gradient,) = pullback(tuple(cotangents) if isinstance(value, tuple) else cotangents[0])
    assert_allclose(left, (gradient * v).sum().item(), rtol=1e-10, atol=1e-12)


def test_jvp_against_a_difference_quotient():
    f, x, v = FUNCTIONS["softmax"], np.array([[0.1, 0.5, -1.0]]), np.array([[1.0, -2.0, 0.5]])
    tangent = cr.jvp(f, (x,), (v,))[1]
    h = 1e-6
    numerical = (f(double(x + h * v)).value - f(double(x - h * v)).value) / (2 * h)
    assert_allclose(tangent.value, numerical, rtol=1e-7)


# --- hessian -------------------------------------------------------------------------------------


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def hessian_of_rosenbrock(x):
    h = np.diag(-400 * x[:-1], 1)
    h += h.T
    diagonal = np.full(len(x), 200.0)
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    diagonal[-1], diagonal[0] = 200.0, 1200 * x[0] ** 2 - 400 * x[1] + 2
    return h + np.diag(diagonal)


def test_hessian_of_rosenbrock():
    x = np.array([-1.2, 1.0, 0.7, 2.0])
    assert_allclose(cr.hessian(rosenbrock)(double(x)).value, hessian_of_rosenbrock(x), rtol=1e-12)


def test_hessian_vector_product():
    x, v = np.array([-1.2, 1.0, 0.7, 2.0]), np.array([1.0, -2.0, 0.5, 3.0])
    product = cr.jvp(cr.grad(rosenbrock), (double(x),), (double(v),))[1]
    assert_allclose(product.value, hessian_of_rosenbrock(x) @ v, rtol=1e-12)


def test_hessian_is_differentiable():
    third = cr.grad(lambda x: cr.hessian(lambda v: (v**4).sum())(x).sum())(double([1.0, 2.0]))
    assert third.tolist() == [24.0, 48.0]


def test_hessian_has_the_shape_of_the_argument_twice():
    x = double(np.arange(6.0).reshape(2, 3))
    h = cr.hessian(lambda v: (v**3).sum())(x)
    assert h.shape == (2, 3, 2, 3)
    assert_allclose(h.value.reshape(6, 6), np.diag(6 * np.arange(6.0)))


def test_hessian_of_several_arguments_has_blocks():
    f = lambda x, y: x * (y**2).sum()
    (xx, xy), (yx, yy) = cr.hessian(f, argnums=(0, 1))(double(3.0), double([1.0, 2.0]))
    assert xx.item() == 0.0
    assert xy.tolist() == yx.tolist() == [2.0, 4.0]
    assert yy.tolist() == [[6.0, 0.0], [0.0, 6.0]]


def test_hessian_of_a_linear_function_is_zero():
    assert cr.hessian(lambda x: (3 * x).sum())(double([1.0, 2.0])).tolist() == [[0.0] * 2] * 2


def test_hessian_of_no_elements():
    assert cr.hessian(lambda x: x.sum())(np.zeros(0)).shape == (0, 0)


# --- symbolic ------------------------------------------------------------------------------------


def test_derivatives_are_graphs_too():
    x = cr.input("x", shape=(2,))
    f = lambda v: (v**3).sum()
    graph = cr.ComputationalGraph(
        [cr.grad(f)(x), cr.hessian(f)(x), cr.jvp(cr.grad(f), (x,), ([1.0, 0.0],))[1]]
    )
    first, second, product = graph.forward(x=[1.0, 2.0])
    assert first.tolist() == [3.0, 12.0]
    assert second.tolist() == [[6.0, 0.0], [0.0, 12.0]]
    assert product.tolist() == [6.0, 0.0]


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [lambda x: x, lambda x: 1.0, lambda x: (x.sum(), 1), lambda x: x > 0])
def test_grad_needs_one_floating_number(f):
    with pytest.raises(errors.GradientError, match=r"grad: requires a function that returns one"):
        cr.grad(f)(cr.tensor([1.0, 2.0]))


def test_grad_with_respect_to_integers():
    with pytest.raises(errors.GradientError, match=r"floating type; received int64; give it as"):
        cr.grad(lambda x: x * 1.0)(3)


def test_argnums_out_of_range():
    with pytest.raises(errors.ArgumentError, match=r"argnums among the 1 positional arguments"):
        cr.grad(lambda x: x, argnums=1)(1.0)


def test_hessian_of_a_structure():
    with pytest.raises(errors.ArgumentError, match=r"hessian: requires arguments that are tensors"):
        cr.hessian(lambda p: p[0] * p[1])((1.0, 2.0))


def test_a_tangent_of_the_wrong_shape():
    with pytest.raises(errors.ShapeError, match=r"tangent of the argument's shape \(2,\)"):
        cr.jvp(lambda x: x, ([cr.tensor([1.0, 2.0])],), ([1.0],))


def test_a_cotangent_of_the_wrong_structure():
    pullback = cr.vjp(lambda x: (x, x), 1.0)[1]
    with pytest.raises(
        errors.ArgumentError, match=r"requires the structure \(\*, \*\); received \*"
    ):
        pullback(1.0)
