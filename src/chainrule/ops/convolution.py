"""Convolution: one primitive that is closed under its own derivatives.

With a stride s, a kernel dilation d, an input dilation e and padding p in front, along each axis

    y[i] = sum over k of weight[k] * x[j]   where   j * e + p = i * s + k * d.

The gradient of x is again such a sum over the gradient of y, with s and e exchanged and the kernel
reversed; the gradient of the weight is one over x, with s and d exchanged and the gradient of y as
the kernel. So derivatives of every order, and transposed convolution too, are this primitive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Shape, Tensor, TensorType, as_tensor, function, primitive
from .convolution_kernel import Geometry, Ints, convolve_arrays, span
from .movement import flip, permute_dims, reshape
from .rules import (
    as_integer,
    index_names,
    number_pairs,
    positive_numbers,
    promoted_numeric,
)

Pairs = tuple[tuple[int, int], ...]
_FORMULA = "floor(((n - 1) * input_dilation + 1 + padding - dilation * (k - 1) - 1) / stride) + 1"


def _geometry(x: Shape, weight: Shape, attributes: Mapping[str, Any]) -> Geometry:
    return Geometry(x[2:], weight[2:], **attributes)


def _convolve_shape(x: Shape, weight: Shape, **attributes: Any) -> Shape:
    rank, groups = len(attributes["stride"]), attributes["groups"]
    if len(x) != rank + 2 or len(weight) != rank + 2:
        raise ShapeError(
            "convolve", required=f"x (N, C, *S), weight (O, C // groups, *K), {rank} axes S and K",
            received=f"{x} and {weight}",
        )  # fmt: skip
    if x[1] != weight[1] * groups or weight[0] % groups:
        raise ShapeError(
            "convolve", required="C == weight.shape[1] * groups and O divisible by groups",
            received=f"C = {x[1]} and weight {weight}, groups = {groups}",
        )  # fmt: skip
    geometry = _geometry(x, weight, attributes)
    if min(geometry.out) < 1 or min(geometry.taps) < 1:
        raise ShapeError(
            "convolve", required=f"a kernel that fits: out = {_FORMULA} >= 1",
            received=f"out = {geometry.out} of n = {x[2:]}, k = {weight[2:]}, "
            + ", ".join(f"{name} = {value}" for name, value in attributes.items()),
            hint="give more padding, or a smaller kernel",
        )  # fmt: skip
    return (x[0], weight[0], *geometry.out)


def _convolve_notation(x: TensorType, weight: TensorType, **attributes: Any) -> str:
    assert x.shape is not None
    assert weight.shape is not None
    geometry, (outputs, inner) = _geometry(x.shape, weight.shape, attributes), weight.shape[:2]
    out = index_names(len(x.shape))
    loops, places, tests = [f"k1 < {inner}"], [], []
    for a, (n, k) in enumerate(zip(geometry.lengths, geometry.taps, strict=True)):
        (low, _), e = geometry.padding[a], geometry.input_dilation[a]
        loops.append(f"k{a + 2} < {k}")
        place = f"i{a + 2} * {geometry.stride[a]} + k{a + 2} * {geometry.dilation[a]} - {low}"
        places.append(place if e == 1 else f"({place}) // {e}")
        aligned = "" if e == 1 else f"({place}) % {e} == 0 and "
        tests.append(f"{aligned}0 <= {places[-1]} and {places[-1]} < {n}")
    of_group = f"i1 // {max(1, outputs // geometry.groups)} * {inner} + "
    channel = "k1" if geometry.groups == 1 else f"{of_group}k1"
    window = ", ".join(f"k{a + 2}" for a in range(geometry.rank))
    body = f"x[i0, {channel}, {', '.join(places)}] * weight[i1, k1, {window}]"
    condition = " and ".join(tests)
    return f"out[{', '.join(out)}] = sum({', '.join(loops)})({body} if {condition} else 0)"


def _zeros(like: Tensor) -> Tensor:
    return as_tensor(np.zeros(like.shape, like.dtype.compute), like.dtype)


def _gradient_of_x(g: Tensor, y: Tensor, x: Tensor, weight: Tensor, **attributes: Any) -> Tensor:
    """Convolve the gradient, spread by the stride, with the reversed kernel."""
    if 0 in x.shape:
        return _zeros(x)
    geometry, (outputs, inner) = _geometry(x.shape, weight.shape, attributes), weight.shape[:2]
    groups, taps, rank = geometry.groups, geometry.taps, geometry.rank
    split = reshape(weight, (groups, outputs // groups, inner, *taps))
    turned = permute_dims(split, (0, 2, 1, *range(3, 3 + rank)))
    kernel = reshape(turned, (groups * inner, outputs // groups, *taps))
    padding = []
    for a, (low, _) in enumerate(geometry.padding):
        before = span(taps[a], geometry.dilation[a]) - 1 - low
        # What the stride left unread at the end of x gets its zeros from here.
        after = span(geometry.lengths[a], geometry.input_dilation[a]) + low
        padding.append((before, after - span(geometry.out[a], geometry.stride[a])))
    return _convolve(
        g, flip(kernel, axis=tuple(range(2, 2 + rank))), stride=geometry.input_dilation,
        padding=tuple(padding), dilation=geometry.dilation, input_dilation=geometry.stride,
        groups=groups,
    )  # fmt: skip


def _gradient_of_weight(
    g: Tensor, y: Tensor, x: Tensor, weight: Tensor, **attributes: Any
) -> Tensor:
    """Convolve x with the gradient as kernel; batch and channels change places."""
    if 0 in weight.shape or 0 in x.shape:
        return _zeros(weight)
    geometry, (batch, channels) = _geometry(x.shape, weight.shape, attributes), x.shape[:2]
    groups, lengths, rank = geometry.groups, geometry.lengths, geometry.rank
    split = reshape(x, (batch, groups, channels // groups, *lengths))
    turned = permute_dims(split, (2, 1, 0, *range(3, 3 + rank)))
    source = reshape(turned, (channels // groups, groups * batch, *lengths))
    padding = []
    for a, (low, _) in enumerate(geometry.padding):
        read = span(geometry.taps[a], geometry.dilation[a]) - 1
        read += span(geometry.out[a], geometry.stride[a])
        padding.append((low, read - span(lengths[a], geometry.input_dilation[a]) - low))
    exchanged = (1, 0, *range(2, 2 + rank))
    result = _convolve(
        source, permute_dims(g, exchanged), stride=geometry.dilation, padding=tuple(padding),
        dilation=geometry.stride, input_dilation=geometry.input_dilation, groups=groups,
    )  # fmt: skip
    return permute_dims(result, exchanged)


@primitive(
    shape=_convolve_shape,
    prepare=promoted_numeric,
    vjp=(_gradient_of_x, _gradient_of_weight),
    notation=_convolve_notation,
)
def _convolve(
    x: Array,
    weight: Array,
    *,
    stride: Ints,
    padding: Pairs,
    dilation: Ints,
    input_dilation: Ints,
    groups: int,
) -> Array:
    """Cross-correlate x (N, C, ...) with weight (O, C // groups, ...)."""
    geometry = Geometry(
        x.shape[2:], weight.shape[2:], stride, padding, dilation, input_dilation, groups
    )
    return convolve_arrays(x, weight, geometry)


@function
def convolve(
    x: Any,
    weight: Any,
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int | Sequence[int]] = 0,
    dilation: int | Sequence[int] = 1,
    input_dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Convolve as neural networks do (cross-correlation) along 1 to 3 spatial axes.

    x (N, C, *S) with weight (O, C // groups, *K) gives (N, O, *out), where along each axis
    out = floor((n + padding - dilation * (k - 1) - 1) / stride) + 1. There n is the length of x
    after ``input_dilation`` has put zeros between its elements, and ``padding`` the sum of a pair
    (before, after) of zeros around it (negative: cropped). Group i of the outputs sees group i of
    the channels. Raises ShapeError if the kernel does not fit.

    >>> convolve(tensor([[[1.0, 2.0, 3.0, 4.0]]]), tensor([[[1.0, 1.0]]]), stride=2)
    tensor([[[3., 7.]]])
    """
    nodes = promoted_numeric([x, weight])
    rank = nodes[1].ndim - 2
    if not 1 <= rank <= 3:
        raise ShapeError(
            "convolve", required="weight (O, C // groups, *K) with 1 to 3 axes K",
            received=f"shape {nodes[1].shape}",
        )  # fmt: skip
    if as_integer(groups, "convolve, groups") < 1:
        raise ArgumentError("convolve", required="groups >= 1", received=f"groups = {groups}")
    return _convolve(
        *nodes,
        stride=positive_numbers(stride, rank, "convolve, stride"),
        padding=number_pairs(padding, rank, "convolve, padding"),
        dilation=positive_numbers(dilation, rank, "convolve, dilation"),
        input_dilation=positive_numbers(input_dilation, rank, "convolve, input_dilation"),
        groups=int(groups),
    )
