"""Pooling against a search of every window, and its corner cases."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional import pooling_windows

MAX = [F.max_pool1d, F.max_pool2d, F.max_pool3d]
AVG = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d]
ADAPTIVE_MAX = [F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d]
ADAPTIVE_AVG = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d]


def out_length(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    exact = (n + 2 * p - d * (k - 1) - 1) / s
    out = (math.ceil(exact) if ceil_mode else math.floor(exact)) + 1
    return out - 1 if ceil_mode and (out - 1) * s >= n + p else out


def window(i: int, n: int, k: int, s: int, p: int, d: int) -> list[int]:
    return [j for j in range(i * s - p, i * s - p + d * (k - 1) + 1, d) if 0 <= j < n]


@st.composite
def geometries(draw: Any) -> dict[str, Any]:
    rank = draw(st.integers(1, 3))
    k, d = draw(st.integers(1, 4 if rank < 3 else 2)), draw(st.integers(1, 2))
    span = d * (k - 1) + 1
    p = draw(st.integers(0, span // 2))
    sizes = [draw(st.integers(max(1, span - 2 * p), span + 4)) for _ in range(rank)]
    return {"sizes": sizes, "k": k, "s": draw(st.integers(1, 4)), "p": p, "d": d,
            "ceil_mode": draw(st.booleans())}  # fmt: skip


@given(geometries())
def test_max_pool_searches_every_window(g: dict[str, Any]) -> None:
    sizes, rank = g["sizes"], len(g["sizes"])
    x = spaced(2, *sizes)
    place = {name: g[name] for name in "kspd"}
    out = [out_length(n, **place, ceil_mode=g["ceil_mode"]) for n in sizes]
    y = MAX[rank - 1](x, g["k"], stride=g["s"], padding=g["p"], dilation=g["d"],
                      ceil_mode=g["ceil_mode"])  # fmt: skip
    assert y.shape == (2, *out)
    for i in itertools.product(*map(range, out)):
        taken = x[np.ix_(range(2), *[window(j, n, **place) for j, n in zip(i, sizes, strict=True)])]
        expected = taken.reshape(2, -1).max(axis=1) if taken.size else [-np.inf] * 2
        np.testing.assert_array_equal(y.numpy()[(slice(None), *i)], expected)


@given(geometries(), st.booleans())
def test_avg_pool_averages_every_window(g: dict[str, Any], include: bool) -> None:
    sizes, rank, k, s = g["sizes"], len(g["sizes"]), g["k"], g["s"]
    p = min(g["p"], k // 2)
    sizes = [max(n, k - 2 * p) for n in sizes]
    x = spaced(2, *sizes)
    out = [out_length(n, k, s, p, 1, g["ceil_mode"]) for n in sizes]
    y = AVG[rank - 1](
        x, k, stride=s, padding=p, ceil_mode=g["ceil_mode"], count_include_pad=include
    )
    assert y.shape == (2, *out)
    for i in itertools.product(*map(range, out)):
        places = [window(j, n, k, s, p, 1) for j, n in zip(i, sizes, strict=True)]
        if include:  # zeros of the padding count, what overhangs it does not
            counts = [
                min(j * s - p + k, n + p) - (j * s - p) for j, n in zip(i, sizes, strict=True)
            ]
        else:
            counts = list(map(len, places))
        total = x[np.ix_(range(2), *places)].reshape(2, -1).sum(axis=1)
        np.testing.assert_allclose(y.numpy()[(slice(None), *i)], total / math.prod(counts))


@given(
    st.lists(st.tuples(st.integers(1, 7), st.integers(1, 5)), min_size=1, max_size=3),
)
def test_adaptive_pools_cover_the_input(axes: list[tuple[int, int]]) -> None:
    sizes, out = [n for n, _ in axes], tuple(o for _, o in axes)
    x = spaced(2, *sizes)
    largest = ADAPTIVE_MAX[len(axes) - 1](x, out).numpy()
    mean = ADAPTIVE_AVG[len(axes) - 1](x, out).numpy()
    assert largest.shape == mean.shape == (2, *out)
    for i in itertools.product(*map(range, out)):
        bins = [
            range(math.floor(j * n / o), math.ceil((j + 1) * n / o))
            for j, (n, o) in zip(i, axes, strict=True)
        ]
        taken = x[np.ix_(range(2), *bins)].reshape(2, -1)
        np.testing.assert_array_equal(largest[(slice(None), *i)], taken.max(axis=1))
        np.testing.assert_allclose(mean[(slice(None), *i)], taken.mean(axis=1), atol=1e-12)


@pytest.mark.parametrize("size", [2, pooling_windows.FEW + 1])
def test_the_first_of_equal_maxima_gets_the_gradient(size: int) -> None:
    x = cr.tensor(np.zeros((1, size, size)), requires_grad=True)
    F.max_pool2d(x, size).sum().backward()
    assert x.grad is not None
    expected = np.zeros((1, size, size))
    expected[0, 0, 0] = 1
    np.testing.assert_array_equal(x.grad.numpy(), expected)


def test_the_first_maximum_is_the_first_row_by_row() -> None:
    x = cr.tensor([[[0.0, 1.0], [1.0, 0.0]]], requires_grad=True)
    F.max_pool2d(x, 2).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[[0.0, 1.0], [0.0, 0.0]]]


@pytest.mark.parametrize("size", [3, pooling_windows.FEW + 2])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_nan_is_the_largest(size: int, place: int) -> None:
    x = np.zeros((1, size))
    x[0, place] = np.nan
    assert np.isnan(F.max_pool1d(x, size).item())


def test_padding_never_wins() -> None:
    assert F.max_pool1d(cr.tensor([[-5.0, -7.0]]), 2, stride=1, padding=1).tolist() == [
        [-5.0, -5.0, -7.0]
    ]


def test_global_pools() -> None:
    x = spaced(2, 3, 4, 5)
    np.testing.assert_array_equal(F.global_max_pool(x).numpy(), x.max(axis=(2, 3)))
    np.testing.assert_allclose(F.global_avg_pool(x).numpy(), x.mean(axis=(2, 3)))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.max_pool2d(spaced(4, 4), 2), ShapeError, r"\(N, C, \*S\)"),
        (lambda: F.max_pool1d(spaced(1, 4), 5), ShapeError, "5 > 4"),
        (lambda: F.max_pool1d(spaced(1, 4), 2, padding=2), ArgumentError, "half of the window"),
        (lambda: F.avg_pool1d(spaced(1, 4), 0), ArgumentError, "kernel_size of avg_pool1d"),
        (lambda: F.avg_pool1d(spaced(1, 4), (2, 2)), ArgumentError, "one integer"),
        (lambda: F.adaptive_avg_pool1d(spaced(1, 4), 0), ArgumentError, "output_size"),
        (lambda: F.adaptive_avg_pool2d(spaced(1, 4, 4), (1, 2, 3)), ArgumentError, "output_size"),
        (lambda: F.adaptive_max_pool1d(np.zeros((1, 0)), 2), ShapeError, "length >= 1"),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
