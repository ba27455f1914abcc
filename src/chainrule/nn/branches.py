"""Containers with several inputs and outputs: tuples of tensors go in and come out."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, ShapeError
from ..graph import Tensor
from ..ops import concat, pad, reshape
from ..ops.rules import normalize_axis
from .containers import Concat, _checked, _Numbered
from .module import Module

__all__ = ["Bottle", "ConcatTable", "DepthConcat", "MapTable", "ParallelTable"]


class ConcatTable(_Numbered):
    """All modules get the same input, and the result is the tuple of their outputs.

    y = (f_1(x), ... f_n(x)); x may be a tuple itself. In Torch7: ConcatTable.

    >>> nn.ConcatTable(nn.ReLU(), nn.Identity())(tensor([-1.0]))
    (tensor([0.]), tensor([-1.]))
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, x: Any) -> tuple[Any, ...]:
        """Return all outputs."""
        return tuple(module(x) for module in self)


class ParallelTable(_Numbered):
    """Module i gets entry i of a tuple: y = (f_1(x_1), ... f_n(x_n)).

    Raises ArgumentError unless there are as many entries as modules. In Torch7: ParallelTable.

    >>> nn.ParallelTable(nn.ReLU(), nn.Identity())((tensor([-1.0]), tensor([-2.0])))
    (tensor([0.]), tensor([-2.]))
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, inputs: Any) -> tuple[Any, ...]:
        """Hand out the entries."""
        entries = entries_of(inputs, "ParallelTable", len(self))
        return tuple(module(x) for module, x in zip(self, entries, strict=True))


class MapTable(Module):
    """One module for every entry of a tuple: y = (f(x_1), ... f(x_n)), with the same parameters.

    In Torch7: MapTable.

    >>> nn.MapTable(nn.ReLU())((tensor([-1.0]), tensor([2.0])))
    (tensor([0.]), tensor([2.]))
    """

    def __init__(self, module: Module) -> None:
        self.module = _checked(module, "MapTable")

    def forward(self, inputs: Any) -> tuple[Any, ...]:
        """Call the module on each entry."""
        return tuple(self.module(x) for x in entries_of(inputs, "MapTable"))


class Bottle(Module):
    """A module that wants ``input_dims`` axes gets inputs with more: the first ones are one batch.

    x (A, B, ..., features) goes in as (A * B ..., features), and the result gets the axes A, B, ...
    back. Raises ShapeError for too few axes. In Torch7: Bottle.

    >>> nn.Bottle(nn.Conv2d(1, 4, 3), input_dims=4)(ones((2, 5, 1, 6, 6))).shape
    (2, 5, 4, 4, 4)
    """

    def __init__(self, module: Module, input_dims: int = 2) -> None:
        self.module = _checked(module, "Bottle")
        self.input_dims = input_dims

    def forward(self, x: Tensor) -> Any:
        """Merge the first axes, call, split them again."""
        kept = self.input_dims - 1
        if x.ndim < self.input_dims or kept < 0:
            raise ShapeError(
                "Bottle", required=f"at least input_dims = {self.input_dims} axes",
                received=f"x of shape {x.shape}",
            )  # fmt: skip
        first = x.shape[: x.ndim - kept]
        count = 1
        for n in first:
            count *= n
        y = self.module(reshape(x, (count, *x.shape[len(first) :])))
        return reshape(y, (*first, *y.shape[1:]))

    def extra_repr(self) -> str:
        """Show the number of axes."""
        return f"input_dims={self.input_dims}"


class DepthConcat(Concat):
    """Concat of outputs of different extent: the smaller ones stay in the middle, between zeros.

    Along all axes but ``axis`` every output becomes as long as the longest; of an odd number of
    zeros one more comes after. In Torch7: DepthConcat (for modules of Szegedy et al. 2015).

    >>> nn.DepthConcat(nn.Identity(), nn.AvgPool2d(3, 1))(ones((1, 1, 4, 4))).shape
    (1, 2, 4, 4)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Pad the outputs, and join them."""
        outputs = [module(x) for module in self]
        at = normalize_axis(self.axis, outputs[0].ndim, "DepthConcat")
        longest = [max(lengths) for lengths in zip(*(y.shape for y in outputs), strict=True)]
        return concat([_centred(y, longest, at) for y in outputs], axis=at)


def _centred(y: Tensor, lengths: list[int], kept: int) -> Tensor:
    pairs = [
        (0, 0) if k == kept else ((n - m) // 2, n - m - (n - m) // 2)
        for k, (m, n) in enumerate(zip(y.shape, lengths, strict=True))
    ]
    return pad(y, pairs)


def entries_of(inputs: Any, what: str, count: int | None = None) -> tuple[Any, ...]:
    """Return the entries of a tuple; ArgumentError if it is none, or has another length."""
    if not isinstance(inputs, tuple | list) or (count is not None and len(inputs) != count):
        several = "a tuple of tensors" if count is None else f"a tuple of {count} entries"
        raise ArgumentError(
            what, required=several,
            received=f"{len(inputs)} entries" if isinstance(inputs, tuple | list)
            else type(inputs).__name__,
        )  # fmt: skip
    return tuple(inputs)
