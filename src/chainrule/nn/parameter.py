"""Parameter: a leaf of the graph that training changes."""

from __future__ import annotations

from ..dtypes import DTypeLike
from ..graph import Tensor, TensorLike, tensor


class Parameter(Tensor):
    """A concrete leaf tensor that wants gradients and that a Module lists as its own.

    The value is copied. Two modules that hold the same Parameter share it: it is counted, updated
    and saved once. Raises DTypeError for values that cannot have a gradient.

    >>> weight = nn.Parameter([1.0, 2.0])
    >>> (weight * 3).sum().backward()
    >>> weight.grad
    tensor([3., 3.])
    """

    __slots__ = ()

    def __init__(
        self,
        value: TensorLike,
        dtype: DTypeLike | None = None,
        *,
        requires_grad: bool = True,
        name: str | None = None,
    ) -> None:
        made = tensor(value, dtype, requires_grad=requires_grad)
        super().__init__(
            made.data, made.dtype, made.shape, requires_grad=requires_grad, name=name
        )  # fmt: skip
