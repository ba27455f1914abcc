"""Convolution against the defining sum, and its transpose as the adjoint."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ArgumentError, ShapeError

CONVOLUTIONS = [F.conv1d, F.conv2d, F.conv3d]
TRANSPOSED = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]


def defining_sum(
    x: np.ndarray, w: np.ndarray, stride: int, padding: int, dilation: int, groups: int
) -> np.ndarray:
    """y[n, o, i] = sum over c, k of x[n, c, i * s + k * d - p] * w[o, c, k], element by element."""
    rank, inner = x.ndim - 2, w.shape[1]
    x = np.pad(x, [(0, 0)] * 2 + [(padding, padding)] * rank)
    spans = [dilation * (k - 1) + 1 for k in w.shape[2:]]
    out = [(n - span) // stride + 1 for n, span in zip(x.shape[2:], spans, strict=True)]
    y = np.zeros((len(x), len(w), *out))
    for o, *place in itertools.product(range(len(w)), *map(range, out)):
        first = o // (len(w) // groups) * inner
        window = tuple(
            slice(i * stride, i * stride + span, dilation)
            for i, span in zip(place, spans, strict=True)
        )
        terms = x[(slice(None), slice(first, first + inner), *window)] * w[o]
        y[(slice(None), o, *place)] = terms.sum(axis=tuple(range(1, terms.ndim)))
    return y


@st.composite
def geometries(draw: Any) -> dict[str, Any]:
    rank = draw(st.integers(1, 3))
    kernel = draw(st.lists(st.integers(1, 3), min_size=rank, max_size=rank))
    dilation, padding = draw(st.integers(1, 2)), draw(st.integers(0, 2))
    least = [max(1, dilation * (k - 1) + 1 - 2 * padding) for k in kernel]
    return {
        "size": [draw(st.integers(n, n + 3)) for n in least], "kernel": kernel,
        "batch": draw(st.integers(0, 2)), "inner": draw(st.integers(1, 2)),
        "outputs": draw(st.integers(1, 2)), "groups": draw(st.integers(1, 2)),
        "stride": draw(st.integers(1, 3)), "padding": padding, "dilation": dilation,
    }  # fmt: skip


@given(geometries())
def test_convolution_is_the_defining_sum(g: dict[str, Any]) -> None:
    x = spaced(g["batch"], g["groups"] * g["inner"], *g["size"])
    w = spaced(g["groups"] * g["outputs"], g["inner"], *g["kernel"])
    options = {name: g[name] for name in ("stride", "padding", "dilation", "groups")}
    y = CONVOLUTIONS[len(g["kernel"]) - 1](x, w, **options)
    np.testing.assert_allclose(y.numpy(), defining_sum(x, w, **options), atol=1e-12)


@given(geometries())
def test_transposed_convolution_is_the_adjoint(g: dict[str, Any]) -> None:
    x = spaced(g["batch"], g["groups"] * g["inner"], *g["size"])
    w = spaced(g["groups"] * g["outputs"], g["inner"], *g["kernel"])
    options = {name: g[name] for name in ("stride", "padding", "dilation", "groups")}
    y = defining_sum(x, w, **options)
    u = spaced(*y.shape, seed=1)
    # What the stride leaves over at the end of x comes back as output padding.
    span = [g["dilation"] * (k - 1) + 1 - 2 * g["padding"] for k in g["kernel"]]
    extra = tuple((n - s) % g["stride"] for n, s in zip(g["size"], span, strict=True))
    back = TRANSPOSED[len(g["kernel"]) - 1](u, w, **options, output_padding=extra)
    assert back.shape == x.shape
    np.testing.assert_allclose((back.numpy() * x).sum(), (u * y).sum(), atol=1e-9)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("dilation", [1, 2])
def test_same_padding_keeps_the_length(kernel: int, dilation: int) -> None:
    x, w = spaced(1, 1, 9), np.ones((1, 1, kernel))
    y = F.conv1d(x, w, padding="same", dilation=dilation)
    assert y.shape == x.shape
    total = dilation * (kernel - 1)
    padded = np.pad(x, [(0, 0), (0, 0), (total // 2, total - total // 2)])
    np.testing.assert_allclose(
        y.numpy(), F.conv1d(padded, w, padding="valid", dilation=dilation).numpy()
    )


def test_one_sample_needs_no_batch_axis() -> None:
    x, w, b = spaced(2, 4, 4), spaced(3, 2, 3, 3), spaced(3)
    np.testing.assert_allclose(F.conv2d(x, w, b).numpy(), F.conv2d(x[None], w, b).numpy()[0])
    v = spaced(2, 3, 3, 3)
    np.testing.assert_allclose(
        F.conv_transpose2d(x, v, b).numpy(), F.conv_transpose2d(x[None], v, b).numpy()[0]
    )


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: F.conv2d(spaced(1, 2, 4, 4), spaced(3, 3, 2, 2)), ShapeError, "C = 2"),
        (lambda: F.conv2d(spaced(1, 2, 4, 4), spaced(3, 2, 5, 2)), ShapeError, "kernel that fits"),
        (lambda: F.conv2d(spaced(4, 4), spaced(3, 2, 5, 2)), ShapeError, r"x \(N, C, H, W\)"),
        (lambda: F.conv2d(spaced(1, 2, 4, 4), spaced(3, 2, 5)), ShapeError, "weight of 4 axes"),
        (lambda: F.conv1d(spaced(1, 1, 4), spaced(1, 1, 2), stride=0), ArgumentError, "stride of"),
        (lambda: F.conv1d(spaced(1, 1, 4), spaced(1, 1, 2), stride=(1, 1)), ArgumentError, "one"),
        (lambda: F.conv1d(spaced(1, 1, 4), spaced(1, 1, 2), padding="full"), ArgumentError, "same"),
        (
            lambda: F.conv1d(spaced(1, 1, 4), spaced(1, 1, 2), padding="same", stride=2),
            ArgumentError, "stride 1",
        ),
        (
            lambda: F.conv_transpose1d(spaced(1, 1, 4), spaced(1, 1, 2), output_padding=1),
            ArgumentError, "less than the stride",
        ),
        (
            lambda: F.conv_transpose1d(spaced(1, 3, 4), spaced(3, 1, 2), groups=2),
            ShapeError, "divisible by groups",
        ),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_a_convolution_names_the_axis_that_it_cannot_use() -> None:
    with pytest.raises(ShapeError, match="known shape"):
        F.conv2d(cr.input("x"), np.ones((1, 1, 2, 2)))
