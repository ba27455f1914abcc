"""x[...]: all of Python's and NumPy's indexing, made of slices, reshapes and gathers."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import ArgumentError, BoundsError, GraphError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor, constant, function
from .indexing import flat_index, take
from .movement import permute_dims, reshape, slice_by
from .rules import as_indices, normalize_axis

Entry = Any  # int, slice, None, or a Tensor of integers or bools
_ALL = slice(None)


@function
def getitem(x: TensorLike, index: Any) -> Tensor:
    """Return x[index] as NumPy does, differentiable: integers, slices, ..., None, arrays, masks.

    Integer arrays broadcast against each other and pick elements; a boolean mask picks where it is
    true, so its values must be known (ShapeError if its shape does not fit, GraphError if it is
    symbolic). Raises BoundsError for an index outside of its axis.

    >>> x = tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> x[1, ::-1], x[[0, 1], [2, 0]], x[x > 4.0]
    (tensor([6., 5., 4.]), tensor([3., 4.]), tensor([5., 6.]))
    """
    node = as_tensor(x)
    plan = _Plan(node.shape)
    for entry in _one_per_axis(_entries(index), node.ndim):
        plan.add(entry)
    sliced = slice_by(node, plan.slices)
    if sliced.shape != tuple(plan.lengths):
        sliced = reshape(sliced, plan.lengths)
    return _gather(sliced, plan) if plan.indices else sliced


def _entries(index: Any) -> list[Entry]:
    return [_entry(e) for e in (index if isinstance(index, tuple) else (index,))]


def _entry(given: Any) -> Entry:
    if given is None or given is Ellipsis or isinstance(given, slice):
        return given
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        return operator.index(given)
    if isinstance(given, list | tuple) and not given:
        return as_indices(given, "indexing")
    node = as_tensor(given)
    return _known(node) if node.dtype is dtypes.bool else as_indices(node, "indexing")


def _known(node: Tensor) -> Tensor:
    if node.symbolic:
        raise GraphError(
            "nonzero or boolean mask", required="known values: they decide the result's shape",
            received=f"the symbolic node {node.label!r}", where=node.where,
            hint="keep the shape with chainrule.where(mask, x, 0)",
        )  # fmt: skip
    return node


def _axes_used(entry: Entry) -> int:
    if isinstance(entry, Tensor) and entry.dtype is dtypes.bool:
        return entry.ndim
    return 0 if entry is None or entry is Ellipsis else 1


def _one_per_axis(entries: list[Entry], rank: int) -> list[Entry]:
    """Put full slices behind the ellipsis, or at the end if there is none.

    The ellipsis stays: even where it stands for no axis, NumPy counts it as one in between.
    """
    used = sum(map(_axes_used, entries))
    if used > rank:
        raise ShapeError("indexing", required=f"at most {rank} indices", received=str(used))
    dots = [k for k, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise ArgumentError("indexing", required="at most one ellipsis", received=str(len(dots)))
    at = dots[0] + 1 if dots else len(entries)
    return [*entries[:at], *[_ALL] * (rank - used), *entries[at:]]


@dataclass
class _Plan:
    """What indexing does: slice every axis, reshape to ``lengths``, gather along ``axes``."""

    shape: tuple[int, ...]
    slices: list[slice] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    axes: list[int] = field(default_factory=list)
    indices: list[Tensor] = field(default_factory=list)
    picks: list[bool] = field(default_factory=list)  # NumPy counts integers among the arrays

    def add(self, entry: Entry) -> None:
        if entry is None:
            self.lengths.append(1)
        elif isinstance(entry, Tensor) and entry.dtype is dtypes.bool:
            self._add_mask(entry)
        elif isinstance(entry, Tensor):
            self._add_array(entry)
        elif entry is not Ellipsis:
            self._add_basic(entry)
        self.picks.append(isinstance(entry, int | Tensor))

    @property
    def _axis(self) -> int:
        return len(self.slices)

    def _add_basic(self, entry: int | slice) -> None:
        length = self.shape[self._axis]
        if isinstance(entry, slice):
            self.lengths.append(len(range(*_bounds(entry, length))))
            self.slices.append(entry)
            return
        if not -length <= entry < length:
            raise BoundsError(
                "indexing", required=f"-{length} <= index < {length}",
                received=f"index {entry} for axis {self._axis} of length {length}",
            )  # fmt: skip
        place = entry % length
        self.slices.append(slice(place, place + 1))

    def _add_array(self, indices: Tensor) -> None:
        self.axes.append(len(self.lengths))
        self.indices.append(indices)
        self.lengths.append(self.shape[self._axis])
        self.slices.append(_ALL)

    def _add_mask(self, mask: Tensor) -> None:
        masked = self.shape[self._axis : self._axis + mask.ndim]
        if mask.shape != masked:
            raise ShapeError(
                "indexing", required=f"a mask of shape {masked}, as the axes it selects from",
                received=f"shape {mask.shape}",
            )  # fmt: skip
        if mask.ndim:
            for indices in nonzero(mask):
                self._add_array(indices)
        else:  # selects from an axis of length 1 that it inserts
            self.axes.append(len(self.lengths))
            self.indices.append(constant(np.zeros(int(mask.item()), np.int64)))
            self.lengths.append(1)

    @property
    def together(self) -> bool:
        """Whether all picking indices stand side by side; then the result's axes stay there."""
        picking = [k for k, picks in enumerate(self.picks) if picks]
        return picking[-1] - picking[0] == len(picking) - 1


