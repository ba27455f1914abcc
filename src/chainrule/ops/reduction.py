"""Reductions along axes: sum, prod, max, min, any, all, and what is composed of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array, DType
from ..errors import ShapeError
from ..graph import NotDifferentiable, Shape, Tensor, TensorType, as_tensor, function, primitive
from .choice import astype
from .exponential import sqrt
from .movement import broadcast_to, reshape
from .rules import as_bools, normalize_axes, promoted_floating, to_bool

Axis = int | tuple[int, ...] | None


def reduced_shape(shape: Shape, *, axis: Axis = None, keepdims: bool = False) -> Shape:
    """Shape rule of reductions."""
    axes = normalize_axes(axis, len(shape), "reduction")
    if keepdims:
        return tuple(1 if k in axes else n for k, n in enumerate(shape))
    return tuple(n for k, n in enumerate(shape) if k not in axes)


def _nonempty_reduced_shape(shape: Shape, *, axis: Axis = None, keepdims: bool = False) -> Shape:
    axes = normalize_axes(axis, len(shape), "reduction")
    if any(shape[k] == 0 for k in axes):
        raise ShapeError(
            "max or min", required="at least one element along the reduced axes",
            received=f"shape {shape}, axes {axes}",
        )  # fmt: skip
    return reduced_shape(shape, axis=axis, keepdims=keepdims)


def spread(g: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """Repeat a reduced tensor along the axes that were reduced: the adjoint of sum."""
    if not keepdims:
        g = reshape(g, reduced_shape(x.shape, axis=axis, keepdims=True))
    return broadcast_to(g, x.shape)


def reduction_notation(reducer: str) -> Any:
    """Return the index notation of a reduction, such as ``out[i] = sum(k1 < 3)(x[i, k1])``."""

    def notation(x: TensorType, *, axis: Axis = None, keepdims: bool = False) -> str:
        assert x.shape is not None
        axes = normalize_axes(axis, len(x.shape), reducer)
        names = [f"k{a}" if a in axes else f"i{a}" for a in range(len(x.shape))]
        out = [n if n[0] == "i" else "0" for n in names if n[0] == "i" or keepdims]
        loops = ", ".join(f"k{a} < {x.shape[a]}" for a in axes)
        body = f"x[{', '.join(names)}]"
        right = f"{reducer}({loops})({body})" if axes else body
        return f"out[{', '.join(out)}] = {right}"

    return notation


def sum_dtype(kind: DType, **_: Any) -> DType:
    """Sums of small integers and bools are int64 (uint64 if unsigned), as the standard asks."""
    if kind.kind == "uint":
        return dtypes.uint64
    return kind if kind.is_floating else dtypes.int64


@primitive(
    shape=reduced_shape,
    dtype=sum_dtype,
    vjp=(lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),),
    notation=reduction_notation("sum"),
)
def sum_(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Sum over axes (all by default): y[i] = sum over k of x[i, k].

    >>> sum(tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    tensor([4., 6.])
    """
    if x.dtype.kind == "f":
        return _fold(np.add, x, axis, keepdims)
    total: Array = np.sum(x, axis=axis, keepdims=keepdims)
    return total


