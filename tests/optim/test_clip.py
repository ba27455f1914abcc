"""Limits on gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.errors import AnomalyError, ArgumentError
from chainrule.optim import clip_grad_norm, clip_grad_value


def with_gradients(*gradients: list[float]) -> list[cr.Tensor]:
    made = []
    for values in gradients:
        w = cr.tensor(np.zeros(len(values), np.float32), requires_grad=True)
        w.grad = cr.tensor(np.array(values, np.float32))
        made.append(w)
    return made


@given(
    st.lists(
        st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=4), min_size=1, max_size=3
    ),
    st.floats(0.1, 20),
    st.sampled_from([1.0, 2.0, 3.0, math.inf]),
)
def test_the_norm_of_all_gradients_is_limited(
    gradients: list[list[float]], limit: float, p: float
) -> None:
    parameters = with_gradients(*gradients)
    flat = np.concatenate([np.array(g) for g in gradients])
    before = float(np.linalg.norm(flat, p))
    norm = clip_grad_norm(parameters, limit, p)
    assert norm.shape == ()
    assert norm.item() == pytest.approx(before, rel=1e-5, abs=1e-5)
    after = np.concatenate([w.grad.numpy() for w in parameters if w.grad is not None])
    assert np.linalg.norm(after, p) <= limit * (1 + 1e-5)
    factor = min(1.0, limit / (before + 1e-6))
    np.testing.assert_allclose(after, flat * factor, rtol=1e-4, atol=1e-5)


def test_parameters_without_gradient_are_skipped() -> None:
    lonely = cr.tensor([1.0], requires_grad=True)
    assert clip_grad_norm([lonely], 1.0).item() == 0.0
    clip_grad_value(lonely, 1.0)
    assert lonely.grad is None


def test_elements_are_limited() -> None:
    (w,) = with_gradients([3.0, -0.5, -7.0])
    clip_grad_value([w], 2.0)
    assert w.grad is not None
    assert w.grad.tolist() == [2.0, -0.5, -2.0]


def test_the_data_type_of_a_gradient_stays() -> None:
    w = cr.tensor([1.0], "float16", requires_grad=True)
    w.grad = cr.tensor([4.0], "float16")
    clip_grad_norm([w], 1.0)
    assert w.grad.dtype is cr.float16
    assert w.grad.item() == pytest.approx(1.0, rel=1e-3)


def test_bad_limits_and_norms_are_refused() -> None:
    (w,) = with_gradients([math.nan])
    with pytest.raises(ArgumentError, match="max_norm >= 0"):
        clip_grad_norm([w], -1.0)
    with pytest.raises(ArgumentError, match="clip_value >= 0"):
        clip_grad_value([w], math.nan)
    with pytest.raises(AnomalyError, match="the norm of the gradients is nan"):
        clip_grad_norm([w], 1.0, error_if_nonfinite=True)