def _bounds(part: slice, length: int) -> tuple[int, int, int]:
    try:
        return part.indices(length)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            "indexing", required="slices of integers with a step other than 0",
            received=f"{part.start}:{part.stop}:{part.step} ({error})",
        ) from None  # fmt: skip


def _gather(x: Tensor, plan: _Plan) -> Tensor:
    """Gather along axes: side by side in their place, else in front of all others."""
    axes = plan.axes
    at = axes[0] if plan.together else 0
    rest = [k for k in range(x.ndim) if k not in axes]
    order = [*rest[:at], *axes, *rest[at:]]
    if order != sorted(order):
        x = permute_dims(x, order)
    if len(axes) == 1:
        return take(x, plan.indices[0], axis=at)
    lengths = x.shape[at : at + len(axes)]
    merged = reshape(x, (*x.shape[:at], math.prod(lengths), *x.shape[at + len(axes) :]))
    return take(merged, flat_index(*plan.indices, lengths=lengths), axis=at)


@function
def nonzero(x: TensorLike) -> tuple[Tensor, ...]:
    """Return where x is not zero: for each axis the indices of those elements, in row-major order.

    Their number depends on the values: GraphError for a symbolic tensor.

    >>> nonzero(tensor([[0, 7], [8, 0]]))
    (tensor([0, 1]), tensor([1, 0]))
    """
    node = _known(as_tensor(x))
    if node.ndim == 0:
        raise ShapeError("nonzero", required="at least one axis", received="shape ()")
    return tuple(constant(places.astype(np.int64)) for places in np.nonzero(node.value))


@function
def boolean_mask(x: TensorLike, mask: TensorLike, *, axis: int = 0) -> Tensor:
    """Keep the slices where the mask is true; the mask covers one or more axes from ``axis`` on.

    Differentiable in x. The number of slices depends on the mask: GraphError if it is symbolic.

    >>> boolean_mask(tensor([[1.0, 2.0, 3.0]]), [True, False, True], axis=1)
    tensor([[1., 3.]])
    """
    node, selected = as_tensor(x), as_tensor(mask)
    if selected.dtype is not dtypes.bool:
        raise ArgumentError("boolean_mask", required="a bool mask", received=str(selected.dtype))
    before: Sequence[Entry] = [_ALL] * normalize_axis(axis, node.ndim, "boolean_mask")
    return getitem(node, (*before, selected))
