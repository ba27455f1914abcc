"""Linear and bilinear maps."""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import einsum, matmul

__all__ = ["bilinear", "linear"]


def linear(x: TensorLike, weight: TensorLike, bias: TensorLike | None = None) -> Tensor:
    """Linear map: y[..., o] = sum over i of x[..., i] * weight[o, i] + bias[o].

    x (..., in), weight (out, in), bias (out) give (..., out). Raises ShapeError unless
    x.shape[-1] == weight.shape[1].

    >>> F.linear(tensor([[1.0, 2.0]]), tensor([[3.0, 4.0], [5.0, 6.0]]), tensor([0.5, 0.0]))
    tensor([[11.5, 17. ]])
    """
    node, matrix = as_tensor(x), as_tensor(weight)
    shape = node.type.shape  # of a symbolic node it may not be known yet
    if shape and shape[-1] != matrix.shape[1]:
        raise ShapeError(
            "linear", required=f"x.shape[-1] == {matrix.shape[1]}, the number of input features",
            received=f"x of shape {shape}",
            hint="flatten the axes after the batch" if len(shape) > 2 else None,
        )  # fmt: skip
    result = matmul(node, matrix.T)
    return result if bias is None else result + bias


def bilinear(
    x1: TensorLike, x2: TensorLike, weight: TensorLike, bias: TensorLike | None = None
) -> Tensor:
    """Bilinear form: y[..., o] = sum over i, j of x1[..., i] * weight[o, i, j] * x2[..., j] + b[o].

    x1 (..., in1), x2 (..., in2), weight (out, in1, in2), bias (out) give (..., out).

    >>> F.bilinear(tensor([[1.0, 2.0]]), tensor([[3.0]]), tensor([[[1.0], [10.0]]]))
    tensor([[63.]])
    """
    # Two at a time: a product of matrices with all samples, then a sum for each sample.
    result = einsum("...oj,...j->...o", einsum("...i,oij->...oj", x1, weight), x2)
    return result if bias is None else result + bias
