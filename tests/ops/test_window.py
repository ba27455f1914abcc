"""Sliding windows, and the overlap-add that undoes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, ShapeError

Ints = tuple[int, ...]


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def slides(data: st.DrawFn) -> tuple[Ints, Ints, dict[str, Ints]]:
    """A shape, and windows that fit on its last axes."""
    rank = data(st.integers(1, 3))
    each = lambda low, high: tuple(data(st.integers(low, high)) for _ in range(rank))
    front = tuple(data(st.lists(st.integers(0, 2), max_size=2)))
    lengths, size, stride, dilation = each(1, 8), each(1, 3), each(1, 3), each(1, 2)
    spans = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    assume(all(s <= n for s, n in zip(spans, lengths, strict=True)))
    return (*front, *lengths), size, {"stride": stride, "dilation": dilation}


@given(slides(), st.booleans())
def test_windows_are_the_slices_that_they_should_be(
    slide: tuple[Ints, Ints, dict[str, Ints]], turned: bool
) -> None:
    shape, size, steps = slide
    x = draw(*shape)
    x = np.asfortranarray(x) if turned else x
    y = cr.windows(x, size, **steps).value
    front, rank = len(shape) - len(size), len(size)
    for place in np.ndindex(*y.shape[front:]):
        at = [
            place[a] * steps["stride"][a] + place[a + rank] * steps["dilation"][a]
            for a in range(rank)
        ]
        np.testing.assert_array_equal(y[(..., *place)], x[(..., *at)])


@given(slides())
def test_folding_is_the_adjoint(slide: tuple[Ints, Ints, dict[str, Ints]]) -> None:
    """<windows(x), g> == <x, fold(g)>, and each is the gradient of the other."""
    shape, size, steps = slide
    lengths = shape[len(shape) - len(size) :]
    x = cr.tensor(draw(*shape), requires_grad=True)
    y = cr.windows(x, size, **steps)
    g = cr.tensor(draw(*y.shape, seed=1), requires_grad=True)
    folded = cr.fold_windows(g, lengths, **steps)
    np.testing.assert_allclose((y.value * g.value).sum(), (x.value * folded.value).sum())
    y.backward(g.detach())
    folded.backward(x.detach())
    assert x.grad is not None
    assert g.grad is not None
    np.testing.assert_array_equal(x.grad.value, folded.value)
    np.testing.assert_array_equal(g.grad.value, y.value)


def test_windows_copy_nothing() -> None:
    x = cr.tensor(draw(4, 5))
    assert np.shares_memory(cr.windows(x, (2, 2)).data, x.data)


def test_the_result_of_folding_keeps_the_order_in_memory() -> None:
    """So that elementwise operations and convolutions that follow find it as they left it."""
    batch_last = np.moveaxis(draw(3, 6, 6, 2), -1, 0)
    g = cr.windows(batch_last, (2, 2), stride=2) * 1.0
    folded = cr.fold_windows(g, (6, 6), stride=2).data
    assert folded.strides == batch_last.strides


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.windows(draw(2, 3), 4), ShapeError,
         "windows: requires windows that fit: out = floor((n - dilation * (k - 1) - 1) / stride)"
         " + 1 >= 1; received out = (0,) of n = (3,), k = (4,), dilation = (1,); pad the input"),
        (lambda: cr.windows(draw(3), (2, 2)), ShapeError,
         "windows: requires at least 2 axes; received shape (3,)"),
        (lambda: cr.windows(draw(3), 0), ArgumentError,
         "windows, size: requires a number >= 1; received 0"),
        (lambda: cr.windows(draw(3, 3), (2, 2), stride=(1, 1, 1)), ArgumentError,
         "windows, stride: requires a number >= 1, or 2 of them; received (1, 1, 1)"),
        (lambda: cr.windows(draw(3), 2, dilation=-1), ArgumentError, "windows, dilation: requires"),
        (lambda: cr.fold_windows(draw(2, 2), 5), ShapeError,
         "fold_windows: requires shape (..., *out, *k), out = floor((n - dilation * (k - 1) - 1)"
         " / stride) + 1; received shape (2, 2) for n = (5,), stride = (1,), dilation = (1,)"),
        (lambda: cr.fold_windows(draw(2), 2), ShapeError, "received shape (2,)"),
        (lambda: cr.fold_windows(draw(2, 2), ()), ArgumentError,
         "fold_windows, lengths: requires a number >= 1; received ()"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
