"""Scale and Bias: which axes they span, in which order they act, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.errors import ShapeError

x = np.arange(24.0).reshape(2, 3, 2, 2)


@pytest.mark.parametrize(
    ("axis", "shape", "broadcast"),
    [
        (0, (2,), (2, 1, 1, 1)),
        (0, (2, 3, 2, 2), (2, 3, 2, 2)),
        (1, (3,), (1, 3, 1, 1)),
        (1, (3, 2), (1, 3, 2, 1)),
        (2, (2, 2), (1, 1, 2, 2)),
        (-1, (2,), (1, 1, 1, 2)),
        (1, (), ()),
    ],
)
def test_a_weight_spans_the_axes_from_axis_on(
    axis: int, shape: tuple[int, ...], broadcast: tuple[int, ...]
) -> None:
    w = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    np.testing.assert_array_equal(
        F.scale(cr.tensor(x), cr.tensor(w), cr.tensor(-w), axis=axis).numpy(),
        x * w.reshape(broadcast) - w.reshape(broadcast),
    )
    np.testing.assert_array_equal(
        F.add_bias(cr.tensor(x), cr.tensor(w), axis=axis).numpy(), x + w.reshape(broadcast)
    )


def test_a_new_scale_and_a_new_bias_change_nothing() -> None:
    layers = nn.Sequential(nn.Scale(3, bias=True), nn.Bias((2, 2), axis=2)).eval()
    np.testing.assert_array_equal(layers(cr.tensor(x, "float32")).numpy(), x)


def test_after_a_batch_norm_without_parameters_it_is_the_whole_batch_norm() -> None:
    whole = nn.BatchNorm2d(3, dtype="float64")
    parts = nn.Sequential(
        nn.BatchNorm2d(3, affine=False, dtype="float64"), nn.Scale(3, bias=True, dtype="float64")
    )
    for layer in (whole, parts[1]):
        layer.weight.assign([1.0, 2.0, 3.0])
        layer.bias.assign([0.5, 0.0, -0.5])
    np.testing.assert_allclose(parts(cr.tensor(x)).numpy(), whole(cr.tensor(x)).numpy())


@pytest.mark.parametrize(("axis", "size"), [(1, 2), (3, (2, 2)), (2, (2, 3))])
def test_another_shape_is_refused(axis: int, size: int | tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=rf"axes of x from axis {axis} on, x \(2, 3, 2, 2\)"):
        nn.Scale(size, axis)(cr.tensor(x, "float32"))
