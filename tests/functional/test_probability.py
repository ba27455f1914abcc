"""Random choices by Gumbel's distribution."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError
from chainrule.ops.random import Generator


def test_choices_are_as_likely_as_softmax_says() -> None:
    logits = cr.log(cr.tensor(np.tile([0.1, 0.2, 0.7], (20000, 1))))
    drawn = F.gumbel_softmax(logits, hard=True, generator=Generator(0)).numpy()
    assert set(np.unique(drawn)) == {0, 1}
    assert (drawn.sum(1) == 1).all()
    np.testing.assert_allclose(drawn.mean(0), [0.1, 0.2, 0.7], atol=0.015)


def test_a_hard_choice_has_the_gradient_of_the_soft_one() -> None:
    gradients = []
    for hard in (False, True):
        x = cr.tensor(np.array([[0.3, -0.2, 1.0], [0.0, 1.0, 2.0]]), requires_grad=True)
        y = F.gumbel_softmax(x, tau=0.5, hard=hard, axis=0, generator=Generator(1))
        (y * np.array([[1.0, 2, 3], [4, 5, 6]])).sum().backward()
        assert x.grad is not None
        gradients.append(x.grad.numpy())
        np.testing.assert_allclose(y.numpy().sum(0), 1.0)
    np.testing.assert_array_equal(*gradients)


def test_a_temperature_of_zero_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="tau > 0"):
        F.gumbel_softmax(cr.ones(3), tau=0.0)
