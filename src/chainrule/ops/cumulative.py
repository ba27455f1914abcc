"""Running totals along an axis, and the linear recurrence that is their common derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import Array, DTypeLike
from ..errors import ArgumentError, ShapeError
from ..graph import (
    NotDifferentiable,
    Opaque,
    Shape,
    Tensor,
    TensorLike,
    as_tensor,
    function,
    primitive,
)
from .choice import astype
from .creation import ones, zeros
from .indexing import take_along_axis
from .joining import concat
from .movement import slice_by
from .reduction import sum_dtype
from .rules import normalize_axis, promoted_floating, to_index

_RUNNING = Opaque("each element needs the one before it")


def _checked(*shapes: Shape, axis: int, **_: Any) -> Shape:
    if any(shape != shapes[0] for shape in shapes):
        raise ShapeError(
            "linear_recurrence",
            required="two equal shapes",
            received=" and ".join(map(str, shapes)),
        )
    normalize_axis(axis, len(shapes[0]), "cumulative")
    return shapes[0]


def _part(x: Tensor, axis: int, part: slice) -> Tensor:
    at = normalize_axis(axis, x.ndim, "cumulative")
    return slice_by(x, [part if k == at else slice(None) for k in range(x.ndim)])


def _edge(x: Tensor, axis: int, make: Any) -> Tensor:
    """Return ones or zeros of length 1 along an axis, to put before or behind x."""
    at = normalize_axis(axis, x.ndim, "cumulative")
    edge: Tensor = make((*x.shape[:at], 1, *x.shape[at + 1 :]), dtype=x.dtype)
    return edge


def _shifted(x: Tensor, axis: int, reverse: bool, make: Any = zeros) -> Tensor:
    """Move x one place along an axis: element t becomes element t - 1 (t + 1 if reverse)."""
    if x.shape[axis] == 0:
        return x
    edge = _edge(x, axis, make)
    if reverse:
        return concat([_part(x, axis, slice(1, None)), edge], axis=axis)
    return concat([edge, _part(x, axis, slice(None, -1))], axis=axis)


def _turned(x: Array, axis: int, reverse: bool) -> Array:
    return np.flip(x, axis) if reverse else x


# --- sum -------------------------------------------------------------------------------------


@primitive(
    shape=_checked,
    dtype=sum_dtype,
    vjp=(lambda g, y, x, axis, reverse: _cumulative_sum(g, axis=axis, reverse=not reverse),),
    notation=_RUNNING,
)
def _cumulative_sum(x: Array, *, axis: int, reverse: bool) -> Array:
    """Sum up to each element along an axis, from the end if reverse."""
    return _turned(np.cumsum(_turned(x, axis, reverse), axis), axis, reverse)


def _axis_of(x: Tensor, axis: int | None, what: str) -> int:
    if axis is None and x.ndim != 1:
        raise ShapeError(
            what, required="axis=..., unless x has one axis", received=f"shape {x.shape}"
        )
    return 0 if axis is None else axis


@function
def cumulative_sum(
    x: TensorLike,
    *,
    axis: int | None = None,
    dtype: DTypeLike | None = None,
    include_initial: bool = False,
) -> Tensor:
    """Running sum along an axis: y[t] = x[0] + ... + x[t].

    ``include_initial`` puts the empty sum, 0, in front. ``axis`` may be left out for one axis.

    >>> cumulative_sum(tensor([1.0, 2.0, 3.0]))
    tensor([1., 3., 6.])
    """
    node = as_tensor(x) if dtype is None else astype(x, dtype)
    at = _axis_of(node, axis, "cumulative_sum")
    total = _cumulative_sum(node, axis=at, reverse=False)
    total = total if dtype is None else astype(total, dtype)
    return concat([_edge(total, at, zeros), total], axis=at) if include_initial else total


# --- linear recurrence -----------------------------------------------------------------------


def _recurrence_of_weight(
    g: Tensor, y: Tensor, a: Tensor, b: Tensor, axis: int, reverse: bool
) -> Tensor:
    return _recurrence_of_input(g, y, a, b, axis, reverse) * _shifted(y, axis, reverse)


def _recurrence_of_input(
    g: Tensor, y: Tensor, a: Tensor, b: Tensor, axis: int, reverse: bool
) -> Tensor:
    """Run the other way: h[t] = g[t] + a[t + 1] * h[t + 1]."""
    weight = _shifted(a, axis, not reverse)
    return _linear_recurrence(weight, g, axis=axis, reverse=not reverse)


@primitive(
    shape=_checked,
    prepare=promoted_floating,
    vjp=(_recurrence_of_weight, _recurrence_of_input),
    notation=_RUNNING,
)
def _linear_recurrence(a: Array, b: Array, *, axis: int, reverse: bool) -> Array:
    """Compute y[t] = a[t] * y[t - 1] + b[t] along an axis, from the end if reverse."""
    result = np.array(b)
    weights = np.moveaxis(a, axis, 0)
    steps = np.moveaxis(result, axis, 0)
    order = range(len(steps) - 2, -1, -1) if reverse else range(1, len(steps))
    before = 1 if reverse else -1
    for t in order:
        steps[t] += weights[t] * steps[t + before]
    return result


@function
def linear_recurrence(
    a: TensorLike, b: TensorLike, *, axis: int = 0, reverse: bool = False
) -> Tensor:
    """First-order linear recurrence along an axis: y[t] = a[t] * y[t - 1] + b[t], with y[-1] = 0.

    Two equal shapes; ``reverse`` runs from the end: y[t] = a[t] * y[t + 1] + b[t]. Its derivative
    is a linear recurrence that runs the other way. It is the core of moving averages, discounted
    returns and linear state-space models (Gu and Dao, "Mamba", 2023).

    >>> linear_recurrence([0.5, 0.5, 0.5], [1.0, 1.0, 1.0])
    tensor([1.  , 1.5 , 1.75])
    """
    return _linear_recurrence(a, b, axis=axis, reverse=reverse)


# --- product ---------------------------------------------------------------------------------


def _cumulative_prod_gradient(g: Tensor, y: Tensor, x: Tensor, axis: int) -> Tensor:
    """Multiply the product before x[t] by the sum of what follows; no division, zeros are safe.

    dL/dx[t] = x[0] ... x[t - 1] * h[t], where h[t] = g[t] + x[t + 1] * h[t + 1].
    """
    before = _cumulative_prod(_shifted(x, axis, False, ones), axis=axis)
    return before * _recurrence_of_input(g, y, x, x, axis, False)


@primitive(
    shape=_checked,
    dtype=sum_dtype,
    vjp=(_cumulative_prod_gradient,),
    notation=_RUNNING,
)
def _cumulative_prod(x: Array, *, axis: int) -> Array:
    """Multiply up to each element along an axis."""
    return np.cumprod(x, axis)


@function
def cumulative_prod(
    x: TensorLike,
    *,
    axis: int | None = None,
    dtype: DTypeLike | None = None,
    include_initial: bool = False,
) -> Tensor:
    """Running product along an axis: y[t] = x[0] * ... * x[t]; differentiable at zeros too.

    ``include_initial`` puts the empty product, 1, in front. ``axis`` may be left out for one axis.

    >>> cumulative_prod(tensor([2.0, 3.0, 4.0]))
    tensor([ 2.,  6., 24.])
    """
    node = as_tensor(x) if dtype is None else astype(x, dtype)
    at = _axis_of(node, axis, "cumulative_prod")
    total = _cumulative_prod(node, axis=at)
    total = total if dtype is None else astype(total, dtype)
    return concat([_edge(total, at, ones), total], axis=at) if include_initial else total


# --- maximum, minimum ------------------------------------------------------------------------


@primitive(
    shape=_checked,
    dtype=to_index,
    vjp=NotDifferentiable("positions have no derivative"),
    notation=_RUNNING,
)
def _record_positions(x: Array, *, axis: int, largest: bool) -> Array:
    """Return where the extreme of the elements so far stands; the first NaN stays."""
    lines = np.moveaxis(x, axis, -1)
    places = np.zeros(lines.shape, np.int64)
    if lines.shape[-1] > 1:
        best = (np.maximum if largest else np.minimum).accumulate(lines, axis=-1)[..., :-1]
        new = lines[..., 1:]
        unbeaten = new <= best if largest else new >= best
        record = ~unbeaten & (best == best)
        places[..., 1:] = np.where(record, np.arange(1, lines.shape[-1]), 0)
        np.maximum.accumulate(places, axis=-1, out=places)
    return np.moveaxis(places, -1, axis)


def _running(x: TensorLike, axis: int | None, largest: bool, what: str) -> Tensor:
    node = as_tensor(x)
    at = _axis_of(node, axis, what)
    return take_along_axis(node, _record_positions(node, axis=at, largest=largest), axis=at)


@function
def cumulative_max(x: TensorLike, *, axis: int | None = None) -> Tensor:
    """Running maximum along an axis: y[t] = max(x[0], ..., x[t]).

    Of equal elements the first one gets the gradient.

    >>> cumulative_max(tensor([1.0, 3.0, 2.0]))
    tensor([1., 3., 3.])
    """
    return _running(x, axis, True, "cumulative_max")


@function
def cumulative_min(x: TensorLike, *, axis: int | None = None) -> Tensor:
    """Running minimum along an axis: y[t] = min(x[0], ..., x[t]).

    Of equal elements the first one gets the gradient.

    >>> cumulative_min(tensor([2.0, 3.0, 1.0]))
    tensor([2., 2., 1.])
    """
    return _running(x, axis, False, "cumulative_min")


# --- differences -----------------------------------------------------------------------------


@function
def diff(x: TensorLike, *, axis: int = -1, n: int = 1) -> Tensor:
    """Difference of neighbours along an axis, n times: y[t] = x[t + 1] - x[t].

    (..., m, ...) -> (..., max(m - n, 0), ...).

    >>> diff(tensor([1.0, 4.0, 9.0]))
    tensor([3., 5.])
    """
    node = as_tensor(x)
    if n < 0:
        raise ArgumentError("diff", required="n >= 0", received=str(n))
    for _ in range(n):
        node = _part(node, axis, slice(1, None)) - _part(node, axis, slice(None, -1))
    return node
