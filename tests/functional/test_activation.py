"""Activations at values worked out by hand, at their corners, and far out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, ShapeError

E = math.e


@pytest.mark.parametrize(
    ("function", "at", "value"),
    [
        (F.relu, -3.0, 0.0),
        (F.leaky_relu, -2.0, -0.02),
        (F.elu, -1.0, 1 / E - 1),
        (F.celu, -1.0, 1 / E - 1),
        (F.selu, -1.0, 1.0507009873554805 * 1.6732632423543772 * (1 / E - 1)),
        (F.gelu, 1.0, 0.5 * (1 + math.erf(math.sqrt(0.5)))),
        (F.silu, 1.0, E / (1 + E)),
        (F.mish, 1.0, math.tanh(math.log(1 + E))),
        (F.softplus, 0.0, math.log(2)),
        (F.softsign, -4.0, -0.8),
        (F.sigmoid, math.log(3), 0.75),
        (F.log_sigmoid, 0.0, -math.log(2)),
        (F.tanh, 0.5, math.tanh(0.5)),
        (F.tanhshrink, 0.5, 0.5 - math.tanh(0.5)),
        (F.hardtanh, 1.7, 1.0),
        (F.hardsigmoid, 1.5, 0.75),
        (F.hardswish, 1.5, 1.125),
        (F.hardshrink, 0.5, 0.0),
        (F.softshrink, -0.75, -0.25),
        (F.relu6, 7.0, 6.0),
    ],
)
def test_values(function: Callable[..., cr.Tensor], at: float, value: float) -> None:
    assert function(np.float64(at)).item() == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        (F.relu, 0.0, 0.0),
        (F.leaky_relu, 0.0, 0.01),
        (F.elu, 0.0, 1.0),
        (F.celu, 0.0, 1.0),
        (F.softplus, 0.0, 0.5),
        (F.softsign, 0.0, 1.0),
        (F.hardtanh, 1.0, 0.0),
        (F.relu6, 6.0, 0.0),
        (F.relu6, 0.0, 0.0),
        (F.hardsigmoid, 3.0, 0.0),
        (F.hardshrink, 0.5, 0.0),
        (F.softshrink, 0.5, 0.0),
    ],
)
def test_slopes_at_corners(function: Callable[..., cr.Tensor], at: float, slope: float) -> None:
    x = cr.tensor(at, requires_grad=True)
    function(x).backward()
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(slope)


@pytest.mark.parametrize("name", sorted(F.activation.__all__))
def test_values_and_slopes_stay_finite_far_out(name: str) -> None:
    x = cr.tensor([-1e4, -100.0, 100.0, 1e4], requires_grad=True)
    extra = {"threshold": (0.0, 0.0), "prelu": (0.1,)}.get(name, ())
    with cr.detect_anomalies():
        getattr(F, name)(x, *extra).sum().backward()
    assert x.grad is not None
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("function", [F.softmax, F.softmin])
def test_probabilities_add_up_and_do_not_overflow(function: Callable[..., cr.Tensor]) -> None:
    y = function(cr.tensor([[1e4, -1e4, 1e4], [0.0, 1.0, 2.0]]), axis=1)
    np.testing.assert_allclose(y.sum(axis=1).numpy(), [1, 1], rtol=1e-6)
    assert y.numpy()[0].max() == (0.5 if function is F.softmax else 1.0)


def test_log_softmax_is_exact_for_small_probabilities() -> None:
    assert F.log_softmax(cr.tensor([0.0, 1000.0])).tolist() == [-1000.0, 0.0]


def test_softplus_is_linear_beyond_the_threshold() -> None:
    x = cr.tensor([25.0, 1e30])
    assert F.softplus(x).tolist() == x.tolist()


def test_prelu_has_one_slope_for_each_channel() -> None:
    x = cr.tensor([[[-1.0, 2.0], [-1.0, -2.0]]])
    y = F.prelu(x, cr.tensor([0.5, 0.25]))
    assert y.tolist() == [[[-0.5, 2.0], [-0.25, -0.5]]]
    with pytest.raises(ShapeError, match="2 channels"):
        F.prelu(x, cr.tensor([1.0, 2.0, 3.0]))


def test_errors() -> None:
    with pytest.raises(ShapeError, match=r"even x.shape\[-1\]; received 3"):
        F.glu(cr.tensor([1.0, 2.0, 3.0]))
    with pytest.raises(ArgumentError, match="'none' or 'tanh'; received 'sigmoid'"):
        F.gelu(1.0, approximate="sigmoid")
