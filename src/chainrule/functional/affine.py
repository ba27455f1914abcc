"""Scale and shift by tensors that span some axes of the input, from ``axis`` on."""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import reshape
from ..ops.rules import normalize_axis

__all__ = ["add_bias", "scale"]


def scale(
    x: TensorLike, weight: TensorLike, bias: TensorLike | None = None, *, axis: int = 1
) -> Tensor:
    """Scale, and shift: y[n, i..., s...] = x[n, i..., s...] * weight[i...] + bias[i...].

    Weight and bias have the shape of some axes of x, the first of which is ``axis``; a weight of
    shape () scales everything. Raises ShapeError for another shape. In Caffe: Scale.

    >>> F.scale(ones((1, 2, 2)), tensor([2.0, 3.0]), tensor([0.0, 0.5]))
    tensor([[[2. , 2. ],
             [3.5, 3.5]]])
    """
    node = as_tensor(x)
    y = node * _spanning(node, weight, axis, "scale")
    return y if bias is None else y + _spanning(node, bias, axis, "scale")


def add_bias(x: TensorLike, bias: TensorLike, *, axis: int = 1) -> Tensor:
    """Shift: y[n, i..., s...] = x[n, i..., s...] + bias[i...]; see scale. In Caffe: Bias.

    >>> F.add_bias(zeros((1, 2, 2)), tensor([2.0, 3.0]))
    tensor([[[2., 2.],
             [3., 3.]]])
    """
    node = as_tensor(x)
    return node + _spanning(node, bias, axis, "add_bias")


def _spanning(x: Tensor, values: TensorLike, axis: int, what: str) -> Tensor:
    """Reshape values of the shape x.shape[axis : axis + values.ndim], so that they broadcast."""
    node = as_tensor(values)
    if not node.ndim:
        return node
    start = normalize_axis(axis, x.ndim, what)
    after = x.ndim - start - node.ndim
    if after < 0 or x.shape[start : start + node.ndim] != node.shape:
        raise ShapeError(
            what, required=f"the shape of {node.ndim} axes of x from axis {axis} on, x {x.shape}",
            received=f"shape {node.shape}",
        )  # fmt: skip
    return reshape(node, (*node.shape, *[1] * after))
