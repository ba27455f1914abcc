"""Local contrast against sums over neighbourhoods, as Torch7 states them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule.errors import ShapeError

KERNEL = np.array([[1.0, 2.0, 1.0], [0.5, 3.0, 1.0], [1.0, 2.0, 2.0]])


def local(values: np.ndarray) -> np.ndarray:
    """Return the weighted mean over all channels and the window, pixel by pixel."""
    channels, height, width = values.shape
    weights = KERNEL / (KERNEL.sum() * channels)
    out = np.zeros((height, width))
    for i, j in np.ndindex(height, width):
        for k, m in np.ndindex(3, 3):
            if 0 <= i + k - 1 < height and 0 <= j + m - 1 < width:
                out[i, j] += weights[k, m] * values[:, i + k - 1, j + m - 1].sum()
    return out


def test_subtractive_and_divisive_normalisation_are_torch7s() -> None:
    x = spaced(3, 4, 5)
    inside = local(np.ones_like(x))
    centred = x - local(x) / inside
    np.testing.assert_allclose(F.subtractive_norm2d(x, KERNEL).numpy(), centred, atol=1e-12)
    deviation = np.sqrt(local(centred**2)) / inside
    expected = centred / np.where(deviation > 1.1, deviation, 1.5)
    y = F.contrastive_norm2d(x, KERNEL, threshold=1.1, thresval=1.5)
    np.testing.assert_allclose(y.numpy(), expected, atol=1e-12)
    assert ((deviation > 1.1).any(), (deviation > 1.1).all()) == (True, False)


def test_a_constant_image_becomes_zero_with_finite_gradients() -> None:
    x = cr.tensor(np.full((1, 2, 6, 7), 3.0), requires_grad=True)
    y = F.contrastive_norm2d(x)
    np.testing.assert_allclose(y.numpy(), 0.0, atol=1e-9)
    (y.sum() + F.mean_variance_norm(x).sum()).backward()
    assert x.grad is not None
    assert np.isfinite(x.grad.numpy()).all()


def test_mean_and_variance_are_those_of_each_channel() -> None:
    x = spaced(2, 3, 4, 5)
    y = F.mean_variance_norm(x).numpy()
    np.testing.assert_allclose(y.mean((2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((2, 3)), 1, rtol=1e-6)
    both = F.mean_variance_norm(x, across_channels=True).numpy()
    np.testing.assert_allclose(both.std((1, 2, 3)), 1, rtol=1e-6)


@pytest.mark.parametrize("kernel", [np.ones((2, 3)), np.ones((3, 3, 3))])
def test_kernels_have_odd_lengths(kernel: np.ndarray) -> None:
    with pytest.raises(ShapeError, match="odd lengths"):
        F.subtractive_norm2d(spaced(1, 4, 4), kernel)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"\(N, C, H, W\)"):
        F.subtractive_norm2d(spaced(4, 4))
    with pytest.raises(ShapeError, match=r"\(N, C, \*S\)"):
        F.mean_variance_norm(spaced(4, 4))
    with pytest.raises(ShapeError, match="weights for"):
        F.locally_connected2d(spaced(1, 4, 4), spaced(2, 2, 1, 1, 2, 2))
