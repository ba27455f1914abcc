"""Merges and selections: layers that take a tuple of tensors, as ``ConcatTable`` returns it.

The names are Torch7's, where a tuple is a table. Layers that merge also take the tensors themselves
as arguments; shapes broadcast, and the first and second derivatives are those of the operations.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, ClassVar

from ..errors import ArgumentError
from ..graph import Tensor
from ..graph.trees import flatten_tree
from ..ops import add, concat, divide, expand_dims, maximum, minimum, multiply, subtract, unstack
from .branches import entries_of
from .function_layer import FunctionLayer
from .module import Module

__all__ = [
    "CAddTable",
    "CDivTable",
    "CMaxTable",
    "CMinTable",
    "CMulTable",
    "CSubTable",
    "FlattenTable",
    "JoinTable",
    "MixtureTable",
    "NarrowTable",
    "SelectTable",
    "SplitTable",
    "ZipTable",
]


def _entries(inputs: tuple[Any, ...], what: str, count: int | None = None) -> tuple[Any, ...]:
    """Return what was given: one tuple of tensors, or the tensors as arguments."""
    alone = len(inputs) == 1 and isinstance(inputs[0], tuple | list)
    entries = entries_of(inputs[0] if alone else inputs, what, count)
    if not entries:
        raise ArgumentError(what, required="at least one tensor", received="none")
    return entries


class _Merge(Module):
    operation: ClassVar[Callable[..., Tensor]]
    count: ClassVar[int | None] = None

    def forward(self, *inputs: Any) -> Tensor:
        """Merge the tensors, from the first to the last."""
        entries = _entries(inputs, type(self).__name__, self.count)
        merged: Tensor = reduce(self.operation, entries)
        return merged


class CAddTable(_Merge):
    """Sum of tensors: x_1 + ... + x_n.

    >>> nn.CAddTable()((tensor([1.0]), tensor([2.0]), tensor([3.0])))
    tensor([6.])
    """

    operation = add


class CSubTable(_Merge):
    """Difference of two tensors: x_1 - x_2.

    >>> nn.CSubTable()((tensor([1.0]), tensor([3.0])))
    tensor([-2.])
    """

    operation, count = subtract, 2


class CMulTable(_Merge):
    """Product of tensors: x_1 * ... * x_n.

    >>> nn.CMulTable()((tensor([2.0]), tensor([3.0]), tensor([4.0])))
    tensor([24.])
    """

    operation = multiply


class CDivTable(_Merge):
    """Quotient of two tensors: x_1 / x_2.

    >>> nn.CDivTable()((tensor([1.0]), tensor([4.0])))
    tensor([0.25])
    """

    operation, count = divide, 2


class CMaxTable(_Merge):
    """Largest of tensors, element by element; at a tie of two each gets half of the gradient.

    >>> nn.CMaxTable()((tensor([1.0, 5.0]), tensor([3.0, 2.0])))
    tensor([3., 5.])
    """

    operation = maximum


class CMinTable(_Merge):
    """Smallest of tensors, element by element; at a tie of two each gets half of the gradient.

    >>> nn.CMinTable()((tensor([1.0, 5.0]), tensor([3.0, 2.0])))
    tensor([1., 2.])
    """

    operation = minimum


class JoinTable(FunctionLayer, function=concat):
    """Join the tensors of a tuple along an axis.

    >>> nn.JoinTable(0)((tensor([1.0]), tensor([2.0, 3.0])))
    tensor([1., 2., 3.])
    """

    axis: int = 1

    def forward(self, *inputs: Any) -> Tensor:
        """Join."""
        return concat(_entries(inputs, "JoinTable"), axis=self.axis)


class SplitTable(FunctionLayer, function=unstack):
    """Cut into the tuple of tensors along an axis, which disappears.

    >>> nn.SplitTable()(tensor([[1.0, 2.0]]))
    (tensor([1.]), tensor([2.]))
    """

    axis: int = 1


def _select(entries: Any, index: int | str) -> Any:
    try:
        return entries[index]
    except (IndexError, KeyError, TypeError):
        size = f"{len(entries)} entries" if hasattr(entries, "__len__") else "no tuple"
        raise ArgumentError("SelectTable", required=f"an entry {index!r}", received=size) from None


class SelectTable(FunctionLayer, function=_select):
    """One entry of a tuple, by number from 0 (or from the end: -1), or of a dictionary, by name.

    Raises ArgumentError if there is none.

    >>> nn.SelectTable(-1)((tensor([1.0]), tensor([2.0])))
    tensor([2.])
    """

    index: int | str


def _narrow(entries: Any, offset: int, length: int = 1) -> tuple[Any, ...]:
    held = entries_of(entries, "NarrowTable")
    if not 0 <= offset <= offset + length <= len(held):
        raise ArgumentError(
            "NarrowTable", required=f"entries {offset} to {offset + length - 1}",
            received=f"a tuple of {len(held)}",
        )  # fmt: skip
    return held[offset : offset + length]


class NarrowTable(FunctionLayer, function=_narrow):
    """Part of a tuple: ``length`` entries from entry ``offset`` on, counted from 0.

    >>> nn.NarrowTable(1, 2)((tensor(1.0), tensor(2.0), tensor(3.0)))
    (tensor(2.), tensor(3.))
    """

    offset: int
    length: int = 1


def _flatten(entries: Any) -> tuple[Any, ...]:
    return tuple(flatten_tree(entries)[0])


class FlattenTable(FunctionLayer, function=_flatten):
    """One tuple of all tensors of nested tuples.

    >>> nn.FlattenTable()((tensor(1.0), (tensor(2.0), (tensor(3.0),))))
    (tensor(1.), tensor(2.), tensor(3.))
    """


def _zip(entries: Any) -> tuple[Any, ...]:
    held = [entries_of(entry, "ZipTable") for entry in entries_of(entries, "ZipTable")]
    if len({len(entry) for entry in held}) > 1:
        raise ArgumentError(
            "ZipTable", required="tuples of one length", received=str([len(e) for e in held])
        )
    return tuple(zip(*held, strict=True))


class ZipTable(FunctionLayer, function=_zip):
    """Exchange the two levels of nested tuples: ((a, b), (c, d)) becomes ((a, c), (b, d)).

    >>> nn.ZipTable()((("a", "b"), ("c", "d")))
    (('a', 'c'), ('b', 'd'))
    """


class MixtureTable(Module):
    """Mixture of experts: y = sum over i of gate[:, i] * expert_i (Jacobs et al. 1991).

    Gets (gates, experts): gates (N, n), and a tuple of n tensors (N, ...), or one tensor that has
    the experts along ``axis``.

    >>> gates, experts = tensor([[0.25, 0.75]]), (tensor([[4.0]]), tensor([[8.0]]))
    >>> nn.MixtureTable()((gates, experts))
    tensor([[7.]])
    """

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, *inputs: Any) -> Tensor:
        """Weigh the experts, and add them."""
        gates, experts = _entries(inputs, "MixtureTable", 2)
        if isinstance(experts, Tensor):
            experts = unstack(experts, axis=self.axis)
        if gates.ndim != 2 or gates.shape[1] != len(experts):
            raise ArgumentError(
                "MixtureTable", required=f"gates (N, {len(experts)}), one for each expert",
                received=f"gates of shape {gates.shape}",
            )  # fmt: skip
        weighed = [
            _behind(gate, expert.ndim) * expert
            for gate, expert in zip(unstack(gates, axis=1), experts, strict=True)
        ]
        total: Tensor = reduce(add, weighed)
        return total

    def extra_repr(self) -> str:
        """Show the axis of the experts."""
        return f"axis={self.axis}"


def _behind(gate: Tensor, rank: int) -> Tensor:
    for _ in range(rank - 1):
        gate = expand_dims(gate, axis=-1)
    return gate