def _prod_gradient(
    g: Tensor, y: Tensor, x: Tensor, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    """Product of all other elements, from the products before and after each (zeros are safe)."""
    from ..graph.registry import call

    if x.size == 0:
        return spread(g, x, axis, keepdims)
    axes = normalize_axes(axis, x.ndim, "prod")
    rest = tuple(k for k in range(x.ndim) if k not in axes)
    moved = x.permute_dims(rest + axes)
    flat = moved.reshape(*[x.shape[k] for k in rest], math.prod(x.shape[k] for k in axes))
    ones = as_tensor(np.ones((*flat.shape[:-1], 1), x.dtype.compute), x.dtype)
    before = call("cumulative_prod", call("concat", [ones, flat[..., :-1]], axis=-1), axis=-1)
    turned = call("flip", flat, axis=-1)
    after = call("cumulative_prod", call("concat", [ones, turned[..., :-1]], axis=-1), axis=-1)
    others = (before * call("flip", after, axis=-1)).reshape(*moved.shape)
    back = tuple(int(k) for k in np.argsort(rest + axes))
    result: Tensor = spread(g, x, axis, keepdims) * others.permute_dims(back)
    return result


@primitive(
    shape=reduced_shape,
    dtype=sum_dtype,
    vjp=(_prod_gradient,),
    notation=reduction_notation("prod"),
)
def prod(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Product over axes (all by default).

    >>> prod(tensor([2.0, 3.0, 4.0]))
    tensor(24.)
    """
    total: Array = np.prod(x, axis=axis, keepdims=keepdims)
    return total


def _extreme_gradient(
    g: Tensor, y: Tensor, x: Tensor, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    """Send the gradient to the extreme element, in equal parts if there are several."""
    hit = astype(x == spread(y, x, axis, keepdims), x.dtype)
    ties = sum_(hit, axis=axis, keepdims=True)
    return spread(g, x, axis, keepdims) * (hit / ties)


_MANY = 64  # below this many elements, a loop over them beats NumPy's reduction of short axes


def _fold(ufunc: Any, x: Array, axis: Axis, keepdims: bool) -> Array:
    axes = normalize_axes(axis, x.ndim, "max or min")
    length = math.prod(x.shape[k] for k in axes)
    if not 0 < length <= _MANY or x.size < 4096 or length * _MANY > x.size:
        result: Array = ufunc.reduce(x, axis=axes, keepdims=keepdims)
        return result
    rest = tuple(k for k in range(x.ndim) if k not in axes)
    moved = x.transpose(axes + rest)
    places = list(np.ndindex(*moved.shape[: len(axes)]))
    result = moved[places[0]].copy(order="K")
    for place in places[1:]:
        ufunc(result, moved[place], out=result)
    return np.expand_dims(result, axes) if keepdims else result


@primitive(
    shape=_nonempty_reduced_shape,
    vjp=(_extreme_gradient,),
    notation=reduction_notation("max"),
)
def max_(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Maximum over axes (all by default); equal maxima share the gradient evenly.

    Raises ShapeError if there is nothing to compare.

    >>> max(tensor([[1.0, 5.0], [3.0, 4.0]]), axis=1)
    tensor([5., 4.])
    """
    return _fold(np.maximum, x, axis, keepdims)


@primitive(
    shape=_nonempty_reduced_shape,
    vjp=(_extreme_gradient,),
    notation=reduction_notation("min"),
)
def min_(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Minimum over axes (all by default); equal minima share the gradient evenly.

    Raises ShapeError if there is nothing to compare.

    >>> min(tensor([[1.0, 5.0], [3.0, 4.0]]), axis=1)
    tensor([1., 3.])
    """
    return _fold(np.minimum, x, axis, keepdims)


_NO_SLOPE = NotDifferentiable("truth values have no derivative")


@primitive(
    shape=reduced_shape,
    dtype=to_bool,
    prepare=as_bools,
    vjp=_NO_SLOPE,
    notation=reduction_notation("any"),
)
def any_(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether any element along the axes is true.

    >>> any(tensor([True, False]))
    tensor(True)
    """
    return np.asarray(np.any(x, axis=axis, keepdims=keepdims))


@primitive(
    shape=reduced_shape,
    dtype=to_bool,
    prepare=as_bools,
    vjp=_NO_SLOPE,
    notation=reduction_notation("all"),
)
def all_(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether all elements along the axes are true.

    >>> all(tensor([True, False]))
    tensor(False)
    """
    return np.asarray(np.all(x, axis=axis, keepdims=keepdims))


# --- composed ------------------------------------------------------------------------------


def count(x: Tensor, axis: Axis) -> int:
    """Return how many elements are reduced into one."""
    return math.prod(x.shape[k] for k in normalize_axes(axis, x.ndim, "reduction"))


@function
def mean(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Arithmetic mean over axes (all by default): sum / n.

    >>> mean(tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    tensor([2., 3.])
    """
    (node,) = promoted_floating([x])
    total = sum_(node, axis=axis, keepdims=keepdims)
    n = count(node, axis)
    return total * (1 / n if n else math.nan)


@function
def var(x: Any, axis: Axis = None, *, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Variance over axes: sum of (x - mean) ** 2, divided by n - correction.

    >>> var(tensor([1.0, 2.0, 3.0, 4.0]))
    tensor(1.25)
    """
    (node,) = promoted_floating([x])
    centred = node - mean(node, axis, keepdims=True)
    total = sum_(centred * centred, axis=axis, keepdims=keepdims)
    n = count(node, axis) - correction
    return total * (1 / n if n > 0 else math.nan)


@function
def std(x: Any, axis: Axis = None, *, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Standard deviation over axes: the square root of the variance.

    >>> std(tensor([1.0, 1.0, 3.0, 3.0]))
    tensor(1.)
    """
    return sqrt(var(x, axis, correction=correction, keepdims=keepdims))


@function
def count_nonzero(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Count the elements that are not zero.

    >>> count_nonzero(tensor([0.0, 2.0, 3.0]))
    tensor(2)
    """
    return sum_(as_tensor(x) != 0, axis=axis, keepdims=keepdims)


@function
def logsumexp(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Logarithm of the sum of exponentials over axes, without overflow.

    y = m + log(sum(e ** (x - m))), where m is the maximum.

    >>> logsumexp(tensor([1000.0, 0.0]))
    tensor(1000.)
    """
    from .exponential import exp, log

    (node,) = promoted_floating([x])
    top = max_(node, axis=axis, keepdims=True).detach()
    total = log(sum_(exp(node - top), axis=axis, keepdims=True)) + top
    return total if keepdims else reshape(total, reduced_shape(node.shape, axis=axis))
